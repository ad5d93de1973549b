"""File systems of a test's own, full ones and others: mounts that only its command sees (Linux)."""

import os
import subprocess
from pathlib import Path

import pytest


def with_own_mounts(*command: str | Path) -> list[str | Path]:
    """Return a command that may mount what it likes, and should unmount it at its end.

    Below a root that is no mount itself, as in a chroot, the kernel does not let one say how mounts
    are shared, so this stays as it is. Where none are allowed, as in most containers, the test is
    skipped.
    """
    rights = [] if os.geteuid() == 0 else ["--map-root-user"]
    for propagation in ("private", "unchanged"):
        unshare = ["unshare", "--mount", f"--propagation={propagation}", *rights]
        allowed = subprocess.run([*unshare, "true"], capture_output=True, check=False)
        if allowed.returncode == 0:
            return [*unshare, *command]
    pytest.skip(
        "mounts are not allowed here: run it on a machine, or in a container with the right"
    )

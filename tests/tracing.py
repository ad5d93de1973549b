"""What a command and all that it starts writes and sends, as the kernel sees it (Linux, strace)."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

_NETWORK = ("bind", "connect", "sendto", "sendmsg", "sendmmsg")
_FILES = ("creat", "link", "linkat", "mkdir", "mkdirat", "open", "openat",
          "rename", "renameat", "renameat2", "symlink", "symlinkat")  # fmt: skip
STRACE = ("strace", "--follow-forks", "--seccomp-bpf", "--decode-fds=path",
          "--string-limit=4096", f"--trace={','.join(_NETWORK + _FILES)}")  # fmt: skip
"""What stands before a command so that it is traced."""

_CALL = re.compile(r"^\d+ +(\w+)\((.*)")
_ADDRESS = re.compile(r'sin6?_port=htons\((\d+)\).*?"([0-9a-f.:]+)"')
_PATH = re.compile(r'(?:(?:AT_FDCWD|\d+)(?:<([^>]*)>)?, )?"((?:[^"\\]|\\.)*)"')
_FAILED = re.compile(r"\) += -1 E")
# Descriptors of terminals and memory are no files.
_NO_FILES = ("/dev/", "/proc/")


class Trace(NamedTuple):
    """What was done outside of the processes' memory."""

    contacts: list[str]
    """`address:port` of everything that was spoken to; names are looked up at port 53."""
    listening: list[str]
    """`address:port` of what was listened on."""
    written: list[str]
    """Absolute paths that were made or opened for writing, sorted."""

    def outside(self, *folders: Path) -> list[str]:
        """Return what was written in none of these folders."""
        return [
            path
            for path in self.written
            if not any(Path(path).is_relative_to(folder) for folder in folders)
        ]


def can_trace() -> bool:
    """Return whether processes can be traced here."""
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-o", "/dev/null", "true"], check=False).returncode == 0


def read_trace(log: Path, folder: Path) -> Trace:
    """Read what strace wrote to `log` of processes whose current folder was `folder`."""
    contacts, listening, written = set(), set(), set()
    for line in log.read_text("utf-8", "surrogateescape").splitlines():
        call = _CALL.match(line)
        if call is None:
            continue
        name, arguments = call.groups()
        address = _ADDRESS.search(arguments)
        if address and name == "bind":
            listening.add(f"{address[2]}:{address[1]}")
        elif address:
            contacts.add(f"{address[2]}:{address[1]}")
        elif name in _FILES:
            path = _written_path(name, arguments, folder)
            if path and not path.startswith(_NO_FILES):
                written.add(path)
    return Trace(*map(sorted, (contacts, listening, written)))


def save_trace(trace: Trace, path: Path) -> None:
    """Write what `load_trace` reads."""
    path.write_text(json.dumps(trace._asdict()), encoding="utf-8")


def load_trace(path: Path) -> Trace:
    """Read what `save_trace` wrote."""
    return Trace(**json.loads(path.read_text("utf-8")))


def _written_path(name: str, arguments: str, folder: Path) -> str:
    """The path that a call makes or opens for writing; the last one where it names two."""
    if _FAILED.search(arguments):
        return ""
    if name in ("open", "openat") and not re.search(r"O_WRONLY|O_RDWR|O_CREAT", arguments):
        return ""
    base, path = _PATH.findall(arguments)[-1]
    return os.path.normpath((Path(base) if base else folder) / path)

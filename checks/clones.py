"""Clones of this repository in which the pipeline runs on the real data."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent


def with_arrays(folder: Path, data: Path) -> Path:
    """A clone at `folder` in which the data stages ran on the real files in `data`."""
    git(ROOT, "clone", "--quiet", str(ROOT), str(folder))
    run(folder, "expressions", "use", str(data))
    git(folder, "commit", "--quiet", "--all", "--message", "Use the real data")
    dvc(folder, "repro", "arrays")
    git(folder, "commit", "--quiet", "--all", "--message", "Run")
    return folder


def dvc(folder: Path, *arguments: str) -> None:
    """Run `dvc`; its output goes nowhere, unless it fails."""
    run(folder, "dvc", *arguments)


def git(folder: Path, *arguments: str) -> None:
    """Run `git` as somebody with a name."""
    run(folder, "git", "-c", "user.name=bench", "-c", "user.email=bench@example.org", *arguments)


def run(folder: Path, *command: str) -> None:
    """Run a program; its output goes nowhere, unless it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")

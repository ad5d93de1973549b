"""The last line of `make repro` where git's hashes come from another kind of processor."""

import shutil
import subprocess
from pathlib import Path

from expressions.network.processor import RECORD

ROOT = Path(__file__).parent.parent

WRITTEN = ("dvc.lock", "metrics", RECORD.as_posix())
"""What a run writes that is in git and follows the processor."""


def main() -> None:
    """Print the line, where there is one to print."""
    line = changes_in_git(ROOT)
    if line:
        print(line)


def changes_in_git(root: Path) -> str | None:
    """Return what a run on another processor changed, and the commands to keep it or to go back.

    None where the processor that trained is the one that the last commit below `root` names, and
    where there is no git to ask.
    """
    if shutil.which("git") is None:
        return None
    changed = [path for path in WRITTEN if _differs(root, path)]
    if RECORD.as_posix() not in changed:
        return None
    paths = " ".join(changed)
    return (
        f"Trained on another processor than the one in git (git diff {RECORD}), and the last bits "
        f"of a training follow the processor: {', '.join(changed)} changed. Keep it: git commit "
        f"--message 'Run on another processor' -- {paths} · Go back: git checkout HEAD -- {paths}"
    )


def _differs(root: Path, path: str) -> bool:
    command = ["git", "diff", "--quiet", "HEAD", "--", path]
    return subprocess.run(command, cwd=root, check=False).returncode == 1  # noqa: S603


if __name__ == "__main__":
    main()

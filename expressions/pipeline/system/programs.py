"""Other programs that this one runs: git and DVC."""

import subprocess
from pathlib import Path

from expressions.errors import InputError

_ADVICE = {
    "git": "Install it; on Debian: apt-get install git.",
    "dvc": "Run `make setup`, and take the commands of its environment, .venv/bin.",
}
_OF_ANOTHER = (
    "git works in no folder that belongs to another user. If you trust what is in it, run: "
    "git config --global --add safe.directory {}"
)


def output_of(program: str, *arguments: str, folder: Path) -> str:
    """Run a program in a folder and return what it writes to standard output.

    Raises:
        InputError: it is missing, or fails.
    """
    try:
        done = subprocess.run(  # noqa: S603 - names of ours
            [program, *arguments],
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=True,
        )
    except FileNotFoundError:
        raise InputError(f"the program {program} is missing. {_ADVICE[program]}") from None
    except subprocess.CalledProcessError as error:
        raise InputError(
            f"`{program} {arguments[0]}` fails in {folder}: {_reason(error.stderr, folder)}"
        ) from None
    return done.stdout


def _reason(told: str, folder: Path) -> str:
    if "dubious ownership" in told:
        return _OF_ANOTHER.format(folder.absolute())
    if "not a git repository" in told:
        return "there is no git repository. Take a clone (git clone), not a copy of the files."
    return " ".join(told.split()) or "it does not say why."

"""Hashes by which anybody can tell that two files, or two folders, are the same."""

import hashlib
from pathlib import Path

from expressions.pipeline.inputs import unlike_written


def sha256(path: Path) -> str:
    """Of a file, as `sha256sum` gives it; of a folder, over the hashes and names of its files.

    Raises:
        InputError: there is neither.
    """
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    if not path.is_dir():
        raise unlike_written(path, "is missing")
    # DVC's .gitignore files are no content.
    files = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
    listing = [f"{sha256(file)}  {file.relative_to(path).as_posix()}\n" for file in files]
    return hashlib.sha256("".join(listing).encode()).hexdigest()

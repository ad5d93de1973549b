"""The user's source files: what they are called, where they come from, and taking them in."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from expressions.datasets.known_files import describe
from expressions.datasets.packings import find_packed, open_packed, packed_name
from expressions.errors import InputError
from expressions.pipeline.outputs import whole_folder
from expressions.pipeline.paths import SOURCE

FILES = SOURCE / "files"

_COPY_BYTES = 1 << 20


class SourceFile(NamedTuple):
    """A file that a data set's owner publishes."""

    names: tuple[str, ...]
    """What it may be called, without the suffix of a packing."""
    origin: str
    """Where to get it."""


def find_source(folder: Path, file: SourceFile) -> Path:
    """Find `file` in `folder`, plain or packed.

    Raises:
        InputError: there is none; the message says where to get it and where to put it.
    """
    path = find_packed(folder, file.names)
    if path is None:
        raise InputError(
            f"{' or '.join(file.names)} is missing in {folder} (it may be plain, .zip, .gz or "
            f".xz). Get it from {file.origin} and put it there."
        )
    return path


@contextmanager
def open_source(folder: Path, file: SourceFile) -> Iterator[tuple[Path, str, IO[bytes]]]:
    """Open `file` of `folder`: give the path of what holds it, its own name, its unpacked bytes.

    Raises:
        InputError: there is none, or it is damaged.
    """
    path = find_source(folder, file)
    name = packed_name(path, file.names)
    with open_packed(path, name) as stream:
        yield path, name, stream


def take_source(source: Path, file: SourceFile, folder: Path) -> Path:
    """Unpack `file` of the folder `source` into `folder`, and say which edition it is.

    Returns:
        The path of what was written.

    Raises:
        InputError: there is none, or it is damaged.
    """
    digest = hashlib.sha256()
    with open_source(source, file) as (path, name, stream), (folder / name).open("wb") as sink:
        while block := stream.read(_COPY_BYTES):
            digest.update(block)
            sink.write(block)
    print(f"{path}: {describe(digest.hexdigest())}")
    return folder / name


def link_source_files(dataset: str, paths: Iterable[Path]) -> None:
    """Link the user's files to where the pipeline reads those of `dataset`."""
    with whole_folder(FILES / dataset) as target:
        for path in paths:
            # One archive may hold several of the files.
            if not (target / path.name).exists():
                (target / path.name).symlink_to(path.resolve())

"""The user's source files: what they are called, where they come from, and taking them in."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from expressions.datasets.sources.contents import read_content
from expressions.datasets.sources.known_files import describe
from expressions.datasets.sources.limits import Limits
from expressions.datasets.sources.packings import PACKINGS, find_packed, open_packed, packed_name
from expressions.errors import InputError
from expressions.pipeline.outputs import whole_folder
from expressions.pipeline.paths import SOURCE

FILES = SOURCE / "files"

_COPY_BYTES = 1 << 20
_SHOWN = 8


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
    if path is not None:
        return path
    raise InputError(
        f"{' or '.join(file.names)} is missing in {folder} (it may be plain or packed: "
        f"{', '.join(PACKINGS)}). Get it from {file.origin} and put it there.{_found(folder, file)}"
    )


@contextmanager
def open_source(
    folder: Path, file: SourceFile, limits: Limits | None = None
) -> Iterator[tuple[Path, str, IO[bytes]]]:
    """Open `file` of `folder`: give the path of what holds it, its own name, its unpacked bytes.

    Raises:
        InputError: there is none, or it is damaged.
    """
    path = find_source(folder, file)
    name = packed_name(path, file.names)
    with open_packed(path, name, limits) as stream:
        yield path, name, stream


class RawFile(NamedTuple):
    """A source file in a raw folder."""

    origin: Path
    """The user's own path of it, plain or packed, which messages name."""
    path: Path


def take_source(source: Path, file: SourceFile, folder: Path, limits: Limits) -> RawFile:
    """Unpack `file` of the folder `source` into `folder`, and say which edition it is.

    Raises:
        InputError: there is none, it is damaged, or larger than `limits` allow.
    """
    digest = hashlib.sha256()
    opened = open_source(source, file, limits)
    with opened as (origin, name, stream), (folder / name).open("wb") as sink:
        while block := stream.read(_COPY_BYTES):
            digest.update(block)
            sink.write(block)
    print(f"{origin}: {describe(digest.hexdigest())}")
    return RawFile(origin, folder / name)


def link_source_files(dataset: str, paths: Iterable[Path]) -> None:
    """Link the user's files to where the pipeline reads those of `dataset`."""
    with whole_folder(FILES / dataset) as target:
        for path in paths:
            # One archive may hold several of the files.
            if not (target / path.name).exists():
                (target / path.name).symlink_to(path.resolve())


def _found(folder: Path, file: SourceFile) -> str:
    """Say what lies in its place: a file whose name lacks its ending, or which files there are."""
    for name in file.names:
        path = folder / Path(name).stem
        if path.is_file():
            return f" {path} is {read_content(path)}: if it is that one, give its name the ending."
    names = sorted(path.name for path in folder.glob("*") if not path.name.startswith("."))
    shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    return f" Found: {shown}." if names else ""

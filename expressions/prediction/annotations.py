"""The files that `--annotate` writes: pictures and videos with boxes, and plots of videos.

None of them takes the place of a file that was there before, and none is taken for a source later.
"""

import os
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile

from expressions.errors import InputError
from expressions.pipeline.system.error_messages import explain

_LONGEST_NAME = 200
"""Bytes: most systems take 255, and a file that is not finished has a longer name."""

# A box of the kind that MP4 readers skip. JPEG and PNG readers stop before it.
_MARK_TEXT = b"by expressions predict --annotate"
_MARK = (len(_MARK_TEXT) + 8).to_bytes(4, "big") + b"free" + _MARK_TEXT


class NotWrittenError(InputError):
    """An annotated picture or video, or a plot, cannot be written."""


class Annotations:
    """Gives every file that is written a name of its own.

    Names are told apart by what they become, also where a disk takes `A` and `a` for the same.

    Raises:
        InputError: nothing can be written to the folder.
    """

    def __init__(self, folder: Path) -> None:
        # Before hours of work: the reasons that hold for every file.
        try:
            folder.mkdir(parents=True, exist_ok=True)
            TemporaryFile(dir=folder).close()
        except OSError as error:
            raise InputError(explain(error, f"{folder} cannot be written to")) from None
        self._folder = folder
        self._taken: set[str] = set()
        self.renamed: list[Path] = []
        """Those that could not be called as their source."""

    def path_for(self, name: str, suffixes: Sequence[str]) -> Path:
        """Return a path without suffix, such that with each of `suffixes` it names a new file."""
        base = self._folder / _shortened(name)
        path, number = base, 1
        while any(self._is_taken(Path(f"{path}{suffix}")) for suffix in suffixes):
            number += 1
            path = base.with_name(f"{base.name}-{number}")
        if number > 1:
            self.renamed.append(Path(f"{path}{suffixes[0]}"))
        self._taken |= {_key(Path(f"{path}{suffix}")) for suffix in suffixes}
        return path

    def _is_taken(self, path: Path) -> bool:
        return _key(path) in self._taken or os.path.lexists(path)


def is_annotation(path: Path) -> bool:
    """Return whether a file is one that `--annotate` wrote."""
    try:
        with path.open("rb") as file:
            file.seek(-len(_MARK), os.SEEK_END)
            return file.read() == _MARK
    except OSError:
        return False


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Give a path to write to, which becomes `path` with a mark when the block ends well.

    On Ctrl-C what is there becomes `path`, too.

    Raises:
        NotWrittenError: it cannot be written.
    """
    partial = path.with_name(f".{path.stem}.partial{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield partial
        except KeyboardInterrupt:
            _finish(partial, path)
            raise
        _finish(partial, path)
    except OSError as error:
        told = explain(error, f"{path} cannot be written")
        raise NotWrittenError(f"{told} Nothing that was there is changed.") from None
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _finish(partial: Path, path: Path) -> None:
    # A video without a frame has no file.
    if partial.exists():
        with partial.open("ab") as file:
            file.write(_MARK)
        partial.replace(path)


def _shortened(name: str) -> str:
    path = Path(name)
    last = path.name
    while len(os.fsencode(last)) > _LONGEST_NAME:
        last = last[:-1]
    return str(path.with_name(last))


def _key(path: Path) -> str:
    return unicodedata.normalize("NFC", str(path)).casefold()

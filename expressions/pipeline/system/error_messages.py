"""What the system refuses, told to the person: what is wrong, and what to do."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MAKE_ROOM = "Make room, then run it again."
_ASK_OWNER = "Have its owner give you the right to it (chmod), or name another one."
_MORE_FILES = "Allow more: ulimit -n 4096."
_MORE_MEMORY = "Close other programs, then run it again."

_ADVICE = {
    errno.ENOSPC: _MAKE_ROOM,
    errno.EDQUOT: _MAKE_ROOM,
    errno.EFBIG: "Raise the limit, which ulimit -f shows.",
    errno.EROFS: "Name another place, or mount it for writing.",
    errno.EACCES: _ASK_OWNER,
    errno.EPERM: _ASK_OWNER,
    errno.ENAMETOOLONG: "Take a shorter one: most systems allow 255 bytes, and 4,096 for a path.",
    errno.EEXIST: "Name another place, or remove what stands there.",
    errno.ENOTDIR: "A file stands where a folder is expected; name another place.",
    errno.EISDIR: "Name a file.",
    errno.ELOOP: "Name the file itself.",
    errno.EMFILE: _MORE_FILES,
    errno.ENFILE: _MORE_FILES,
    errno.ENOMEM: _MORE_MEMORY,
    errno.EIO: "Look whether its disk is sound.",
    errno.EPIPE: "What reads it ended too early; write to a file, for all of it.",
}
"""By the number of a system's error: what to do."""

_OF_WRITING = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""Numbers that only writing brings, and without a file's name."""

_EXCERPT = 40


def explain(error: BaseException, of: str | None = None) -> str:
    """Return one line on an error of the system: of which file, what is wrong, and what to do.

    Args:
        error: one of the system's, or of a library that passes it on.
        of: what to begin with; by default the file that the error names, if it names one.
    """
    if isinstance(error, UnicodeEncodeError):
        text = error.object[max(0, error.start - _EXCERPT) : error.end + _EXCERPT]
        return f"{text!r} cannot be written in {error.encoding}. Rename what is called so."
    number = number_of(error)
    named = getattr(error, "filename", None) if of is None else of
    where = f"{os.fsdecode(named)}: " if named and isinstance(named, str | bytes) else ""
    told = getattr(error, "strerror", None) or str(error)
    what = os.strerror(number) if number in _ADVICE else " ".join(told.split()).rstrip(".")
    return f"{where}{what}. {_ADVICE.get(number, '')}".rstrip()


def number_of(error: BaseException) -> int:
    """Return the system's number of an error, also where a library left it in the text alone."""
    if isinstance(error, MemoryError):
        return errno.ENOMEM
    number = getattr(error, "errno", None)
    if number is not None:
        return int(number)
    if found := re.search(r"errno = (\d+)", str(error)):  # HDF5
        return int(found[1])
    # NumPy; nothing but a full disk has it write less than it was asked to.
    return errno.ENOSPC if "requested and" in str(error) else 0


@contextmanager
def naming(path: Path, partial: Path) -> Iterator[None]:
    """Have errors of the system name `path`, which the user knows, in place of `partial`."""
    try:
        yield
    except OSError as error:
        if error.filename is None and number_of(error) in _OF_WRITING:
            error.filename = str(path)
        elif isinstance(error.filename, str) and Path(error.filename).is_relative_to(partial):
            error.filename = str(path / Path(error.filename).relative_to(partial))
        raise

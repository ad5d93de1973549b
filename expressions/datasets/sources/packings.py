"""The one door to packed files: plain, `.gz`, `.xz`, `.zip` and tar archives.

Whatever is wrong with one becomes a message with the user's own path, before or while it is
unpacked, and no more comes out of it than `Limits` allow.
"""

import gzip
import io
import lzma
import shutil
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any

from expressions.datasets.sources import contents
from expressions.datasets.sources.limits import Budget, Limits
from expressions.errors import InputError
from expressions.pipeline.system.error_messages import explain

PACKINGS = {
    ".tar.gz": contents.TAR_GZIP,
    ".tgz": contents.TAR_GZIP,
    ".tar.xz": contents.TAR_XZ,
    ".tar": contents.TAR,
    ".zip": contents.ZIP,
    ".gz": contents.GZIP,
    ".xz": contents.XZ,
}
"""What a file holds whose name ends so; the longer endings come first."""

ARCHIVES = (contents.ZIP, contents.TAR, contents.TAR_GZIP, contents.TAR_XZ)

CURES = {
    contents.POINTER: "Fetch the file itself with `git lfs pull`.",
    contents.PAGE: "Download it again, logged in to the site.",
    contents.EMPTY: "Download it again.",
    contents.UTF_16: "Save it as UTF-8.",
}

# What the libraries raise on damaged, encrypted, unknown and hostile archives.
_ERRORS = (
    zipfile.BadZipFile,
    tarfile.TarError,
    gzip.BadGzipFile,
    lzma.LZMAError,
    zlib.error,
    struct.error,
    EOFError,
    RuntimeError,
    ValueError,
    LookupError,
    OverflowError,
)
# Bytes; what file systems allow.
_LONGEST_NAME = 255
# The end of a zip, its longest comment, and what zip64 adds.
_ZIP_END_BYTES = 22 + 65_535 + 76


def find_packed(folder: Path, names: Sequence[str]) -> Path | None:
    """Find the first file of `folder` that is one of `names`, plain or packed; None without one.

    An archive of any name, such as Kaggle's of all files, may stand for what it holds.

    Raises:
        InputError: a file that has one of the names holds something else, or an archive cannot be
            read.
    """
    for name in names:
        for suffix in ("", *PACKINGS):
            path = folder / (name + suffix)
            if path.is_file():
                _check_content(path)
                return path
    for path in sorted(folder.glob("*")):
        if path.is_file() and _promise(path) in ARCHIVES and _find_member(path, names):
            return path
    return None


def packed_name(path: Path, names: Sequence[str]) -> str:
    """Return which of `names` the file that `find_packed` gave holds.

    Raises:
        InputError: none of them.
    """
    name = _find_member(path, names) if _promise(path) in ARCHIVES else _stem(path)
    if name is None or name not in names:
        raise _lacking(path, names)
    return name


@contextmanager
def open_packed(path: Path, name: str, limits: Limits | None = None) -> Iterator[IO[bytes]]:
    """Open the file `name` that `path` is or holds, as unpacked bytes.

    Raises:
        InputError: at once or while it is read: `path` is damaged, encrypted, of another kind than
            its name says, does not hold `name`, or unpacks to more than `limits`.
    """
    _check_content(path)
    limits = limits or Limits()
    with ExitStack() as stack:
        if _promise(path) == contents.ZIP:
            archive = stack.enter_context(_open_zip(path, limits))
            member = next((m for m in archive.namelist() if _base(m) == name), None)
            if member is None:
                raise _lacking(path, [name])
            with _explained(path):
                stream = _Unpacked(archive.open(member), path, _budget(path, limits))
        elif _promise(path) in ARCHIVES:
            members = stack.enter_context(closing(_tar_members(path, limits)))
            found = next((stream for member, stream in members if _base(member) == name), None)
            if found is None:
                raise _lacking(path, [name])
            stream = found
        else:
            stream = stack.enter_context(_open_stream(path, limits))
        yield io.BufferedReader(stream)


def unpack_pictures(
    path: Path, folder: Path, suffixes: Sequence[str], limits: Limits | None = None
) -> int:
    """Write every picture of the zip `path` flat into `folder`; return their number.

    Raises:
        InputError: it is damaged or no zip, two pictures in different folders have one name, or
            there is more in it than `limits` allow.
    """
    _check_content(path)
    limits = limits or Limits()
    with _open_zip(path, limits) as archive:
        members = [m for m in archive.infolist() if _is_picture(m.filename, suffixes)]
        # No more comes out of an entry than its size states.
        Budget(path, path.stat().st_size, limits).spend(sum(m.file_size for m in members))
        for member in members:
            target = folder / _base(member.filename)
            if len(target.name.encode()) > _LONGEST_NAME:
                raise InputError(f"{path} holds a picture with a name too long: {target.name}.")
            if target.exists():
                raise InputError(f"{path} holds two pictures named {target.name}. Rename one.")
            with _explained(path):
                source = archive.open(member)
            with source, target.open("wb") as sink:
                shutil.copyfileobj(_Unpacked(source, path), sink)
    return len(members)


class _Unpacked(io.RawIOBase):
    """Bytes of a library's stream, whose errors become messages, within a budget."""

    def __init__(self, stream: Any, path: Path, budget: Budget | None = None) -> None:
        self._stream, self._path, self._budget = stream, path, budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _explained(self._path):
            block = self._stream.read(len(buffer))
        if self._budget:
            self._budget.spend(len(block))
        buffer[: len(block)] = block
        return len(block)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except _ERRORS as error:
        what = str(error).partition("\n")[0] or type(error).__name__
        raise InputError(
            f"{path} cannot be unpacked ({what}). Download it again, or unpack it yourself and put "
            "the file itself there."
        ) from None


def _budget(path: Path, limits: Limits) -> Budget:
    return Budget(path, path.stat().st_size, limits)


@contextmanager
def _open_stream(path: Path, limits: Limits) -> Iterator[_Unpacked]:
    """Open all that comes out of a file which is no zip."""
    opened: Any = path.open
    if _promise(path) in (contents.GZIP, contents.TAR_GZIP):
        opened = partial(gzip.open, path)
    elif _promise(path) in (contents.XZ, contents.TAR_XZ):
        opened = partial(lzma.open, path)
    with opened("rb") as stream:
        yield _Unpacked(stream, path, _budget(path, limits))


@contextmanager
def _open_zip(path: Path, limits: Limits) -> Iterator[zipfile.ZipFile]:
    # To read the list of a million files takes minutes, and how many there are stands at its end.
    if _count_entries(path) > limits.most_files:
        raise _too_many(path, limits)
    with _explained(path):
        archive = zipfile.ZipFile(path)
    with archive:
        yield archive


def _tar_members(path: Path, limits: Limits) -> Generator[tuple[str, _Unpacked]]:
    """Give the path in the archive and the content of every file of a tar, which is read once."""
    with _open_stream(path, limits) as stream:
        with _explained(path):
            archive = tarfile.TarFile.open(fileobj=io.BufferedReader(stream), mode="r|")
        for _ in range(limits.most_files):
            with _explained(path):
                member = archive.next()
                content = archive.extractfile(member) if member and member.isfile() else None
            if member is None:
                return
            if content:
                yield member.name, _Unpacked(content, path)
    raise _too_many(path, limits)


def _find_member(path: Path, names: Sequence[str]) -> str | None:
    """Return the first of `names` that an archive holds."""
    _check_content(path)
    limits = Limits()
    if _promise(path) == contents.ZIP:
        with _open_zip(path, limits) as archive:
            members = [_base(member) for member in archive.namelist()]
        return next((name for name in members if name in names), None)
    with closing(_tar_members(path, limits)) as entries:
        return next((_base(member) for member, _ in entries if _base(member) in names), None)


def _count_entries(path: Path) -> int:
    """Return how many files a zip states at its end to hold; 0 where it states nothing."""
    with path.open("rb") as file:
        file.seek(-min(_ZIP_END_BYTES, path.stat().st_size), io.SEEK_END)
        end = file.read()
    large, small = end.rfind(b"PK\x06\x06"), end.rfind(b"PK\x05\x06")
    if 0 <= large <= len(end) - 40:
        return int(struct.unpack_from("<Q", end, large + 32)[0])
    return int(struct.unpack_from("<H", end, small + 10)[0]) if 0 <= small <= len(end) - 12 else 0


def _is_picture(member: str, suffixes: Sequence[str]) -> bool:
    # Archives made on a Mac carry a hidden twin of each file.
    parts = [part for part in PurePosixPath(member).parts if part != ".."]
    hidden = any(part.startswith((".", "__MACOSX")) for part in parts)
    return (
        not hidden and not member.endswith("/") and _base(member).lower().endswith(tuple(suffixes))
    )


def _base(member: str) -> str:
    return PurePosixPath(member).name


def _promise(path: Path) -> str:
    """Return what the file holds by its name."""
    name = path.name.lower()
    return next((c for suffix, c in PACKINGS.items() if name.endswith(suffix)), contents.PLAIN)


def _stem(path: Path) -> str:
    """Return the name without the ending of its packing."""
    name = path.name
    suffix = next((suffix for suffix in PACKINGS if name.lower().endswith(suffix)), "")
    return name[: len(name) - len(suffix)]


def _check_content(path: Path) -> None:
    promise = _promise(path)
    try:
        content = contents.read_content(path)
    except OSError as error:
        raise InputError(explain(error, f"{path} cannot be read")) from None
    if content == promise:
        return
    fitting = [suffix for suffix, packing in PACKINGS.items() if packing == content]
    cure = f"Give it a name that ends in {fitting[0]}." if fitting else "Download it again."
    raise InputError(f"{path} is {content}, expected {promise}. {CURES.get(content, cure)}")


def _lacking(path: Path, names: Sequence[str]) -> InputError:
    return InputError(f"{path} holds none of {', '.join(names)}. Pack that file, or unpack it.")


def _too_many(path: Path, limits: Limits) -> InputError:
    return InputError(
        f"{path} holds more than {limits.most_files} files (most_files in params.yaml, in this "
        "data set's part of ingest). Take another file."
    )

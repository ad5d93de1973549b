"""The packings a source file may come in: plain, `.zip`, `.gz` or `.xz`."""

import gzip
import lzma
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from expressions.errors import InputError

SUFFIXES = ("", ".zip", ".gz", ".xz")


def find_packed(folder: Path, names: Sequence[str]) -> Path | None:
    """The first file of `folder` that is one of `names`, plain or packed; None without one.

    Kaggle's archive of all files may stand for its content: `names` are looked for in every
    `.zip` of the folder, too.
    """
    for name in names:
        for suffix in SUFFIXES:
            if (folder / (name + suffix)).is_file():
                return folder / (name + suffix)
    for archive in sorted(folder.glob("*.zip")):
        if any(_member(archive, name) for name in names):
            return archive
    return None


def packed_name(path: Path, names: Sequence[str]) -> str:
    """Which of `names` the file that `find_packed` gave holds.

    Raises:
        InputError: none of them.
    """
    stem = path.name
    for suffix in SUFFIXES[1:]:
        stem = stem.removesuffix(suffix)
    if stem in names:
        return stem
    for name in names:
        if path.suffix == ".zip" and _member(path, name):
            return name
    raise InputError(f"{path} holds none of {', '.join(names)}.")


@contextmanager
def open_packed(path: Path, name: str) -> Iterator[IO[bytes]]:
    """Open the file `name` that `path` is or holds, as unpacked bytes.

    Raises:
        InputError: a damaged archive, or a zip that does not hold `name`.
    """
    try:
        if path.suffix == ".zip":
            member = _member(path, name)
            if member is None:
                raise InputError(f"{path} does not hold {name}. Pack that file, or unpack it here.")
            with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
                yield stream
        elif path.suffix == ".gz":
            with gzip.open(path) as unzipped:
                yield cast("IO[bytes]", unzipped)
        elif path.suffix == ".xz":
            with lzma.open(path) as stream:
                yield stream
        else:
            with path.open("rb") as stream:
                yield stream
    except (zipfile.BadZipFile, gzip.BadGzipFile, lzma.LZMAError, EOFError) as error:
        raise InputError(f"{path} is damaged ({error}). Download it again.") from None


def unpack_pictures(path: Path, folder: Path, suffixes: Sequence[str]) -> int:
    """Write every picture of the zip `path` flat into `folder`; give their number.

    Raises:
        InputError: a damaged archive, or two pictures of one name in different subfolders.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if Path(m.filename).suffix.lower() in suffixes]
            # Archives made on a Mac carry a hidden twin of each file under this folder.
            members = [m for m in members if not m.filename.startswith("__MACOSX/")]
            for member in members:
                target = folder / Path(member.filename).name
                if target.exists():
                    raise InputError(f"{path} holds two pictures named {target.name}. Rename one.")
                with archive.open(member) as source, target.open("wb") as sink:
                    shutil.copyfileobj(source, sink)
    except zipfile.BadZipFile as error:
        raise InputError(f"{path} is damaged ({error}). Download it again.") from None
    return len(members)


def _member(path: Path, name: str) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            return next((m for m in archive.namelist() if Path(m).name == name), None)
    except zipfile.BadZipFile as error:
        raise InputError(f"{path} is damaged ({error}). Download it again.") from None

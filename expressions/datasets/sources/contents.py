"""What a file holds, by its first bytes, whatever its name says."""

import gzip
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

_HEAD_BYTES = 512

ZIP, GZIP, XZ, TAR = "a zip archive", "a gzip file", "an xz file", "a tar archive"
TAR_GZIP, TAR_XZ = "a tar archive in a gzip file", "a tar archive in an xz file"
UTF_16 = "UTF-16 text"
POINTER = "a pointer of Git LFS in place of the file"
PAGE = "a web page in place of the file"
EMPTY = "an empty file"
PLAIN = "a plain file"

_SIGNS = {
    ZIP: (0, (b"PK\x03\x04", b"PK\x05\x06")),
    GZIP: (0, (b"\x1f\x8b",)),
    XZ: (0, (b"\xfd7zXZ\x00",)),
    TAR: (257, (b"ustar",)),
    "a bzip2 file": (0, (b"BZh",)),
    "a 7z archive": (0, (b"7z\xbc\xaf\x27\x1c",)),
    "a RAR archive": (0, (b"Rar!\x1a\x07",)),
    "a Zstandard file": (0, (b"\x28\xb5\x2f\xfd",)),
    "an old Excel file": (0, (b"\xd0\xcf\x11\xe0",)),
    "a Parquet file": (0, (b"PAR1",)),
    "a picture": (0, (b"\x89PNG", b"\xff\xd8\xff")),
    UTF_16: (0, (b"\xff\xfe", b"\xfe\xff")),
    POINTER: (0, (b"version https://git-lfs.",)),
}
"""Content, in words that complete "this is …": where its sign stands, and which it may be."""

_PAGES = (b"<!doctype html", b"<html", b"<?xml")


def read_content(path: Path) -> str:
    """Return what the file at `path` holds, in words that complete "this is …".

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        content = _name_content(file.read(_HEAD_BYTES))
    if content == GZIP and _unpacked_head(path, gzip.open) == TAR:
        return TAR_GZIP
    if content == XZ and _unpacked_head(path, lzma.open) == TAR:
        return TAR_XZ
    return content


def _unpacked_head(path: Path, unpack: Callable[[Path], Any]) -> str:
    try:
        with unpack(path) as file:
            return _name_content(file.read(_HEAD_BYTES))
    except (EOFError, OSError, zlib.error, lzma.LZMAError):
        # Whoever unpacks all of it says what is wrong.
        return PLAIN


def _name_content(head: bytes) -> str:
    if not head:
        return EMPTY
    for content, (offset, signs) in _SIGNS.items():
        if head[offset:].startswith(signs):
            return content
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGES):
        return PAGE
    return PLAIN

"""What is wrong with a video file: FFmpeg reads what is there and is silent."""

from pathlib import Path
from typing import BinaryIO

from expressions.pipeline.system.error_messages import explain

_BOXES = {
    b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"moof", b"mfra", b"meta", b"uuid",
    b"pnot", b"styp", b"sidx", b"udta", b"PICT",
}  # fmt: skip
_EBML, _SEGMENT = 0x1A45DFA3, 0x18538067


def why_unreadable(path: Path) -> str:
    """Return why FFmpeg does not open a file, which it does not say."""
    try:
        path.open("rb").close()
    except OSError as error:
        return explain(error, "").removesuffix(".")
    return "no video that can be read: damaged, cut off, or without pictures"


def is_cut(path: Path) -> bool:
    """Return whether an MP4, QuickTime, AVI or Matroska file is shorter than it states.

    Files of other containers do not state their length.

    Raises:
        OSError: the file cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] == b"RIFF":
            return int.from_bytes(head[4:8], "little") + 8 > size
        if int.from_bytes(head[:4], "big") == _EBML:
            return _matroska_end(file, size) > size
        if head[4:8] in _BOXES:
            return _boxes_end(file, size) > size
    return False


def _boxes_end(file: BinaryIO, size: int) -> int:
    """Where the last of the boxes of an ISO media file ends."""
    at = 0
    while at + 8 <= size:
        file.seek(at)
        length, kind = int.from_bytes(file.read(4), "big"), file.read(4)
        if length == 1:
            length = int.from_bytes(file.read(8), "big")
        if length < 8 or kind not in _BOXES:
            # 0 is up to the end of the file; or what follows is no box.
            return size
        at += length
    return at


def _matroska_end(file: BinaryIO, size: int) -> int:
    """Where the segment of a Matroska file ends; at the file's end where that is left open."""
    file.seek(4)
    header = _number(file)
    file.seek(header, 1)
    if int.from_bytes(file.read(4), "big") != _SEGMENT:
        return size
    first = file.read(1)
    file.seek(-1, 1)
    length = _number(file)
    unknown = length == (1 << 7 * _width(first[0])) - 1
    return size if unknown else file.tell() + length


def _number(file: BinaryIO) -> int:
    """An EBML number: its first byte's leading zeros say how many bytes follow."""
    first = file.read(1)
    width = _width(first[0])
    low_bits = first[0] & ((0x80 >> (width - 1)) - 1)
    return int.from_bytes(bytes([low_bits]) + file.read(width - 1), "big")


def _width(first: int) -> int:
    return 9 - first.bit_length()

"""What a file is, by its first bytes: names end in anything, and many end in the wrong thing.

A small table of signatures: libraries that guess types know hundreds and tell no film from sound,
and HEIC needs a word of its own.
"""

from enum import Enum
from pathlib import Path
from typing import NamedTuple

HEAD = 1024
"""Bytes from the start of a file that are enough for `kind_of`."""

SUFFIXES = {
    "picture": (
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif", ".avif",
        ".jp2", ".mpo", ".heic", ".heif",
    ),
    "video": (
        ".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".ogv", ".3gp",
        ".flv", ".m2ts",
    ),
}  # fmt: skip
"""Of files that claim to be one, in small letters: where the bytes say nothing, an error tells."""


class Role(Enum):
    """What can be done with a kind of file."""

    PICTURE = "picture"
    VIDEO = "video"
    OTHER = "other"


class Kind(NamedTuple):
    """A kind of file."""

    name: str
    role: Role
    problem: str = ""
    """Why it is not read, and what to do; blank for kinds that are read."""


_HEIC = Kind(
    "HEIC",
    Role.PICTURE,
    "a HEIC picture, which is not read; convert it: `heif-convert a.heic a.jpg` (Debian's "
    "libheif-examples) or `sips -s format jpeg a.heic --out a.jpg` (macOS)",
)
_RAW = Kind(
    "raw",
    Role.PICTURE,
    "a camera's raw file, which is not read; export it as JPEG or PNG",
)
_SOUND = Kind("sound", Role.OTHER)

_PICTURES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"\0\0\0\x0cjP  \r\n": "JPEG 2000",
    b"\xff\x4f\xff\x51": "JPEG 2000",
    **{b"P%d%c" % (number, space): "PNM" for number in range(1, 7) for space in b"\n\r\t #"},
    b"P7\n": "PAM",
    b"PF\n": "PFM",
    b"Pf\n": "PFM",
    b"#?RADIANCE": "HDR",
    b"#?RGBE": "HDR",
    b"\x59\xa6\x6a\x95": "Sun raster",
}
_RAWS = (b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"FOVb", b"\0MRM")
_UNREAD = {
    b"v/1\x01": "an OpenEXR picture, which is not read; convert it to PNG",
    b"\0\0\0\x0cJXL \r\n": "a JPEG XL picture, which is not read; convert it to PNG",
    b"\xff\x0a": "a JPEG XL picture, which is not read; convert it to PNG",
    b"8BPS": "a Photoshop file, which is not read; export it as PNG",
}
_VIDEOS = {
    b"\x1aE\xdf\xa3": "Matroska",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11": "ASF",
    b"FLV\x01": "FLV",
    b"OggS": "Ogg",
    b"\0\0\x01\xba": "MPEG-PS",
    b"\0\0\x01\xb3": "MPEG",
    b"\0\0\x01\xb0": "MPEG-4",
    b"\0\0\0\x01\x67": "H.264",
    b"\0\0\x01\x67": "H.264",
    b"\0\0\0\x01\x40\x01": "H.265",
    b".RMF": "RealMedia",
    b"DKIF": "IVF",
    b"YUV4MPEG2 ": "Y4M",
    b"\x06\x0e\x2b\x34\x02\x05\x01\x01": "MXF",
}
_BRANDS = {
    **dict.fromkeys(
        (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), _HEIC
    ),
    **dict.fromkeys((b"avif", b"avis"), Kind("AVIF", Role.PICTURE)),
    **dict.fromkeys((b"M4A ", b"M4B ", b"M4P "), _SOUND),
    b"crx ": _RAW,
}
"""Of ISO media files; others are videos."""
# The first box of QuickTime files that state no brand.
_BOXES = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}

_TS_PACKET, _M2TS_PACKET = 188, 192


def read_kind(path: Path) -> Kind | None:
    """Return the kind of a regular file; None for one that is none of those known.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        return kind_of(file.read(HEAD))


def kind_of(head: bytes) -> Kind | None:
    """Return the kind of file that begins with `head`, `HEAD` bytes where there are so many."""
    if head[:4] in (b"II*\0", b"MM\0*") and head[8:10] == b"CR":
        return _RAW
    for signatures, role in ((_PICTURES, Role.PICTURE), (_VIDEOS, Role.VIDEO)):
        for signature, name in signatures.items():
            if head.startswith(signature):
                return Kind(name, role)
    for signature, problem in _UNREAD.items():
        if head.startswith(signature):
            return Kind("unread", Role.PICTURE, problem)
    if head.startswith(_RAWS):
        return _RAW
    return _riff(head) or _iso_media(head) or _transport_stream(head)


def _riff(head: bytes) -> Kind | None:
    if head[:4] != b"RIFF":
        return None
    return {
        b"WEBP": Kind("WebP", Role.PICTURE),
        b"AVI ": Kind("AVI", Role.VIDEO),
        b"WAVE": _SOUND,
    }.get(head[8:12])


def _iso_media(head: bytes) -> Kind | None:
    """MP4, QuickTime, 3GP, HEIC and AVIF, which are told apart by their brands."""
    if head[4:8] in _BOXES:
        return Kind("QuickTime", Role.VIDEO)
    if head[4:8] != b"ftyp":
        return None
    end = min(int.from_bytes(head[:4], "big"), len(head))
    major = head[8:12]
    others = {head[start : start + 4] for start in range(16, end, 4)}
    # AVIF states HEIC's general brand `mif1`, and it may do so first.
    if major in (b"mif1", b"msf1") and others & {b"avif", b"avis"}:
        return _BRANDS[b"avif"]
    return _BRANDS.get(major, Kind("MP4", Role.VIDEO))


def _transport_stream(head: bytes) -> Kind | None:
    for first, packet in ((0, _TS_PACKET), (4, _M2TS_PACKET)):
        if len(head) > first + 2 * packet and set(head[first::packet]) == {0x47}:
            return Kind("MPEG-TS", Role.VIDEO)
    return None

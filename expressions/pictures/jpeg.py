"""Whether a JPEG file is whole: decoders fill up what is missing and say nothing.

In a whole file, coded data that is put behind a scan's own changes no pixel, for the decoder is
done by then; in one that is cut or that lost a part it is decoded. No library says so: Pillow and
OpenCV drop libjpeg's warnings, or write them to standard error.
"""

import io
import re
from typing import Any

import numpy as np
from PIL import Image

_END = b"\xff\xd9"
# What ends the coded data of a scan: any marker but a restart and a coded 0xFF. It begins with a
# byte that is always there, since `re` looks for that 14 times as fast.
_MARKER = re.compile(rb"\xff\xff*[^\x00\xd0-\xd7\xff]")
_SCAN = 0xDA
# Tables, frames, scans, comments and applications' data.
_SEGMENTS = {*range(0xC0, 0xD0), *range(0xDA, 0xE0), *range(0xE0, 0xF0), 0xFE}
# A block that a disk or a download lost. Coded data has such runs only where a picture is flat.
_LOST = bytes(32)
# Coded data that is never what a cut file's next bytes would be decoded to.
_NOISE = bytes([0xA5, 0x3C, 0x96, 0x5A, 0xC3, 0x69]) * 700
# Bytes that may be left over at the end of a scan, or be zero there.
_SLACK = 64


def with_end_marker(content: bytes) -> bytes:
    """Return a JPEG file whose picture is followed by an end marker, whatever comes after it."""
    end = _scans(content)[-1][1]
    return content if _has_marker(content, end) else content[:end] + _END


def is_cut(content: bytes, image: Any) -> bool:
    """Return whether coded data is missing in a JPEG file.

    It is looked into where that is likely: where there is no end marker, where the last pixels are
    flat, as filled up ones are, and where coded data is a run of zeros.

    Args:
        content: the file.
        image: Pillow's image of `with_end_marker(content)`.
    """
    scans = _scans(content)
    has_marker = _has_marker(content, scans[-1][1])
    suspects = [scan for scan in scans if _LOST in content[slice(*scan)]]
    if not has_marker or _ends_flat(image):
        suspects.append(scans[-1])
    content = with_end_marker(content)
    return any(
        _has_too_little(content, scan, image)
        # Without a marker, a scan's data goes on in what follows the picture.
        or (has_marker and _has_too_much(content, scan, image))
        for scan in suspects
    )


def _has_marker(content: bytes, end: int) -> bool:
    return content[end : end + 2] == _END


def _changes(content: bytes, scan: tuple[int, int], at: int, image: Any) -> bool:
    """Whether the picture is another one where noise takes the scan's data from `at` on."""
    replaced = io.BytesIO(content[:at] + _NOISE + content[scan[1] :])
    with Image.open(replaced, formats=["JPEG"]) as other:
        return not np.array_equal(np.asarray(image), np.asarray(other))


def _has_too_little(content: bytes, scan: tuple[int, int], image: Any) -> bool:
    start, end = scan
    if _changes(content, scan, end, image):
        return True
    # Zeros at the end are all needed, as in flat pictures, or none is, behind the last pixel.
    coded = start + len(content[start:end].rstrip(b"\0"))
    return (
        end - coded > _SLACK
        and _changes(content, scan, coded + 4, image)
        and not _changes(content, scan, end - _SLACK, image)
    )


def _has_too_much(content: bytes, scan: tuple[int, int], image: Any) -> bool:
    """Whether the decoder was done too early, since a lost part led it astray."""
    start, end = scan
    coded = start + len(content[start:end].rstrip(b"\0"))
    return (
        _LOST in content[start:coded]
        and not _changes(content, scan, max(start, coded - _SLACK), image)
        # In pictures of one colour no data changes anything.
        and _changes(content, scan, start, image)
    )


def _ends_flat(image: Any) -> bool:
    width, height = image.size
    corner = image.crop((max(0, width - 2), max(0, height - 2), width, height))
    return all(low == high for low, high in np.atleast_2d(corner.getextrema()))


def _scans(content: bytes) -> list[tuple[int, int]]:
    """Where the coded data of each scan begins and ends; one without any where there is no scan."""
    at, scans = 2, []
    while at + 4 <= len(content) and content[at] == 0xFF and content[at + 1] in _SEGMENTS:
        after = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if content[at + 1] == _SCAN:
            found = _MARKER.search(content, after)
            end = found.start() if found else len(content.rstrip(b"\xff"))
            scans.append((after, end))
            after = max(after, end)
        at = after
    return scans or [(len(content), len(content))]

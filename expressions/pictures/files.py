"""Pictures to and from file bytes. Colour is BGR, as in OpenCV."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""`[height, width]` grey or `[height, width, 3]` BGR, 0 to 255."""

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")
"""Of the files that are taken for pictures, in small letters."""

SMALL = 6
"""Of zlib's levels: a quarter smaller for photographs than the first, at five times its time."""
FAST = 4
"""4 % larger than `SMALL` for crops, at a quarter of its time."""


def find(folder: Path) -> list[Path]:
    """The picture files in `folder` and below, sorted, without hidden ones."""
    found = []
    for path in folder.rglob("*"):
        # Archives made on a Mac carry a hidden twin of each file under this folder.
        hidden = any(p.startswith((".", "__MACOSX")) for p in path.relative_to(folder).parts)
        if path.suffix.lower() in SUFFIXES and path.is_file() and not hidden:
            found.append(path)
    return sorted(found)


def decode(content: bytes) -> Picture | None:
    """The picture that an image file's bytes hold, upright by its EXIF tag; None if unreadable.

    Grey files give `[height, width]`; all others (RGBA, palette, CMYK, 16 bits) give BGR.
    """
    buffer = np.frombuffer(content, np.uint8)
    if buffer.size == 0:
        return None
    picture = cv2.imdecode(buffer, cv2.IMREAD_ANYCOLOR)
    return None if picture is None else picture.astype(np.uint8, copy=False)


def encode_png(picture: Picture, compression: int = SMALL) -> bytes:
    """The bytes of `picture` as PNG; the same picture gives the same bytes."""
    _, buffer = cv2.imencode(".png", picture, (cv2.IMWRITE_PNG_COMPRESSION, compression))
    return buffer.tobytes()


def grey(picture: Picture) -> Picture:
    """`picture` as `[height, width]` grey values."""
    if picture.ndim == 2:
        return picture
    return cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)


def colour(picture: Picture) -> Picture:
    """`picture` as `[height, width, 3]` BGR."""
    if picture.ndim == 3:
        return picture
    return cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False)

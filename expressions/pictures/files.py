"""Pictures as arrays, and as the PNGs that the pipeline keeps them in. Colour is BGR."""

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""`[height, width]` grey or `[height, width, 3]` BGR, 0 to 255."""

SMALL = 6
"""Of zlib's levels: a quarter smaller for photographs than the first, at five times its time."""
FAST = 4
"""4 % larger than `SMALL` for crops, at a quarter of its time."""


def decode_png(png: bytes) -> Picture | None:
    """Decode what `encode_png` made; None if it is damaged.

    Files of users are for `decoding.decode`.
    """
    buffer = np.frombuffer(png, np.uint8)
    if buffer.size == 0:
        return None
    picture = cv2.imdecode(buffer, cv2.IMREAD_ANYCOLOR)
    return None if picture is None else picture.astype(np.uint8, copy=False)


def encode_png(picture: Picture, compression: int = SMALL) -> bytes:
    """Return the bytes of `picture` as PNG; the same picture gives the same bytes."""
    _, buffer = cv2.imencode(".png", picture, (cv2.IMWRITE_PNG_COMPRESSION, compression))
    return buffer.tobytes()


def grey(picture: Picture) -> Picture:
    """Return `picture` as `[height, width]` grey values."""
    if picture.ndim == 2:
        return picture
    return cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)


def colour(picture: Picture) -> Picture:
    """Return `picture` as `[height, width, 3]` BGR."""
    if picture.ndim == 3:
        return picture
    return cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False)

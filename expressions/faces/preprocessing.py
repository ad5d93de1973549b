"""From a picture of a face to what the network reads; the same for training and for use."""

import cv2
import numpy as np
from numpy.typing import NDArray

from expressions.faces.size import SIDE
from expressions.pictures.files import Picture, grey


def centre_square(picture: Picture) -> Picture:
    """Return the largest square about the middle of `picture`."""
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return picture[top : top + side, left : left + side]


def grey_face(picture: Picture) -> Picture:
    """Return `picture` grey, cut to its central square and resized to uint8 `[48, 48]`.

    Area interpolation averages what shrinks; a picture below 48 pixels is enlarged bilinearly.
    """
    square = centre_square(grey(picture))
    if square.shape == (SIDE, SIDE):
        return square
    interpolation = cv2.INTER_AREA if square.shape[0] > SIDE else cv2.INTER_LINEAR
    resized = cv2.resize(square, (SIDE, SIDE), interpolation=interpolation)
    return np.asarray(resized, dtype=np.uint8)


def rescale(faces: NDArray[np.uint8], low: float, high: float) -> NDArray[np.float32]:
    """Return grey values 0 to 255 as float32 from `low` to `high`."""
    unit = faces.astype(np.float32) / np.float32(255)
    return unit * np.float32(high - low) + np.float32(low)


def unscale(faces: NDArray[np.float32], low: float, high: float) -> NDArray[np.uint8]:
    """Return the grey values that `rescale` gave `faces` for."""
    return np.rint((faces - low) * (255 / (high - low))).astype(np.uint8)

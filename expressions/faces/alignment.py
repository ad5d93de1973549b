"""Cutting a face out of its picture so that the eyes are level."""

import cv2
import numpy as np
from numpy.typing import NDArray

from expressions.faces.detection.mtcnn import Face, eye_angle
from expressions.pictures.files import Picture

# Of what OpenCV's transforms take: they count in 16 bits.
_LONGEST_SIDE = 32_000


def similarity(face: Face, margin: float) -> tuple[NDArray[np.float64], int]:
    """Return the `[2, 3]` transform from picture to crop, and the crop's side in pixels.

    The crop is the box made square about its centre, widened on each side by `margin` times its
    side (or cut, below 0), and turned about its centre by the angle of the eyes. Scale stays 1, so
    that the one resampling that shrinks the face is the last step's.
    """
    side = max(1, round(max(face.width, face.height) * (1 + 2 * margin)))
    # OpenCV counts from the middle of the first pixel, boxes from its edge.
    centre = (face.x + face.width / 2 - 0.5, face.y + face.height / 2 - 0.5)
    transform = cv2.getRotationMatrix2D(centre, eye_angle(face.landmarks), 1.0)
    transform[:, 2] += (side - 1) / 2 - np.asarray(centre)
    return np.asarray(transform, dtype=np.float64), side


def align(picture: Picture, face: Face, margin: float) -> Picture:
    """Return the square crop of `face` with level eyes.

    Where it leaves the picture, the edge goes on.
    """
    transform, side = similarity(face, margin)
    if max(picture.shape[:2]) > _LONGEST_SIDE:
        picture, transform = _around(face, picture, transform)
    crop = cv2.warpAffine(
        picture,
        transform,
        (side, side),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(crop, dtype=np.uint8)


def _around(
    face: Face, picture: Picture, transform: NDArray[np.float64]
) -> tuple[Picture, NDArray[np.float64]]:
    """The part of a picture that any crop of `face` comes from, and the transform out of it."""
    # A margin of 1 and a turn: 1.5 sides times the square root of 2.
    reach = 3 * max(face.width, face.height)
    left = max(0, int(face.x + face.width / 2 - reach))
    top = max(0, int(face.y + face.height / 2 - reach))
    part = picture[top : int(top + 2 * reach), left : int(left + 2 * reach)]
    moved = transform.copy()
    moved[:, 2] += transform[:, :2] @ [left, top]
    return np.ascontiguousarray(part), moved

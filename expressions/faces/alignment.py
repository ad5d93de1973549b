"""Cutting a face out of its picture so that the eyes are level."""

import cv2
import numpy as np
from numpy.typing import NDArray

from expressions.faces.mtcnn import Face, eye_angle
from expressions.pictures.files import Picture


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
    crop = cv2.warpAffine(
        picture,
        transform,
        (side, side),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(crop, dtype=np.uint8)

"""Boxes and landmarks drawn on pictures."""

import cv2
import numpy as np

from expressions.faces.detection.mtcnn import Face
from expressions.pictures.files import Picture, colour

Colour = tuple[int, int, int]
"""Blue, green and red, 0 to 255."""

ORANGE: Colour = (13, 115, 217)
BLUE: Colour = (187, 111, 42)


def draw_box(canvas: Picture, face: Face, tint: Colour, thickness: int) -> None:
    """Draw the box of `face` into `canvas`, `[height, width, 3]` BGR."""
    first = round(face.x), round(face.y)
    second = round(face.x + face.width), round(face.y + face.height)
    cv2.rectangle(canvas, first, second, tint, thickness, cv2.LINE_AA)


def with_marks(picture: Picture, face: Face, thickness: int, radius: int) -> Picture:
    """Return a BGR copy of `picture` with the box of `face` and, if known, its landmarks."""
    canvas = colour(picture).copy()
    draw_box(canvas, face, ORANGE, thickness)
    for x, y in face.landmarks[~np.isnan(face.landmarks).any(axis=1)]:
        cv2.circle(canvas, (round(x), round(y)), radius, BLUE, -1, cv2.LINE_AA)
    return np.asarray(canvas, np.uint8)

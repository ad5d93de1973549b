"""A part of a picture that a box names, cut out as a square."""

from typing import NamedTuple

import numpy as np

from expressions.pictures.files import Picture


class Part(NamedTuple):
    """A box, in pixels from the picture's upper left corner; `right` and `bottom` lie beyond it."""

    left: float
    top: float
    right: float
    bottom: float
    margin: float = 0.0
    """The share of its longer side that is added on each side."""


def cut_square(picture: Picture, part: Part) -> Picture | None:
    """Return the square about the centre of what of `part` lies in `picture`; None without any.

    Where the square leaves the picture, the edge goes on.
    """
    height, width = picture.shape[:2]
    left, right = np.clip((part.left, part.right), 0, width)
    top, bottom = np.clip((part.top, part.bottom), 0, height)
    if right <= left or bottom <= top:
        return None
    side = max(1, round(max(right - left, bottom - top) * (1 + 2 * part.margin)))
    first_row = round((top + bottom - side) / 2)
    first_column = round((left + right - side) / 2)
    rows = np.arange(first_row, first_row + side).clip(0, height - 1)
    columns = np.arange(first_column, first_column + side).clip(0, width - 1)
    return picture[rows[:, None], columns]

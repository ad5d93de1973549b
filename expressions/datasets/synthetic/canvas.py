"""A square canvas to paint a head on, which turns to a side, and shapes to paint.

Coordinates run from -1 to 1 over the face, x to the right and y down.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""`[n, 2]`, x and y."""
Point = tuple[float, float]
Image = NDArray[np.float32]
Colour = tuple[float, float, float]
"""BGR, 0 to 255."""

REACH = 1.5
"""The canvas reaches from -REACH to REACH, so that hair, ears and neck have their place."""


class Canvas:
    """`side` by `side` pixels of a background, painted over by fills and strokes."""

    def __init__(self, side: int, background: Colour, yaw: float) -> None:
        """Of a head that is turned by `yaw`, from -1 to 1."""
        self.side = side
        self.scale = side / (2 * REACH)
        self.image: Image = np.full((side, side, 3), background, np.float32)
        self._yaw = float(np.clip(yaw, -1, 1))

    def turned(self, points: Points) -> Points:
        """Where points of the front of the head lie once it is turned."""
        depth = np.sqrt(np.clip(1 - points[:, 0] ** 2, 0.05, 1))
        x = points[:, 0] * np.cos(0.5 * self._yaw) + depth * 0.35 * np.sin(0.5 * self._yaw)
        return np.stack([x, points[:, 1]], axis=1)

    def fill(self, points: Points, colour: Colour, opacity: float = 1.0, soft: float = 0.0) -> None:
        """Fill a polygon; `soft` is the width of its blurred edge."""
        self.cover(self.mask(points), colour, opacity, soft)

    def stroke(
        self, points: Points, colour: Colour, width: float, opacity: float = 1.0, soft: float = 0.0
    ) -> None:
        """Draw a line through points."""
        mask = np.zeros((self.side, self.side), np.uint8)
        thickness = max(1, round(width * self.scale))
        cv2.polylines(mask, [self._pixels(points)], False, 255, thickness, cv2.LINE_AA, 4)
        self.cover(mask, colour, opacity, soft)

    def mask(self, points: Points) -> NDArray[np.uint8]:
        """The inside of a polygon, 0 to 255."""
        mask = np.zeros((self.side, self.side), np.uint8)
        cv2.fillPoly(mask, [self._pixels(points)], 255, cv2.LINE_AA, 4)
        return mask

    def cover(
        self, mask: NDArray[np.uint8], colour: Colour, opacity: float = 1.0, soft: float = 0.0
    ) -> None:
        """Lay a colour over what `mask` shows."""
        if soft:
            mask = cv2.GaussianBlur(mask, (0, 0), soft * self.scale).astype(np.uint8)
        top, bottom, left, right = _bounds(mask)
        part = self.image[top:bottom, left:right]
        share = mask[top:bottom, left:right, None].astype(np.float32) * (opacity / 255)
        part += (np.array(colour, np.float32) - part) * share

    def _pixels(self, points: Points) -> NDArray[np.int32]:
        # Four bits of sub-pixel position, as the drawing calls above ask for.
        return np.rint(((points + REACH) * self.scale - 0.5) * 16).astype(np.int32)


def ellipse(x: float, y: float, width: float, height: float) -> Points:
    """Around (x, y); `width` and `height` are the semi-axes."""
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    return np.stack([x + width * np.cos(turn), y + height * np.sin(turn)], axis=1)


def box(left: float, top: float, right: float, bottom: float) -> Points:
    """Return the four corners."""
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]])


def curve(start: Point, middle: Point, end: Point, roundness: float = 2.0) -> Points:
    """An arch through three points: a parabola, or fuller with more `roundness`."""
    share = np.linspace(0, 1, 17)[:, None]
    first, through, last = np.array(start), np.array(middle), np.array(end)
    height = 1 - np.abs(2 * share - 1) ** roundness
    return first + share * (last - first) + height * (through - (first + last) / 2)


def _bounds(mask: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    left, top, width, height = cv2.boundingRect(mask)
    return top, top + height, left, left + width

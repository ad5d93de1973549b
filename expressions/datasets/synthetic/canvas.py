"""A canvas to paint a head on, which turns to a side, and shapes to paint.

Coordinates are in half heads, x to the right and y down, from the middle of the face. What is
counted in float32 is only added, multiplied, divided and rooted, which every processor does alike;
what is blurred is uint8, which OpenCV does alike everywhere.
"""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""`[n, 2]`, x and y."""
Point = tuple[float, float]
Shape = list[Points]
"""Polygons or lines that are painted at once."""
Mask = NDArray[np.uint8]
"""`[height, width]`, 0 to 255: how much of each pixel is covered."""
Image = NDArray[np.float32]
Colour = tuple[float, float, float]
"""BGR, 0 to 255."""

_DEPTH = 0.55
"""How far the front of a head is from the axis that it turns around."""
_REACH = 2.2
"""How far a blur reaches, in its standard deviations: less than half a pixel is none."""
_MIRROR = np.array([-1.0, 1.0])
_ALONG = np.linspace(0, 1, 17)[:, None]
_TURN = np.linspace(0, 2 * np.pi, 32, endpoint=False)
_CIRCLE = np.stack([np.cos(_TURN), np.sin(_TURN)], axis=1)


class Canvas:
    """A picture that is painted over by fills and strokes."""

    def __init__(self, image: Image, scale: float, centre: Point, yaw: float = 0.0) -> None:
        """Over `image`, `[height, width, 3]` BGR, with `scale` pixels a unit.

        The middle of the face is at `centre`; the head is turned by `yaw`, from -1 to 1.
        """
        self.image = image
        self.height, self.width = image.shape[:2]
        self.scale = scale
        self.covered: Mask = np.zeros((self.height, self.width), np.uint8)
        """What was painted as a body, so that it can be cut out."""
        self._centre = np.array(centre)
        angle = 0.5 * float(np.clip(yaw, -1, 1))
        self._cosine, self._sine = np.cos(angle), np.sin(angle)

    def picture(self) -> NDArray[np.uint8]:
        """What was painted."""
        return np.clip(np.rint(self.image), 0, 255).astype(np.uint8)

    def axes(self) -> tuple[Image, Image]:
        """The coordinates of the pixels: x as one row, y as one column."""
        x = (np.arange(self.width) + 0.5 - self._centre[0]) / self.scale
        y = (np.arange(self.height) + 0.5 - self._centre[1]) / self.scale
        return x[None].astype(np.float32), y[:, None].astype(np.float32)

    def front(self, points: Points, ahead: float = 0.0) -> Shape:
        """Points of the front of the head, where they lie once it is turned.

        `ahead` is how far they stand out from it.
        """
        x = points[:, 0]
        depth = np.sqrt(np.maximum(1 - x * x, 0.05)) * _DEPTH + ahead
        turned = points.copy()
        turned[:, 0] = x * self._cosine + depth * self._sine
        return [turned]

    def pair(self, points: Points, ahead: float = 0.0) -> Shape:
        """The same on both sides of the head; `points` are on the right of the picture."""
        return self.front(points, ahead) + self.front(points * _MIRROR, ahead)

    def mask(self, shape: Shape) -> Mask:
        """The inside of polygons."""
        mask = self._empty()
        for points in shape:
            cv2.fillPoly(mask, [self.pixels(points)], 255, cv2.LINE_AA, 4)
        return mask

    def lines(self, shape: Shape, width: float) -> Mask:
        """Lines through points."""
        mask = self._empty()
        thickness = max(1, round(width * self.scale))
        # A line cannot be thinner than a pixel, but paler.
        level = round(255 * min(1.0, max(0.25, width * self.scale)))
        pixels = [self.pixels(points) for points in shape]
        cv2.polylines(mask, pixels, False, level, thickness, cv2.LINE_AA, 4)
        return mask

    def fill(self, shape: Shape, colour: Colour, opacity: float = 1.0, soft: float = 0.0) -> None:
        """Fill polygons; `soft` is the width of their blurred edges."""
        self.cover(self.softened(self.mask(shape), soft), colour, opacity)

    def stroke(
        self, shape: Shape, colour: Colour, width: float, opacity: float = 1.0, soft: float = 0.0
    ) -> None:
        """Draw lines through points."""
        self.cover(self.softened(self.lines(shape, width), soft), colour, opacity)

    def tint(self, levels: Mask, strength: float, mask: Mask) -> None:
        """Make what `mask` shows lighter where `levels` are above 128, and darker below."""
        rows, columns = bounds(mask)
        gain = (levels[rows, columns].astype(np.float32) - 128) * np.float32(strength / 255)
        gain *= mask[rows, columns].astype(np.float32)
        self.image[rows, columns] *= 1 + gain[..., None]

    def body(self, mask: Mask, colour: Colour) -> None:
        """Cover what belongs to the person for good."""
        self.cover(mask, colour)
        np.maximum(self.covered, mask, out=self.covered)

    def cover(self, mask: Mask, colour: Colour, opacity: float = 1.0) -> None:
        """Lay a colour over what `mask` shows."""
        rows, columns = bounds(mask)
        part = self.image[rows, columns]
        share = mask[rows, columns, None].astype(np.float32) * np.float32(opacity / 255)
        part += (np.array(colour, np.float32) - part) * share

    def softened(self, mask: Mask, soft: float) -> Mask:
        """Blur a mask by `soft`, in place."""
        radius = soft * self.scale
        reach = round(_REACH * radius)
        if reach:
            rows, columns = bounds(mask, reach)
            part = np.ascontiguousarray(mask[rows, columns])
            width = 2 * reach + 1
            if part.size:
                mask[rows, columns] = cv2.GaussianBlur(part, (width, width), radius)
        return mask

    def pixels(self, points: Points) -> NDArray[np.int32]:
        """Where points lie, in sixteenths of pixels."""
        return np.rint((points * self.scale + self._centre - 0.5) * 16).astype(np.int32)

    def _empty(self) -> Mask:
        return np.zeros((self.height, self.width), np.uint8)


def bounds(mask: Mask, room: int = 0) -> tuple[slice, slice]:
    """The rows and columns of what a mask shows, and `room` pixels around it."""
    left, top, width, height = cv2.boundingRect(mask)
    if not width:
        return slice(0, 0), slice(0, 0)
    rows = slice(max(0, top - room), min(mask.shape[0], top + height + room))
    return rows, slice(max(0, left - room), min(mask.shape[1], left + width + room))


def ellipse(x: float, y: float, width: float, height: float) -> Points:
    """Around (x, y); `width` and `height` are the semi-axes."""
    return _CIRCLE * (width, height) + (x, y)


def curve(start: Point, middle: Point, end: Point, roundness: float = 2.0) -> Points:
    """An arch through three points: a parabola, or fuller with more `roundness`."""
    first, through, last = np.array(start), np.array(middle), np.array(end)
    height = 1 - np.abs(2 * _ALONG - 1) ** roundness
    return first + _ALONG * (last - first) + height * (through - (first + last) / 2)


def smooth(points: list[Point], closed: bool = False, steps: int = 6) -> Points:
    """A Catmull-Rom spline through points, with `steps` points from each to the next."""
    given = np.array(points, float)
    around = (
        np.concatenate([given[-1:], given, given[:2]])
        if closed
        else np.concatenate([2 * given[:1] - given[1:2], given, 2 * given[-1:] - given[-2:-1]])
    )
    share = np.linspace(0, 1, steps, endpoint=False)[:, None]
    before, first, last, after = (around[i : len(around) - 3 + i, None] for i in range(4))
    pieces = first + 0.5 * share * (
        last - before
        + share * (2 * before - 5 * first + 4 * last - after
                   + share * (3 * first - before - 3 * last + after))
    )  # fmt: skip
    spline = pieces.reshape(-1, 2)
    return spline if closed else np.concatenate([spline, given[-1:]])


def moved(points: Points, x: float, y: float | NDArray[np.float64]) -> Points:
    """Points, each further to the right by `x` and down by `y` or its own part of it."""
    result = points.copy()
    result[:, 0] += x
    result[:, 1] += y
    return result


def spindle(points: Points, width: float) -> Points:
    """A line as a polygon that is `width` wide in its middle and pointed at its ends."""
    along = np.empty_like(points)
    along[1:-1] = points[2:] - points[:-2]
    along[0], along[-1] = points[1] - points[0], points[-1] - points[-2]
    length = np.sqrt(along[:, 0] ** 2 + along[:, 1] ** 2)
    half = (_taper(len(points)) * (width / 2) / np.maximum(length, 1e-6))[:, None]
    across = along[:, ::-1] * _MIRROR * half
    return np.concatenate([points + across, (points - across)[::-1]])


@cache
def _taper(count: int) -> NDArray[np.float64]:
    place = np.linspace(-1, 1, count)
    return 1 - place * place


def shaded(colour: Colour, factor: float | tuple[float, float, float]) -> Colour:
    """A colour made darker or lighter, all of it or each channel by its own factor."""
    blue, green, red = np.clip(np.array(colour) * factor, 0, 255).tolist()
    return blue, green, red


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """A colour between two: the first at 0, the second at 1."""
    blue, green, red = (np.array(first) * (1 - share) + np.array(second) * share).tolist()
    return blue, green, red

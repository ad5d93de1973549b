"""The height of a surface, moulded like clay and lit by a lamp."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from expressions.datasets.synthetic.canvas import Canvas, Image, Mask, Shape, bounds, spindle


@dataclass(frozen=True)
class View:
    """How the face is seen: turned to a side, and lit from one."""

    yaw: float
    light: tuple[float, float]
    contrast: float


def random_view(rng: np.random.Generator) -> View:
    """Make up a pose and light."""
    return View(
        yaw=rng.normal(0, 0.35),
        light=(rng.uniform(-0.7, 0.7), rng.uniform(-0.85, -0.15)),
        contrast=rng.uniform(0.2, 0.5),
    )


_CREASE = 0.08
"""How wide the surroundings are that keep light from a place."""
_UNSEEN = 0.002
"""A height that makes no difference."""


class Relief:
    """Heights towards the viewer, in units of the canvas."""

    def __init__(self, canvas: Canvas, heights: Image) -> None:
        self._canvas = canvas
        self.heights = heights

    def mould(self, shape: Shape, height: float, soft: float) -> None:
        """Raise the inside of polygons, or lower it."""
        if abs(height) > _UNSEEN:
            self._add(self._canvas.softened(self._canvas.mask(shape), soft), height)

    def groove(self, shape: Shape, depth: float, width: float, soft: float) -> None:
        """Press lines in, or raise them; they run out at their ends."""
        self.mould([spindle(points, 1.5 * width) for points in shape], -depth, soft)

    def light(self, mask: Mask, view: View, gloss: float = 0.0, creased: bool = False) -> None:
        """Light what `mask` shows of the canvas.

        A lamp, its reflection, and light from all around, of which creases get less, if any of
        them are `creased`.
        """
        rows, columns = bounds(mask)
        down, across = self._slopes(rows, columns)
        length = np.sqrt(1 + down * down + across * across)
        lamp = np.array([*view.light, 1.0])
        lamp = lamp / np.sqrt((lamp**2).sum())
        lit = _facing(lamp, down, across) / length
        share = np.float32(view.contrast)
        # From above comes more than from below.
        around = np.float32(0.95) + np.float32(0.25) * down / length
        if creased:
            around *= self._open(rows, columns)
        gain = around * (1 - share) + lit * (share / np.float32(lamp[2]))
        shown = mask[rows, columns].astype(np.float32) / np.float32(255)
        part = self._canvas.image[rows, columns]
        # Skin and hair let red through, so shadows are warm.
        for channel, warmth in enumerate((np.float32(0.16), np.float32(0.1), np.float32(0))):
            part[..., channel] *= 1 + (gain * (1 - warmth + warmth * gain) - 1) * shown
        if gloss:
            half = lamp + np.array([0, 0, 1])
            mirror = _facing(half / np.sqrt((half**2).sum()), down, across) / length
            for _ in range(4):
                mirror *= mirror
            part += (mirror * (shown * np.float32(gloss)))[..., None]

    def _add(self, mask: Mask, height: float) -> None:
        rows, columns = bounds(mask)
        self.heights[rows, columns] += mask[rows, columns].astype(np.float32) * np.float32(
            height / 255
        )

    def _slopes(self, rows: slice, columns: slice) -> tuple[Image, Image]:
        around = np.pad(self.heights, 1, mode="edge")
        part = around[rows.start : rows.stop + 2, columns.start : columns.stop + 2]
        half, limit = np.float32(self._canvas.scale / 2), np.float32(2.5)
        down = (part[2:, 1:-1] - part[:-2, 1:-1]) * half
        across = (part[1:-1, 2:] - part[1:-1, :-2]) * half
        return np.clip(down, -limit, limit), np.clip(across, -limit, limit)

    def _open(self, rows: slice, columns: slice) -> Image:
        """How much of the light around each place gets: less where its surroundings are higher."""
        part = self.heights[rows, columns]
        # Sums of whole numbers are the same in any order.
        steps = np.float32(4096)
        levels = np.rint(part * steps).astype(np.int32)
        reach = max(1, round(_CREASE * self._canvas.scale))
        for _ in range(2):
            levels = _sums(_sums(levels, reach).T, reach).T // (2 * reach + 1) ** 2
        deeper = levels.astype(np.float32) / steps - part
        return np.clip(1 - np.float32(9) * deeper, np.float32(0.45), np.float32(1.15))


def _sums(levels: NDArray[np.int32], reach: int) -> NDArray[np.int32]:
    """Of each place and of `reach` places on both sides of it along the first axis."""
    padded = np.pad(levels, ((reach + 1, reach), (0, 0)), mode="edge").cumsum(
        axis=0, dtype=np.int32
    )
    return padded[2 * reach + 1 :] - padded[: -2 * reach - 1]


def _facing(direction: NDArray[np.float64], down: Image, across: Image) -> Image:
    """How far a surface of these slopes looks in a direction, times the length of its normal."""
    x, y, z = (np.float32(value) for value in direction)
    return np.maximum(z - x * across - y * down, np.float32(0))

"""Boxes in pictures: what they have in common, and which of those that overlap stay."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Corners = NDArray[np.float64]
"""`[..., 4]`: left, top, right and bottom, in pixels."""

Indices = NDArray[np.int64]

# Pairs of boxes compared at once, each some 100 bytes.
_PAIRS_AT_ONCE = 250_000


class Boxes(NamedTuple):
    """Boxes of several pictures: picture by picture, best first."""

    pictures: NDArray[np.int64]
    """`[n]`: the picture that each box is of."""
    corners: Corners
    scores: NDArray[np.float32]

    def at(self, kept: NDArray[np.bool_] | NDArray[np.int64]) -> "Boxes":
        """Return some of the boxes, by a mask or by their indices."""
        return Boxes(self.pictures[kept], self.corners[kept], self.scores[kept])


def areas(corners: Corners) -> NDArray[np.float64]:
    """Return the areas in square pixels, `[...]`."""
    return (corners[..., 2] - corners[..., 0]) * (corners[..., 3] - corners[..., 1])


def common_areas(first: Corners, second: Corners) -> NDArray[np.float64]:
    """Return what the boxes of `first` share with those of `second`, in square pixels.

    `[..., 4]` and `[..., 4]` are broadcast to `[...]`.
    """
    # Not as one array with two columns: NumPy is slow over short axes.
    widths, heights = (
        np.minimum(first[..., end], second[..., end])
        - np.maximum(first[..., end - 2], second[..., end - 2])
        for end in (2, 3)
    )
    return np.asarray(np.maximum(widths, 0) * np.maximum(heights, 0))


def overlaps(first: Corners, second: Corners) -> NDArray[np.float64]:
    """Return the intersections over unions, `[n, m]`, of boxes `[n, 4]` with boxes `[m, 4]`."""
    common = common_areas(first[:, None], second[None])  # [n, m]
    union = areas(first)[:, None] + areas(second) - common  # [n, m]
    return common / np.maximum(union, np.finfo(np.float64).tiny)


def square(boxes: Boxes) -> Boxes:
    """Return the boxes widened to squares about their centres."""
    sizes = boxes.corners[:, 2:] - boxes.corners[:, :2]  # [n, 2]: width, height
    side = sizes.max(axis=1, keepdims=True, initial=0)  # [n, 1]
    start = boxes.corners[:, :2] + sizes * 0.5 - side * 0.5  # [n, 2]: left, top
    return boxes._replace(corners=np.concatenate([start, start + side], axis=1))


def without_overlapped(boxes: Boxes, groups: NDArray[np.int64], overlap: float) -> Boxes:
    """Return the boxes that `non_maximum_suppression` leaves."""
    return boxes.at(non_maximum_suppression(boxes, groups, overlap))


def non_maximum_suppression(
    boxes: Boxes, groups: NDArray[np.int64], overlap: float, *, of_smaller: bool = False
) -> NDArray[np.int64]:
    """Non-maximum suppression (NMS): return the indices of the boxes that stay, `[kept]`.

    They come group by group and best first. A box goes if it overlaps any better one of its group
    by more than `overlap`, be that one kept or not. The overlap is a share of the union, or of the
    smaller box's area. Of equal scores the one that comes last is better, as in the package
    `mtcnn`, which sorts upwards and turns round.

    Args:
        boxes: `n` boxes with their scores.
        groups: `[n]`, any numbers: boxes of different groups never suppress each other.
        overlap: 0 to 1.
        of_smaller: whether the overlap is a share of the smaller box and not of the union.
    """
    order = np.lexsort((-np.arange(len(groups)), -boxes.scores, groups))  # [n]
    corners = boxes.corners[order]  # [n, 4]
    kept = np.ones(len(order), dtype=np.bool_)  # [n], in the order of `order`
    sizes = areas(corners)
    for first, second in _pairs(corners, groups[order]):
        common = common_areas(corners[first], corners[second])
        if of_smaller:
            whole = np.minimum(sizes[first], sizes[second])
        else:
            whole = sizes[first] + sizes[second] - common
        # Not divided: a box may have no area. The worse one of a pair stands behind.
        kept[np.maximum(first, second)[common > overlap * whole]] = False
    return order[kept]


def _pairs(corners: Corners, groups: NDArray[np.int64]) -> Iterator[tuple[Indices, Indices]]:
    """Every pair of boxes of a group that share some columns, by their indices, in parts.

    In a picture of a crowd each of thousands of boxes overlaps a few others.
    """
    lefts, rights = corners[:, 0], corners[:, 2]
    order = np.lexsort((lefts, groups))  # [n]: group by group, from left to right
    places = np.arange(len(order))
    ends = np.empty(len(order), np.int64)  # [n]: behind the last box that begins in each one
    changes = np.flatnonzero(np.diff(groups[order])) + 1
    for start, end in pairwise([0, *changes.tolist(), len(order)]):
        its = order[start:end]
        ends[start:end] = start + np.searchsorted(lefts[its], rights[its])
    counts = np.maximum(ends - places - 1, 0)  # [n]: later boxes that each is held against
    totals = np.cumsum(counts)
    first = 0
    while first < len(order):
        before = totals[first] - counts[first]
        last = max(first + 1, int(np.searchsorted(totals, before + _PAIRS_AT_ONCE, side="right")))
        its = counts[first:last]
        one = np.repeat(places[first:last], its)
        nth = np.arange(its.sum()) - np.repeat(np.cumsum(its) - its, its)
        yield order[one], order[one + 1 + nth]
        first = last

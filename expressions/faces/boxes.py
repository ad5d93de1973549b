"""Boxes in pictures: what they have in common, and which of those that overlap stay."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Corners = NDArray[np.float64]
"""`[..., 4]`: left, top, right and bottom, in pixels."""

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
    counts = np.unique(groups, return_counts=True)[1]  # [groups]
    starts = np.concatenate([[0], np.cumsum(counts)])  # [groups + 1]
    kept = np.ones(len(order), dtype=np.bool_)  # [n], in the order of `order`
    first = 0
    while first < len(counts):
        last = _groups_at_once(counts, first)
        rows = slice(starts[first], starts[last])
        corners = boxes.corners[order[rows]]  # [rows, 4]
        kept[rows] = ~_overlapped(corners, counts[first:last], overlap, of_smaller)
        first = last
    return order[kept]


def _groups_at_once(counts: NDArray[np.int64], first: int) -> int:
    """The end of a run of groups whose pairs, padded to the largest group, fit into memory."""
    largest = np.maximum.accumulate(counts[first:])
    pairs = largest**2 * np.arange(1, len(largest) + 1)
    return first + max(1, int(np.searchsorted(pairs, _PAIRS_AT_ONCE, side="right")))


def _overlapped(
    corners: Corners, counts: NDArray[np.int64], overlap: float, of_smaller: bool
) -> NDArray[np.bool_]:
    """True for boxes that overlap a better one of their group too much, `[n]`."""
    # `g` groups, padded to the `m` boxes of the largest.
    group = np.repeat(np.arange(len(counts)), counts)  # [n]
    rank = np.arange(len(corners)) - np.repeat(np.cumsum(counts) - counts, counts)  # [n]
    padded = np.zeros((len(counts), counts.max(), 4))  # [g, m, 4]
    padded[group, rank] = corners
    common = common_areas(padded[:, :, None], padded[:, None])  # [g, m, m]
    sizes = areas(padded)  # [g, m]
    if of_smaller:
        whole = np.minimum(sizes[:, :, None], sizes[:, None])  # [g, m, m]
    else:
        whole = sizes[:, :, None] + sizes[:, None] - common
    # Not divided: padding has no area. Above the diagonal stand the pairs with a better box.
    too_much: NDArray[np.bool_] = np.triu(common > overlap * whole, k=1)  # [g, better, box]
    return np.any(too_much, axis=1)[group, rank]

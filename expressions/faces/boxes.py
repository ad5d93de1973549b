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
        """Some of the boxes, by a mask or by their places."""
        return Boxes(self.pictures[kept], self.corners[kept], self.scores[kept])


def areas(corners: Corners) -> NDArray[np.float64]:
    """In square pixels, `[...]`."""
    return (corners[..., 2] - corners[..., 0]) * (corners[..., 3] - corners[..., 1])


def common_areas(first: Corners, second: Corners) -> NDArray[np.float64]:
    """What the boxes of `first` share with those of `second`, broadcast; in square pixels."""
    # Not as one array with two columns: NumPy is slow over short axes.
    widths, heights = (
        np.minimum(first[..., end], second[..., end])
        - np.maximum(first[..., end - 2], second[..., end - 2])
        for end in (2, 3)
    )
    return np.asarray(np.maximum(widths, 0) * np.maximum(heights, 0))


def overlaps(first: Corners, second: Corners) -> NDArray[np.float64]:
    """Intersection over union of every box of `first`, `[n, 4]`, with every one of `second`."""
    common = common_areas(first[:, None], second[None])
    union = areas(first)[:, None] + areas(second) - common
    return common / np.maximum(union, np.finfo(np.float64).tiny)


def square(boxes: Boxes) -> Boxes:
    """The boxes widened to squares about their centres."""
    sizes = boxes.corners[:, 2:] - boxes.corners[:, :2]
    side = sizes.max(axis=1, keepdims=True, initial=0)
    start = boxes.corners[:, :2] + sizes * 0.5 - side * 0.5
    return boxes._replace(corners=np.concatenate([start, start + side], axis=1))


def suppress(boxes: Boxes, groups: NDArray[np.int64], overlap: float) -> Boxes:
    """The boxes that `unsuppressed` leaves."""
    return boxes.at(unsuppressed(boxes, groups, overlap))


def unsuppressed(
    boxes: Boxes, groups: NDArray[np.int64], overlap: float, *, of_smaller: bool = False
) -> NDArray[np.int64]:
    """Which boxes stay, `[n]`, group by group and best first.

    A box goes if it overlaps any better one of its group by more than `overlap`, be that one kept
    or not. The overlap is a share of the union, or of the smaller box's area. Of equal scores the
    one that comes last is better, as in the package `mtcnn`, which sorts upwards and turns round.
    """
    order = np.lexsort((-np.arange(len(groups)), -boxes.scores, groups))
    counts = np.unique(groups, return_counts=True)[1]
    starts = np.concatenate([[0], np.cumsum(counts)])
    kept = np.ones(len(order), dtype=np.bool_)
    first = 0
    while first < len(counts):
        last = _groups_at_once(counts, first)
        place = slice(starts[first], starts[last])
        corners = boxes.corners[order[place]]
        kept[place] = ~_overlapped(corners, counts[first:last], overlap, of_smaller)
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
    group = np.repeat(np.arange(len(counts)), counts)
    rank = np.arange(len(corners)) - np.repeat(np.cumsum(counts) - counts, counts)
    padded = np.zeros((len(counts), counts.max(), 4))
    padded[group, rank] = corners
    common = common_areas(padded[:, :, None], padded[:, None])
    sizes = areas(padded)
    if of_smaller:
        whole = np.minimum(sizes[:, :, None], sizes[:, None])
    else:
        whole = sizes[:, :, None] + sizes[:, None] - common
    # Not divided: padding has no area.
    too_much: NDArray[np.bool_] = np.triu(common > overlap * whole, k=1)
    return np.any(too_much, axis=1)[group, rank]

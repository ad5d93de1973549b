"""Where P-Net, MTCNN's first network, proposes faces in pictures of one size.

It looks at a pyramid of sizes, and takes half of its time for the largest one. That one it need not
see everywhere: a face that fills P-Net's window in one size leaves a trace in the next smaller one,
where it fills two thirds of the window. So a quick search looks at every second size, from the
largest one on, only around the traces that the size below it shows. In two sizes below a small face
leaves none, so each second size is looked at everywhere.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from expressions.faces.detection.boxes import Boxes, square, without_overlapped
from expressions.faces.detection.mtcnn_networks import (
    PROPOSAL_CELL,
    TILE,
    Floats,
    Networks,
    tiles_of,
)
from expressions.faces.detection.views import Views

NMS = 0.7
"""Overlap from which on the worse one of two boxes of different sizes goes."""

# The package's, which are those of the paper's published code.
_THRESHOLD, _NMS_IN_LEVEL = 0.6, 0.5

# A score that is a trace of a face, and how far from it the face is looked for, in steps of P-Net.
# Even with 0.2 and 2, each box in 737 photographs and in crowds of 60 and 600 stays what it is.
_TRACE, _AROUND = 0.05, 3
# Steps of P-Net in a size, fewer of which are looked at everywhere.
_FEW = 800


class _Level(NamedTuple):
    """What P-Net says of pictures in one size."""

    scale: float
    scores: Floats
    """`[pictures, rows, columns]`"""
    offsets: Floats
    """`[pictures, 4, rows, columns]`"""

    def boxes(self) -> Boxes:
        """Boxes around what is taken for a face, in pixels of the whole picture."""
        picture, row, column = np.nonzero(self.scores > _THRESHOLD)  # [n] each
        # The package's cells begin at their second pixel, so are one smaller than P-Net's input.
        start = np.stack([column, row], axis=1) * 2.0 + 1  # [n, 2]
        cells = np.concatenate([start, start + PROPOSAL_CELL - 1], axis=1)  # [n, 4]
        corners = cells + self.offsets[picture, :, row, column] * (PROPOSAL_CELL - 1.0)
        return Boxes(picture, corners / self.scale, self.scores[picture, row, column])


def propose(networks: Networks, views: Views, scales: NDArray[np.float64], quick: bool) -> Boxes:
    """Return square boxes around what may be faces.

    Args:
        networks: that look.
        views: the pictures.
        scales: of the sizes to look at, largest first, `[levels]`.
        quick: whether every second size is looked at only where a smaller one shows a trace.
    """
    levels = [level.boxes() for level in _levels(networks, views, scales, quick)][::-1]
    if not levels:
        return Boxes(np.empty(0, np.int64), np.empty((0, 4)), np.empty(0, np.float32))
    boxes = Boxes(
        np.concatenate([found.pictures for found in levels]),
        np.concatenate([found.corners for found in levels]),
        np.concatenate([found.scores for found in levels]),
    )
    level = np.repeat(np.arange(len(levels)), [len(found.scores) for found in levels])  # [n]
    boxes = without_overlapped(boxes, boxes.pictures * len(levels) + level, _NMS_IN_LEVEL)
    return square(without_overlapped(boxes, boxes.pictures, NMS))


def _levels(
    networks: Networks, views: Views, scales: NDArray[np.float64], quick: bool
) -> Iterator[_Level]:
    """The levels of the pyramid, smallest first."""
    below: _Level | None = None
    for place in reversed(range(len(scales))):
        scale, pictures = scales[place], views.level(scales[place])
        height, width = pictures.shape[2:]
        if quick and below is not None and place % 2 == 0 and height * width > 4 * _FEW:
            tiles = _around_traces(below, scale, (height, width))
            scores, offsets = networks.propose_in_tiles(pictures, tiles)
        else:
            scores, offsets = networks.propose(pictures)
        below = _Level(scale, scores, offsets)
        yield below


def _around_traces(below: _Level, scale: float, size: Sequence[int]) -> NDArray[np.bool_]:
    """Which tiles of a level of this scale and size lie around what the smaller one shows."""
    tiles = np.zeros((len(below.scores), *tiles_of(*size)), np.bool_)
    picture, *place = np.nonzero(below.scores > _TRACE)  # [n] each
    # From the middle of a step's window to that of one in the level.
    middle = np.stack(place) * 2 + PROPOSAL_CELL / 2  # [row or column, n], in pixels
    steps = (middle * (scale / below.scale) - PROPOSAL_CELL / 2) / 2
    # A tile is wider than the square around a trace, so it touches those of its corners alone.
    corners = np.stack([steps - _AROUND, steps + _AROUND], axis=1) // TILE  # [.., 2, n]
    most = np.array(tiles.shape[1:]) - 1
    row, column = np.clip(corners, 0, most[:, None, None]).astype(np.int64)
    tiles[picture, row[:, None], column[None]] = True
    return tiles

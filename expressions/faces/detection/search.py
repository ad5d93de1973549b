"""At which sizes a picture is looked at, and so for how small faces.

The first network sees squares of 12 pixels, so a picture is looked at in a pyramid of sizes; the
largest one finds the smallest faces and costs most of the time.
"""

import math
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from expressions.faces.detection.mtcnn_networks import PROPOSAL_CELL

SMALLEST_FACE = 20
"""In pixels: the finest level of the package's pyramid looks for faces of this size."""

FINEST = 24
"""In pixels: a picture that is shrunk is not looked through for smaller faces."""

MOST_PIXELS = 4_000_000
"""To which larger pictures are shrunk, whatever their sides: a panorama keeps its height."""

# The package's, which is that of the paper's published code.
_PYRAMID_FACTOR = 0.709


class Search(Protocol):
    """How far pictures are shrunk, and in which sizes they are looked at then."""

    @property
    def quick(self) -> bool:
        """Whether less is looked at than the package does, for the same faces.

        Small sizes and large faces are taken from halves, quarters, … of a picture then, so that
        large faces are averaged in place of sampled; and some sizes are looked at only where a
        smaller one shows a trace of a face.
        """

    def size(self, height: int, width: int) -> tuple[int, int]:
        """Return the height and width to which a picture is shrunk first."""

    def scales(self, height: int, width: int) -> NDArray[np.float64]:
        """Return the scales at which the shrunk picture is looked at, largest first, `[levels]`.

        Args:
            height: in pixels of the picture as it is given.
            width: as `height`.
        """


@dataclass(frozen=True)
class RelativeSearch:
    """The package's pyramid without its finest levels: for faces by their share of a picture."""

    min_face: float = 0.1
    """The smallest face, as a share of the shorter side; never below `SMALLEST_FACE` pixels."""
    longest_side: int = 640
    """Pixels to which larger pictures are shrunk."""
    quick: ClassVar[bool] = False

    def size(self, height: int, width: int) -> tuple[int, int]:
        """Return the size whose longer side is `longest_side` at most."""
        return _shrunk(height, width, self.longest_side / max(height, width))

    def scales(self, height: int, width: int) -> NDArray[np.float64]:
        """Return the scales of the package that look for faces from `min_face` on."""
        height, width = self.size(height, width)
        steps = np.log(min(height, width) / PROPOSAL_CELL) / -np.log(_PYRAMID_FACTOR)
        powers = _PYRAMID_FACTOR ** np.arange(max(0, round(steps - 1)))
        # A level finds faces from its window's size up to the next level's.
        next_windows = SMALLEST_FACE / (powers * _PYRAMID_FACTOR)
        smallest_face = self.min_face * min(height, width)
        return PROPOSAL_CELL / SMALLEST_FACE * powers[next_windows > smallest_face]


@dataclass(frozen=True)
class AbsoluteSearch:
    """A pyramid for faces by their pixels, up to those that fill the picture."""

    smallest_face: float = FINEST
    """In pixels, from `PROPOSAL_CELL` on."""
    least_share: float = 0.0
    """The smallest face as a share of the shorter side, where that is more."""
    quick: ClassVar[bool] = True

    def size(self, height: int, width: int) -> tuple[int, int]:
        """Return the size that has `MOST_PIXELS` at most."""
        return _shrunk(height, width, self._factor(height, width))

    def smallest(self, height: int, width: int) -> float:
        """Return the smallest face that is looked for, in pixels of the picture as it is given.

        In what is left of a shrunk one, none below `FINEST` pixels is looked for, unless even
        smaller ones were asked for.
        """
        least = min(self.smallest_face, FINEST) / min(1.0, self._factor(height, width))
        return max(self.smallest_face, least, self.least_share * min(height, width))

    def scales(self, height: int, width: int) -> NDArray[np.float64]:
        """Return scales from the smallest face on, down to what the first network can see."""
        factor = min(1.0, self._factor(height, width))
        finest = PROPOSAL_CELL / (self.smallest(height, width) * factor)
        shorter = min(self.size(height, width)) * finest
        levels = np.log(max(1.0, shorter / PROPOSAL_CELL)) / -np.log(_PYRAMID_FACTOR) + 1
        found = finest * _PYRAMID_FACTOR ** np.arange(math.floor(levels))
        return found[np.floor(min(self.size(height, width)) * found) >= PROPOSAL_CELL]

    def _factor(self, height: int, width: int) -> float:
        return math.sqrt(MOST_PIXELS / (height * width))


def _shrunk(height: int, width: int, factor: float) -> tuple[int, int]:
    if factor >= 1:
        return height, width
    return max(1, round(height * factor)), max(1, round(width * factor))

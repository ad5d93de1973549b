"""Pictures as the networks see them: shrunk, from about -1 to 1, and in smaller and smaller views.

A picture is also kept in halves, quarters and so on, if it is wanted so: a level of the pyramid is
then made of the smallest view that is large enough, and a large face is taken from a view in which
it has few pixels more than a network reads.
"""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from expressions.faces.detection.boxes import Corners
from expressions.faces.detection.mtcnn_networks import Floats
from expressions.pictures.files import Picture, colour

# Below, a view saves nothing; and of what a network reads a view has at least so many times.
_LEAST_SIDE = 48
_SPARE = 2


class Views:
    """Pictures of one size.

    Args:
        pictures: uint8, grey or BGR.
        size: height and width to which they are shrunk.
        halved: whether smaller views are made.
    """

    def __init__(self, pictures: Sequence[Picture], size: tuple[int, int], halved: bool) -> None:
        self.size = size
        self.whole = [_shrunk(colour(picture), *size) for picture in pictures]
        """RGB, `[height, width, 3]` each."""
        self._views = [self.whole]
        self._planes: dict[int, Floats] = {}
        while halved and min(self._views[-1][0].shape[:2]) >= 2 * _LEAST_SIDE:
            self._views.append([_half(picture) for picture in self._views[-1]])

    def level(self, scale: float) -> Floats:
        """Return the pictures made smaller by `scale`, `[n, 3, height * scale, width * scale]`."""
        height, width = int(self.size[0] * scale), int(self.size[1] * scale)
        # A half is rounded up, so that it is never narrower than a level of half the size.
        views = (view for view in reversed(self._views) if _fits(view[0], height, width))
        size = width, height
        return channels_first(
            [cv2.resize(picture, size, interpolation=cv2.INTER_AREA) for picture in next(views)]
        )

    def of_boxes(self, corners: Corners, side: int) -> Iterator[tuple[Floats, NDArray[np.int64]]]:
        """Yield views, `[n, 3, height, width]`, with the indices of the boxes to look at in each.

        Without boxes the first one comes alone.

        Args:
            corners: `[k, 4]`, in pixels of the whole pictures.
            side: of what is read of a box, in pixels.
        """
        sides = np.maximum((corners[:, 2:] - corners[:, :2]).max(axis=1, initial=0), 1)
        halvings = np.floor(np.log2(sides / (_SPARE * side)))
        chosen = np.clip(halvings, 0, len(self._views) - 1).astype(np.int64)
        for number in range(len(self._views)):
            indices = np.flatnonzero(chosen == number)
            if len(indices) or (number == 0 and not len(corners)):
                yield self._channels_first(number), indices

    def _channels_first(self, number: int) -> Floats:
        if number not in self._planes:
            self._planes[number] = channels_first(self._views[number])
        return self._planes[number]


def channels_first(pictures: Sequence[Floats]) -> Floats:
    """Return `[height, width, 3]` each as `[n, 3, height, width]`."""
    # Laid out so in memory, too: of what is only turned the runtime makes a copy in every pass.
    planes = np.empty((len(pictures), 3, *pictures[0].shape[:2]), np.float32)
    for picture, its_planes in zip(pictures, planes, strict=True):
        cv2.split(picture, list(its_planes))
    return planes


def _shrunk(picture: Picture, height: int, width: int) -> Floats:
    if picture.shape[:2] != (height, width):
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    rgb = cv2.cvtColor(np.asarray(picture, np.uint8), cv2.COLOR_BGR2RGB)
    return (rgb.astype(np.float32) - np.float32(127.5)) / np.float32(128)


def _fits(picture: Floats, height: int, width: int) -> bool:
    return picture.shape[0] >= height and picture.shape[1] >= width


def _half(picture: Floats) -> Floats:
    height, width = picture.shape[:2]
    size = (width + 1) // 2, (height + 1) // 2
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)

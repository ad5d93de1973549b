"""The faces of a user's pictures: found, down to small ones, and cut out as for training."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

import cv2
import numpy as np

from expressions.errors import InputError
from expressions.faces.alignment import align
from expressions.faces.detection.mtcnn import LANDMARKS, Detector, Face, face_of_numbers
from expressions.faces.detection.mtcnn_networks import PROPOSAL_CELL
from expressions.faces.detection.search import FINEST, AbsoluteSearch
from expressions.faces.framing import Framing
from expressions.pictures.files import Picture, colour
from expressions.pipeline.streams import batched_by, ordered_map

Item = TypeVar("Item")
Result = TypeVar("Result")

THREADS = 2
"""Batches that are worked on side by side; each has one thread."""

SMALLEST_FACE = FINEST
"""In pixels: faces from this size on are looked for, if nothing else is said."""

# Of one batch: enough for the networks, and so few that of large pictures both cores have one.
_PICTURES_AT_ONCE = 16
_PIXELS_AT_ONCE = 1_000_000

# A face without anything around it is found where there is some: shares of the longer side, and of
# the shorter side the smallest face worth a second look.
_BORDER, _CLOSE = 0.1, 1 / 6
# Pixels to which larger pictures are shrunk for it.
_SIDE_AGAIN = 640
_GREY = 128
# A picture with sides in these bounds and grey values apart by so much may be a face alone.
_SIDES, _MOST_RATIO, _LEAST_RANGE = (FINEST, 400), 1.25, 32


class FoundFace(NamedTuple):
    """One face of a picture."""

    face: Face
    """Its box and landmarks in pixels of the picture, and the detector's confidence."""
    crop: Picture
    """Levelled and cut out, as large as it is in the picture."""
    whole_picture: bool = False
    """Whether no face was found, and the picture as a whole is taken for one."""


class FaceFinder:
    """Finds the faces of pictures and cuts them out as a model's training did.

    Where none is found, a picture is looked at once more with a border, since a face that fills it
    is found by what is around it. Where there is none again, a small and nearly square picture is
    taken for a face as a whole.

    Args:
        framing: how the faces are cut out, and how sure the detector has to be.
        smallest_face: in pixels; from 12 on.

    Raises:
        InputError: `smallest_face` is below 12.
    """

    def __init__(self, framing: Framing, smallest_face: float = SMALLEST_FACE) -> None:
        if not PROPOSAL_CELL <= smallest_face < np.inf:
            raise InputError(
                f"The smallest face is {smallest_face:g} pixels. Expected is a number from "
                f"{PROPOSAL_CELL} on: what is smaller, no network sees."
            )
        self._framing = framing
        self._search = AbsoluteSearch(smallest_face)
        self._detector = Detector(self._search)
        self._closer = Detector(AbsoluteSearch(smallest_face, _CLOSE))

    def smallest(self, picture: Picture) -> float:
        """Return the smallest face that is looked for in a picture, in its pixels."""
        return self._search.smallest(*picture.shape[:2])

    def find(self, pictures: Sequence[Picture]) -> list[list[FoundFace]]:
        """Return the faces of each picture, largest first; those that are sure enough."""
        found = [self._sure(faces) for faces in self._detector.detect(pictures)]
        without = [index for index, faces in enumerate(found) if not faces]
        for index, faces in zip(without, self._look_again(pictures, without), strict=True):
            found[index] = faces
        return [
            [FoundFace(face, align(picture, face, self._framing.margin)) for face in faces]
            or ([whole_picture(picture)] if _may_be_a_face(picture) else [])
            for picture, faces in zip(pictures, found, strict=True)
        ]

    def _look_again(self, pictures: Sequence[Picture], indices: list[int]) -> list[list[Face]]:
        """The faces of pictures with something around them, in pixels of the pictures."""
        bordered = [_with_border(pictures[index]) for index in indices]
        found = self._closer.detect([picture for picture, _, _ in bordered])
        return [
            list(_moved_back(self._sure(faces), factor, border, pictures[index]))
            for index, (_, factor, border), faces in zip(indices, bordered, found, strict=True)
        ]

    def _sure(self, faces: Sequence[Face]) -> list[Face]:
        return [face for face in faces if face.confidence >= self._framing.confidence]


class CutOutFaces:
    """Takes every picture for a face that is cut out already."""

    def smallest(self, picture: Picture) -> float:  # noqa: ARG002
        """Return 0: nothing is looked for."""
        return 0.0

    def find(self, pictures: Sequence[Picture]) -> list[list[FoundFace]]:
        """Return each picture as its one face."""
        return [[whole_picture(picture)] for picture in pictures]


def whole_picture(picture: Picture) -> FoundFace:
    """Return a picture as a face that nobody found: sure by 0, and without landmarks."""
    height, width = picture.shape[:2]
    nowhere = np.full((len(LANDMARKS), 2), np.nan)
    face = Face(0.0, 0.0, float(width), float(height), 0.0, nowhere)
    return FoundFace(face, picture, whole_picture=True)


def _may_be_a_face(picture: Picture) -> bool:
    shorter, longer = sorted(picture.shape[:2])
    if shorter < _SIDES[0] or longer > min(_SIDES[1], _MOST_RATIO * shorter):
        return False
    return int(picture.max()) - int(picture.min()) >= _LEAST_RANGE


def _with_border(picture: Picture) -> tuple[Picture, float, int]:
    """A picture, shrunk by the factor that comes with it, within a border of so many pixels."""
    longer = max(picture.shape[:2])
    factor = min(1.0, _SIDE_AGAIN / longer)
    if factor < 1:
        height, width = (max(1, round(side * factor)) for side in picture.shape[:2])
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    border = round(_BORDER * longer * factor)
    widths = ((border, border), (border, border), (0, 0))
    return np.pad(colour(picture), widths, constant_values=_GREY), factor, border


def _moved_back(
    faces: Sequence[Face], factor: float, border: int, picture: Picture
) -> Iterator[Face]:
    """The faces that `_with_border` shows, in pixels of the picture, where their boxes end."""
    edge = np.array(picture.shape[1::-1]) - 1.0
    for face in faces:
        first, size = np.array([face.x, face.y]), np.array([face.width, face.height])
        corners = np.stack([first, first + size])
        start, end = np.clip((corners - border) / factor, 0, edge)
        points = (face.landmarks - border) / factor
        if (end > start).all():
            yield face_of_numbers(
                np.array([*start, *(end - start), face.confidence, *points.ravel()]).round(2)
            )


def map_in_batches(
    work: Callable[[Sequence[Picture]], list[list[Result]]],
    items: Iterable[Item],
    picture_of: Callable[[Item], Picture | None],
) -> Iterator[tuple[Item, list[Result]]]:
    """Yield each item with what `work` finds in its picture; only a few are taken ahead.

    Args:
        work: gives the results of each picture of a batch.
        items: anything that has a picture, in any number.
        picture_of: gives an item's picture; None if it has none, and so no results.
    """

    def work_on(batch: list[Item]) -> list[tuple[Item, list[Result]]]:
        pictures = [picture_of(item) for item in batch]
        found = iter(work([picture for picture in pictures if picture is not None]))
        return [
            (item, [] if picture is None else next(found))
            for item, picture in zip(batch, pictures, strict=True)
        ]

    def pixels(item: Item) -> int:
        picture = picture_of(item)
        return 0 if picture is None else picture.shape[0] * picture.shape[1]

    batches = batched_by(items, pixels, _PIXELS_AT_ONCE, _PICTURES_AT_ONCE)
    for batch in ordered_map(work_on, batches, THREADS):
        yield from batch

"""The faces of a user's pictures, found and cut out as they were for a model's training."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from expressions.faces.alignment import align
from expressions.faces.detection.mtcnn import Detector, Face
from expressions.faces.detection.search import RelativeSearch
from expressions.faces.framing import Framing
from expressions.pictures.files import Picture
from expressions.pipeline.streams import batched_by, ordered_map

Item = TypeVar("Item")
Result = TypeVar("Result")

THREADS = 2
"""Batches that are worked on side by side; each has one thread."""

# Of one batch: enough for the networks, and little enough for memory.
_PICTURES_AT_ONCE = 16
_PIXELS_AT_ONCE = 16_000_000


class FoundFace(NamedTuple):
    """One face of a picture."""

    face: Face
    """Its box and landmarks in pixels of the picture, and the detector's confidence."""
    crop: Picture
    """Levelled and cut out, as large as it is in the picture."""


class FaceFinder:
    """Finds the faces of pictures and cuts them out by one framing."""

    def __init__(self, framing: Framing) -> None:
        self._framing = framing
        self._detector = Detector(RelativeSearch(framing.min_face, framing.longest_side))

    def find(self, pictures: Sequence[Picture]) -> list[list[FoundFace]]:
        """Return the faces of each picture, largest first; those that are sure enough."""
        return [
            [
                FoundFace(face, align(picture, face, self._framing.margin))
                for face in faces
                if face.confidence >= self._framing.confidence
            ]
            for picture, faces in zip(pictures, self._detector.detect(pictures), strict=True)
        ]


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

"""Emotions on pictures: faces found, levelled, cut out and classified as the pipeline does it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from expressions.faces.alignment import align
from expressions.faces.mtcnn import Detector, Face
from expressions.faces.preprocessing import grey_face
from expressions.pictures.files import Picture
from expressions.pipeline.streams import batched_by, ordered_map
from expressions.prediction.exported_model import ExportedModel, default_folder

Item = TypeVar("Item")

THREADS = 2
"""Batches that are worked on side by side; each has one thread."""

# Of one batch: enough for the networks, and little enough for memory.
_PICTURES_AT_ONCE = 16
_PIXELS_AT_ONCE = 16_000_000


class Recognition(NamedTuple):
    """One face in a picture and what it shows."""

    face: Face
    """Its box and landmarks in pixels of the picture, and the detector's confidence."""
    emotion: str
    """The most probable one."""
    probabilities: NDArray[np.float32]
    """`[classes]`, in the order of `Recognizer.classes`; they add up to 1."""


class Recognizer:
    """Finds the faces of pictures and gives the probabilities of their emotions.

    Args:
        model: a folder like `models/export/`; by default the reference model, or, while there is
            none, what the clone's own `make repro` made.

    Raises:
        InputError: the folder holds no model.

    Examples:
        >>> import cv2
        >>> recognizer = Recognizer()
        >>> [face] = recognizer.recognize([cv2.imread("samples/happiness.jpg")])[0]
        >>> face.emotion
        'happiness'
    """

    def __init__(self, model: Path | str | None = None) -> None:
        self.folder = default_folder() if model is None else Path(model)
        self._model = ExportedModel(self.folder)
        self.card = self._model.card
        self.classes: tuple[str, ...] = self.card.classes
        """The emotions, in the order of the probabilities."""
        framing = self.card.framing
        self._detector = Detector(min_face=framing.min_face, longest_side=framing.longest_side)

    def recognize(self, pictures: Sequence[Picture]) -> list[list[Recognition]]:
        """Return the faces of each picture, largest first; an empty list where there is none.

        Args:
            pictures: uint8, `[height, width]` grey or `[height, width, 3]` BGR as OpenCV reads
                them; of any sizes.
        """
        return [found for _, found in self.recognize_stream(pictures, lambda picture: picture)]

    def recognize_stream(
        self, items: Iterable[Item], picture_of: Callable[[Item], Picture | None]
    ) -> Iterator[tuple[Item, list[Recognition]]]:
        """Recognize items that come one after the other; only a few are taken ahead.

        Args:
            items: anything that has a picture, in any number.
            picture_of: gives an item's picture; None if it has none, and so no faces.
        """

        def work(batch: list[Item]) -> list[tuple[Item, list[Recognition]]]:
            pictures = [picture_of(item) for item in batch]
            found = iter(self._recognize_batch([p for p in pictures if p is not None]))
            return [
                (item, [] if picture is None else next(found))
                for item, picture in zip(batch, pictures, strict=True)
            ]

        def pixels(item: Item) -> int:
            picture = picture_of(item)
            return 0 if picture is None else picture.shape[0] * picture.shape[1]

        batches = batched_by(items, pixels, _PIXELS_AT_ONCE, _PICTURES_AT_ONCE)
        for batch in ordered_map(work, batches, THREADS):
            yield from batch

    def _recognize_batch(self, pictures: Sequence[Picture]) -> list[list[Recognition]]:
        framing = self.card.framing
        found = [
            [face for face in faces if face.confidence >= framing.confidence]
            for faces in self._detector.detect(pictures)
        ]
        crops = [
            grey_face(align(picture, face, framing.margin))
            for picture, faces in zip(pictures, found, strict=True)
            for face in faces
        ]
        rows = iter(self.probabilities(crops))
        return [[self._recognition(face, next(rows)) for face in faces] for faces in found]

    def probabilities(self, faces: Sequence[Picture]) -> NDArray[np.float32]:
        """Return the probabilities, float32 `[n, classes]`, of faces that are cut out already.

        Args:
            faces: uint8, `[48, 48]` grey.
        """
        stacked = np.stack(faces) if len(faces) else np.empty((0, 48, 48), np.uint8)
        return self._model.probabilities(stacked)

    def _recognition(self, face: Face, probabilities: NDArray[np.float32]) -> Recognition:
        return Recognition(face, self.classes[int(probabilities.argmax())], probabilities)

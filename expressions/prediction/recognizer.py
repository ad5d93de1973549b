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
from expressions.pipeline.streams import ordered_map
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
        """The faces of each picture, largest first; an empty list where there is none.

        Args:
            pictures: uint8, `[height, width]` grey or `[height, width, 3]` BGR as OpenCV reads
                them; of any sizes.
        """
        found = ordered_map(
            self.recognize_batch, batches(pictures, lambda picture: picture), THREADS
        )
        return [recognitions for batch in found for recognitions in batch]

    def recognize_batch(self, pictures: Sequence[Picture]) -> list[list[Recognition]]:
        """As `recognize`, on the calling thread alone and all at once."""
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
        """The probabilities, `[n, classes]`, of faces that are cut out already.

        Args:
            faces: uint8, `[48, 48]` grey.
        """
        stacked = np.stack(faces) if len(faces) else np.empty((0, 48, 48), np.uint8)
        return self._model.probabilities(stacked)

    def _recognition(self, face: Face, probabilities: NDArray[np.float32]) -> Recognition:
        return Recognition(face, self.classes[int(probabilities.argmax())], probabilities)


def batches(
    items: Iterable[Item], picture_of: Callable[[Item], Picture | None]
) -> Iterator[list[Item]]:
    """Items with their pictures, in the groups that are worked on at once."""
    batch: list[Item] = []
    pixels = 0
    for item in items:
        picture = picture_of(item)
        size = 0 if picture is None else picture.shape[0] * picture.shape[1]
        if batch and (len(batch) == _PICTURES_AT_ONCE or pixels + size > _PIXELS_AT_ONCE):
            yield batch
            batch, pixels = [], 0
        batch.append(item)
        pixels += size
    if batch:
        yield batch

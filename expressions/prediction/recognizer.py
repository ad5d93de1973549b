"""Emotions on pictures: faces found, levelled, cut out and classified as the pipeline does it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, cast, overload

import numpy as np
from numpy.typing import NDArray

from expressions.faces.detection.mtcnn import Face
from expressions.faces.preprocessing import grey_face
from expressions.pictures.files import Picture
from expressions.pipeline.streams import ordered_map
from expressions.prediction.exported_model import ExportedModel, default_folder
from expressions.prediction.face_finder import THREADS, FaceFinder, Item, map_in_batches
from expressions.prediction.given_pictures import (
    PictureLike,
    checked_faces,
    checked_picture,
    is_one_picture,
)


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
        >>> recognizer = Recognizer()
        >>> [face] = recognizer.recognize("samples/happiness.jpg")
        >>> face.emotion
        'happiness'
    """

    def __init__(self, model: Path | str | None = None) -> None:
        self.folder = default_folder() if model is None else Path(model)
        self._model = ExportedModel(self.folder)
        self.card = self._model.card
        self.classes: tuple[str, ...] = self.card.classes
        """The emotions, in the order of the probabilities."""
        self._finder = FaceFinder(self.card.framing)

    # A path as text is also a sequence of texts, and the first signature comes first.
    @overload
    def recognize(  # type: ignore[overload-overlap]
        self, pictures: PictureLike
    ) -> list[Recognition]: ...

    @overload
    def recognize(self, pictures: Iterable[PictureLike]) -> list[list[Recognition]]: ...

    def recognize(
        self, pictures: PictureLike | Iterable[PictureLike]
    ) -> list[Recognition] | list[list[Recognition]]:
        """Return the faces of one picture, or of each of several; largest first.

        Args:
            pictures: a picture, or any number of them, of any sizes. Each is an array, uint8 from 0
                to 255, `[height, width]` grey or `[height, width, 3]` BGR as OpenCV reads it; or
                the path of a file, which is read as a viewer shows it.

        Returns:
            For one picture a list of its faces, empty where there is none; for several one such
            list each.

        Raises:
            InputError: a file cannot be read, or an array has another type, shape or range.

        Examples:
            >>> recognizer = Recognizer()
            >>> [face.emotion for face in recognizer.recognize("samples/happiness.jpg")]
            ['happiness']
            >>> [len(faces) for faces in recognizer.recognize(["samples/group.jpg"] * 2)]
            [3, 3]
        """
        if is_one_picture(pictures):
            return self._recognize_batch([checked_picture(pictures)])[0]
        several = cast("Iterable[PictureLike]", pictures)
        named = ((one, f"pictures[{index}]") for index, one in enumerate(several))
        checked = ordered_map(lambda pair: checked_picture(*pair), named, THREADS)
        return [found for _, found in self.recognize_stream(checked, lambda picture: picture)]

    def recognize_stream(
        self, items: Iterable[Item], picture_of: Callable[[Item], Picture | None]
    ) -> Iterator[tuple[Item, list[Recognition]]]:
        """Recognize items that come one after the other; only a few are taken ahead.

        Args:
            items: anything that has a picture, in any number.
            picture_of: gives an item's picture; None if it has none, and so no faces.
        """
        return map_in_batches(self._recognize_batch, items, picture_of)

    def _recognize_batch(self, pictures: Sequence[Picture]) -> list[list[Recognition]]:
        found = self._finder.find(pictures)
        crops = [grey_face(one.crop) for faces in found for one in faces]
        rows = iter(self.probabilities(crops))
        return [[self._recognition(one.face, next(rows)) for one in faces] for faces in found]

    def probabilities(self, faces: Sequence[Picture]) -> NDArray[np.float32]:
        """Return the probabilities, float32 `[n, classes]`, of faces that are cut out already.

        Args:
            faces: uint8 from 0 to 255, `[48, 48]` grey each; a list or one array.

        Raises:
            InputError: a face has another type or shape.
        """
        return self._model.probabilities(checked_faces(faces))

    def _recognition(self, face: Face, probabilities: NDArray[np.float32]) -> Recognition:
        return Recognition(face, self.classes[int(probabilities.argmax())], probabilities)

"""Emotions on pictures: faces found, levelled, cut out and classified as the pipeline does it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, cast, overload

import numpy as np
from numpy.typing import NDArray

from expressions.faces.detection.mtcnn import Face
from expressions.faces.detection.search import MOST_PIXELS
from expressions.faces.preprocessing import grey_face
from expressions.pictures.files import Picture
from expressions.pipeline.streams import ordered_map
from expressions.prediction.exported_model import ExportedModel, default_folder
from expressions.prediction.face_finder import (
    SMALLEST_FACE,
    THREADS,
    CutOutFaces,
    FaceFinder,
    FoundFace,
    Item,
    map_in_batches,
)
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
    whole_picture: bool = False
    """Whether no face was found, and the picture as a whole is taken for one: its confidence is 0,
    its landmarks are not known."""


class Recognizer:
    """Finds the faces of pictures and gives the probabilities of their emotions.

    Args:
        model: a folder like `models/export/`; by default the reference model, or, while there is
            none, what the clone's own `make repro` made.
        smallest_face: in pixels, from 12 on, by default 24: smaller ones are not looked for.
            Pictures of more than four megapixels are shrunk to that, and what is left is looked
            through for faces from 24 pixels on.
        cut_out: whether pictures are faces that are cut out already; then nothing is looked for.

    Raises:
        InputError: the folder holds no model, or `smallest_face` is below 12.

    Examples:
        >>> recognizer = Recognizer()
        >>> [face] = recognizer.recognize("samples/happiness.jpg")
        >>> face.emotion
        'happiness'
    """

    def __init__(
        self,
        model: Path | str | None = None,
        *,
        smallest_face: float | None = None,
        cut_out: bool = False,
    ) -> None:
        self.folder = default_folder() if model is None else Path(model)
        self._model = ExportedModel(self.folder)
        self.card = self._model.card
        self.classes: tuple[str, ...] = self.card.classes
        """The emotions, in the order of the probabilities."""
        self._smallest_face = SMALLEST_FACE if smallest_face is None else smallest_face
        self._finder: FaceFinder | CutOutFaces = CutOutFaces()
        if not cut_out:
            self._finder = FaceFinder(self.card.framing, self._smallest_face)

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
        return [[self._recognition(one, next(rows)) for one in faces] for faces in found]

    def probabilities(self, faces: Sequence[Picture]) -> NDArray[np.float32]:
        """Return the probabilities, float32 `[n, classes]`, of faces that are cut out already.

        Args:
            faces: uint8 from 0 to 255, `[48, 48]` grey each; a list or one array.

        Raises:
            InputError: a face has another type or shape.
        """
        return self._model.probabilities(checked_faces(faces))

    def smallest_face(self, picture: Picture) -> float:
        """Return the smallest face that is looked for in a picture, in its pixels."""
        return self._finder.smallest(picture)

    def not_looked_for(self, picture: Picture) -> str:
        """Return what of a picture is not looked for although it was asked for; or nothing."""
        smallest = self.smallest_face(picture)
        if smallest <= self._smallest_face:
            return ""
        given = picture.shape[0] * picture.shape[1]
        return (
            f"looked through with {MOST_PIXELS / 1e6:.0f} of its {given / 1e6:.0f} megapixels: "
            f"faces below {smallest:.0f} pixels are not looked for"
        )

    def _recognition(self, found: FoundFace, probabilities: NDArray[np.float32]) -> Recognition:
        emotion = self.classes[int(probabilities.argmax())]
        return Recognition(found.face, emotion, probabilities, found.whole_picture)

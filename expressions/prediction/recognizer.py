"""Emotions on pictures: faces found, levelled, cut out and classified as the pipeline does it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from pathlib import Path
from typing import Any, NamedTuple, cast, overload

import numpy as np
from numpy.typing import NDArray

from expressions.errors import InputError
from expressions.faces.detection.mtcnn import Face
from expressions.faces.detection.search import MOST_PIXELS
from expressions.faces.preprocessing import grey_face
from expressions.labels.prior import (
    DEFAULT,
    FOR_FEW_FACES,
    Expectation,
    Prior,
    TrainingShares,
    expect,
)
from expressions.pictures.files import Picture
from expressions.pipeline import paths
from expressions.pipeline.streams import ordered_map
from expressions.prediction.exported_model import Card, ExportedModel, default_folder
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
    prior: str = Prior.TRAINING
    """What the probabilities expect, see `Recognizer`."""


class Recognizer:
    """Finds the faces of pictures and gives the probabilities of their emotions.

    Args:
        model: a folder like `models/export/`; by default the reference model, or, while there is
            none, what the clone's own `make repro` made.
        prior: how often each emotion is expected before a face is seen. `training`: as often as in
            the model's training, where most faces were neutral or happy; `tempered`: a little more
            evenly; `even`: all alike; `estimated`, the default: as often as the faces say
            themselves that are given to `recognize` at once, from 50 on, and `tempered` for fewer;
            `intended`: all alike, and the answer is not what is seen but what was meant.
            Where the model does not say what it was trained with, it is `training`.
        smallest_face: in pixels, from 12 on, by default 24: smaller ones are not looked for.
            Pictures of more than four megapixels are shrunk to that, and what is left is looked
            through for faces from 24 pixels on.
        cut_out: whether pictures are faces that are cut out already; then nothing is looked for.

    Raises:
        InputError: the folder holds no model, `smallest_face` is below 12, or `prior` is none of
            these or asks for what the model does not say.

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
        prior: Prior | str | None = None,
        smallest_face: float | None = None,
        cut_out: bool = False,
    ) -> None:
        self.folder = default_folder() if model is None else Path(model)
        self._model = ExportedModel(self.folder)
        self.card = self._model.card
        self.classes: tuple[str, ...] = self.card.classes
        """The emotions, in the order of the probabilities."""
        self.prior = _known_prior(prior, self.card, self.folder)
        """What is expected."""
        self.is_prior_asked = prior is not None
        """Whether somebody asked for this prior, or it is the default."""
        self._estimates = self.prior is Prior.ESTIMATED
        # Of a face that comes alone; what is to be estimated is not known yet.
        self._expectation = self._expect_of_one(self.prior)
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
            return self._recognize_several([checked_picture(pictures)])[0]
        several = cast("Iterable[PictureLike]", pictures)
        named = ((one, f"pictures[{index}]") for index, one in enumerate(several))
        checked = ordered_map(lambda pair: checked_picture(*pair), named, THREADS)
        return self._recognize_several(checked)

    def _recognize_several(self, pictures: Iterable[Picture]) -> list[list[Recognition]]:
        first = self.with_prior(Prior.TRAINING) if self._estimates else self
        stream = first.recognize_stream(pictures, lambda picture: picture)
        answers = [found for _, found in stream]
        if first is self:
            return answers
        # No array can be made of no rows.
        rows = [one.probabilities for found in answers for one in found] or [self._no_face]
        after = self.after(np.vstack(rows))
        return [after.reconsider(found) for found in answers]

    def recognize_stream(
        self, items: Iterable[Item], picture_of: Callable[[Item], Picture | None]
    ) -> Iterator[tuple[Item, list[Recognition]]]:
        """Recognize items that come one after the other; only a few are taken ahead.

        What later items show is not known, so in place of `estimated` they are `tempered` here;
        `after` gives a recognizer that knows.

        Args:
            items: anything that has a picture, in any number.
            picture_of: gives an item's picture; None if it has none, and so no faces.
        """
        return map_in_batches(self._recognize_batch, items, picture_of)

    def _recognize_batch(self, pictures: Sequence[Picture]) -> list[list[Recognition]]:
        found = self._finder.find(pictures)
        crops = [grey_face(one.crop) for faces in found for one in faces]
        rows = iter(_single(self._expectation.of(self._model.probabilities(checked_faces(crops)))))
        return [[self._recognition(one, next(rows)) for one in faces] for faces in found]

    def probabilities(self, faces: Sequence[Picture]) -> NDArray[np.float32]:
        """Return the probabilities, float32 `[n, classes]`, of faces that are cut out already.

        Args:
            faces: uint8 from 0 to 255, `[48, 48]` grey each; a list or one array.

        Raises:
            InputError: a face has another type or shape.
        """
        raw = self._model.probabilities(checked_faces(faces))
        expectation = self._expect(self.prior, raw) if self._estimates else self._expectation
        return _single(expectation.of(raw))

    def with_prior(self, prior: Prior) -> "Recognizer":
        """Return this recognizer with another prior, which the model knows."""
        other = copy(self)
        vars(other).update(
            prior=prior,
            _estimates=prior is Prior.ESTIMATED,
            _expectation=self._expect_of_one(prior),
        )
        return other

    def one_by_one(self) -> "Recognizer":
        """Return this recognizer for faces of which each is answered before the next is seen.

        Their shares cannot be estimated, so by default they are expected evenly.
        """
        by_default = self.prior is Prior.ESTIMATED and not self.is_prior_asked
        return self.with_prior(FOR_FEW_FACES) if by_default else self

    def after(self, probabilities: NDArray[np.floating[Any]]) -> "Recognizer":
        """Return this recognizer with what it expects estimated, for good, from faces it has seen.

        Args:
            probabilities: `[n, classes]`, those faces' under the prior `training`.
        """
        other = copy(self)
        vars(other).update(_estimates=False, _expectation=self._expect(self.prior, probabilities))
        return other

    def reconsider(self, faces: Sequence[Recognition]) -> list[Recognition]:
        """Return faces, as they are under the prior `training`, under what this one expects."""
        prior = self._expectation.prior
        rows = [_single(self._expectation.of(one.probabilities[None]))[0] for one in faces]
        return [
            one._replace(emotion=self.classes[int(row.argmax())], probabilities=row, prior=prior)
            for one, row in zip(faces, rows, strict=True)
        ]

    @property
    def expects(self) -> Prior:
        """What is expected of the next face in a stream."""
        return self._expectation.prior

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
        prior = self._expectation.prior
        return Recognition(found.face, emotion, probabilities, found.whole_picture, prior)

    def _expect(self, prior: Prior, faces: NDArray[np.floating[Any]]) -> Expectation:
        known = self.card.training_shares
        if known is None:
            unknown = TrainingShares(self.classes, np.ones(len(self.classes)), 0.0)
            return Expectation(Prior.TRAINING, unknown, unknown.shares)
        return expect(prior, known, faces)

    def _expect_of_one(self, prior: Prior) -> Expectation:
        """What is expected where no faces have been seen."""
        return self._expect(prior, self._no_face)

    @property
    def _no_face(self) -> NDArray[np.float32]:
        return np.empty((0, len(self.classes)), np.float32)


def _single(probabilities: NDArray[np.float64]) -> NDArray[np.float32]:
    return probabilities.astype(np.float32)


def _known_prior(asked: Prior | str | None, card: Card, folder: Path) -> Prior:
    if asked is None:
        return DEFAULT if card.training_shares else Prior.TRAINING
    try:
        prior = Prior(asked)
    except ValueError:
        raise InputError(f"prior is {asked!r}. Expected is one of {', '.join(Prior)}.") from None
    if prior is not Prior.TRAINING and card.training_shares is None:
        raise InputError(
            f"{folder / paths.CARD} does not name the shares of the classes in the model's "
            f"training (`prior`), so {prior} cannot be expected. Take training, or export the "
            "model again."
        )
    if prior is Prior.INTENDED and card.intended is None:
        raise InputError(
            f"{folder / paths.CARD} does not say what faces were meant to show (`intended`): no "
            "validation picture told it beside what is seen in it. Take even."
        )
    return prior

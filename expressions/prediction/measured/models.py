"""Whatever is to be measured on labelled pictures, behind one interface.

That is an exported folder, a network in a file, or the probabilities that any program wrote. Of a
picture's faces the largest one counts.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, FiniteFloat

from expressions.faces.detection.mtcnn import Face
from expressions.faces.framing import Framing
from expressions.faces.preprocessing import centre_square
from expressions.labels.prior import DEFAULT, Prior, TrainingShares, expect
from expressions.pictures.files import Picture, colour, grey
from expressions.pipeline.progress import bar
from expressions.prediction.exported_model import Classes
from expressions.prediction.face_finder import FaceFinder, map_in_batches
from expressions.prediction.frames import Frame, read_pictures
from expressions.prediction.recognizer import Recognition, Recognizer
from expressions.prediction.sources import Source

_NOT_A_DISTRIBUTION = 1e-2


class Pictures(NamedTuple):
    """What is measured: files in which faces have to be found, or faces that are cut out."""

    names: Sequence[str]
    files: Sequence[Path] = ()
    faces: NDArray[np.uint8] | None = None
    """Grey, `[n, 48, 48]`; None where there are files."""


class Answers(NamedTuple):
    """What a model says of pictures, in their order."""

    classes: tuple[str, ...]
    probabilities: NDArray[np.float64]
    """`[n, classes]`; NaN in the rows of pictures without a face."""
    boxes: Mapping[int, Face] = MappingProxyType({})
    """Where the face is, by the place of its picture, if that is known."""
    unreadable: Mapping[int, str] = MappingProxyType({})
    """Why a picture cannot be read, by its place."""
    seconds: float | None = None
    """From the first file to the last answer; None where they were there before."""
    notes: tuple[str, ...] = ()
    prior: Prior = Prior.TRAINING
    """What the probabilities expect."""

    @property
    def faces_per_second(self) -> float | None:
        """How many faces were found and classified in a second, reading included."""
        faces = int((~np.isnan(self.probabilities[:, 0])).sum())
        return faces / self.seconds if self.seconds else None


class MeasuredModel(Protocol):
    """What can be measured."""

    def answer(self, pictures: Pictures, quiet: bool) -> Answers:
        """Say what each picture shows."""


class InputDescription(BaseModel):
    """What a network reads, besides the size that its file names."""

    range: tuple[FiniteFloat, FiniteFloat] = (0, 255)
    """What black and white are."""
    colour: Literal["rgb", "bgr"] = "rgb"
    """The order of three channels."""


class NetworkDescription(Classes):
    """What has to be known of a network in a file; `model.json` of an exported folder fits."""

    input: InputDescription = InputDescription()
    framing: Framing = Framing.model_validate({})
    flip: bool = False
    """Whether the answers to a face and to its mirror image are averaged."""


class Network(Protocol):
    """A network in a file."""

    @property
    def input(self) -> Any:
        """`height`, `width` and `channels` of what it reads."""

    def answer(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        """Answer pictures `[n, height, width, channels]` by numbers `[n, classes]`."""


class ExportedFolder:
    """A folder as `export` writes it, used as `expressions predict` uses it.

    Args:
        folder: holds `model.onnx` and `model.json`.
        prior: what is expected; None: what `predict` expects by default.

    Raises:
        InputError: the folder holds no model.
    """

    def __init__(self, folder: Path, prior: Prior | None = None) -> None:
        # Answers of all pictures are there before any is used, so that shares can be estimated.
        self._recognizer = Recognizer(folder, prior=Prior.TRAINING)
        self._prior = prior

    def answer(self, pictures: Pictures, quiet: bool) -> Answers:
        """Say what each picture shows."""
        classes, shares = self._recognizer.classes, self._recognizer.card.training_shares
        if pictures.faces is not None:
            answers = _answer_faces(self._recognizer.probabilities, pictures.faces, classes)
        else:
            stream = self._recognizer.recognize_stream
            answers = _answer_files(stream, pictures, classes, quiet)
        return _expecting(answers, self._prior, shares)


class NetworkInFile:
    """A network of whatever origin; faces are found and cut out as its description says."""

    def __init__(
        self, network: Network, description: NetworkDescription, prior: Prior | None = None
    ) -> None:
        self._network = network
        self._prior = prior
        self._description = description
        self._finder = FaceFinder(description.framing)
        # Batches come from several threads, and not every runtime allows that.
        self._one_at_a_time = threading.Lock()

    def answer(self, pictures: Pictures, quiet: bool) -> Answers:
        """Say what each picture shows."""
        classes, shares = self._description.classes, self._description.training_shares
        if pictures.faces is not None:
            answers = _answer_faces(self.classify, pictures.faces, classes)
        else:
            answers = _answer_files(self._recognize_stream, pictures, classes, quiet)
        return _expecting(answers, self._prior, shares)

    def classify(self, crops: Sequence[Picture]) -> NDArray[np.float32]:
        """Return the probabilities, float32 `[n, classes]`, of faces that are cut out.

        Numbers that are no probabilities are taken for logits.
        """
        if not len(crops):
            return np.empty((0, len(self._description.classes)), np.float32)
        size, inputs = self._network.input, self._description.input
        prepared = np.stack([_prepare(crop, size, inputs) for crop in crops])
        views = [prepared, prepared[:, :, ::-1]] if self._description.flip else [prepared]
        with self._one_at_a_time:
            answers = [_as_probabilities(self._network.answer(view)) for view in views]
        return np.mean(answers, axis=0, dtype=np.float32)

    def _recognize_stream(
        self, frames: Iterator[Frame], picture_of: Callable[[Frame], Picture | None]
    ) -> Iterator[tuple[Frame, list[Recognition]]]:
        return map_in_batches(self._recognize_largest, frames, picture_of)

    def _recognize_largest(self, pictures: Sequence[Picture]) -> list[list[Recognition]]:
        found = [faces[:1] for faces in self._finder.find(pictures)]
        rows = iter(self.classify([one.crop for faces in found for one in faces]))
        classes = self._description.classes
        return [
            [
                Recognition(one.face, classes[int(row.argmax())], row, one.whole_picture)
                for one, row in zip(faces, rows, strict=False)
            ]
            for faces in found
        ]


Stream = Callable[
    [Iterator[Frame], Callable[[Frame], Picture | None]],
    Iterator[tuple[Frame, list[Recognition]]],
]


def _answer_faces(
    classify: Callable[[Sequence[Picture]], NDArray[np.float32]],
    faces: NDArray[np.uint8],
    classes: tuple[str, ...],
) -> Answers:
    start = time.perf_counter()
    probabilities = classify(list(faces)).astype(np.float64)
    return Answers(classes, probabilities, seconds=time.perf_counter() - start)


def _answer_files(
    recognize: Stream, pictures: Pictures, classes: tuple[str, ...], quiet: bool
) -> Answers:
    sources = [
        Source(str(path), name) for path, name in zip(pictures.files, pictures.names, strict=True)
    ]
    probabilities = np.full((len(sources), len(classes)), np.nan)
    boxes: dict[int, Face] = {}
    unreadable: dict[int, str] = {}
    whole = 0
    start = time.perf_counter()
    stream = recognize(read_pictures(sources), lambda frame: frame.picture)
    progress = bar(stream, "measure", "pictures", len(sources), quiet)
    for place, (frame, found) in enumerate(progress):
        if frame.error:
            unreadable[place] = frame.error
        elif found:
            probabilities[place] = found[0].probabilities
            boxes[place] = found[0].face
            whole += found[0].whole_picture
    seconds = time.perf_counter() - start
    notes = (f"{whole} pictures without a face are taken for one as a whole",) if whole else ()
    return Answers(classes, probabilities, boxes, unreadable, seconds, notes)


def _expecting(answers: Answers, prior: Prior | None, shares: TrainingShares | None) -> Answers:
    """Answers under a prior, as far as it is known what the model was trained with."""
    if shares is None:
        unknown = "it is not known what it was trained with, so the prior is training"
        return answers if prior is None else answers._replace(notes=(*answers.notes, unknown))
    known = answers.probabilities[~np.isnan(answers.probabilities).any(axis=1)]
    wish = DEFAULT if prior is None else prior
    expected = expect(wish, shares, known)
    notes = answers.notes
    if expected.prior is not wish and prior is not None:
        why = f"{len(known)} faces are too few to estimate from"
        if wish is Prior.INTENDED:
            why = "it is not known what faces were meant to show"
        notes = (*notes, f"{why}, the prior is {expected.prior}")
    probabilities = expected.of(answers.probabilities)
    return answers._replace(probabilities=probabilities, prior=expected.prior, notes=notes)


def _prepare(crop: Picture, size: Any, inputs: InputDescription) -> NDArray[np.float32]:
    """Make a crop the square picture that a network reads, float32 `[height, width, channels]`."""
    square = centre_square(grey(crop) if size.channels == 1 else colour(crop))
    shrinks = square.shape[0] > size.height
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    resized = cv2.resize(square, (size.width, size.height), interpolation=interpolation)
    channels = resized.reshape(size.height, size.width, size.channels).astype(np.float32)
    if size.channels == 3 and inputs.colour == "rgb":
        channels = channels[:, :, ::-1]
    low, high = inputs.range
    return np.asarray(channels * ((high - low) / 255) + low, np.float32)


def _as_probabilities(answers: NDArray[np.float32]) -> NDArray[np.float32]:
    sums = np.abs(answers.sum(axis=1) - 1) < _NOT_A_DISTRIBUTION
    if sums.all() and answers.min() >= 0:
        return answers
    powers = np.exp(answers - answers.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)

"""An exported model: a folder with `model.onnx` and what has to be known of it, `model.json`.

Beside it may stand the same network with int8 inside, which takes a third of the time.
"""

import importlib.metadata
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    NonNegativeFloat,
    PositiveFloat,
    model_validator,
)

from expressions.errors import InputError
from expressions.faces.framing import Framing
from expressions.labels.intention import Intention
from expressions.labels.prior import TrainingShares
from expressions.pipeline import paths
from expressions.pipeline.hashes import sha256
from expressions.pipeline.parameters import read_file
from expressions.pipeline.runtimes.network_run import run_network

REFERENCE = "models/reference"

_CLONE = Path(__file__).parents[2]

# More do not make it faster, and cost memory.
_FACES_AT_ONCE = 256

_FACE = (48, 48, 1)
# Exports in int8 or of float16 round their probabilities.
_OFF_ONE = 0.02


class ToldIntention(BaseModel):
    """An `Intention`, as `model.json` tells it."""

    model_config = ConfigDict(frozen=True)

    classes: tuple[str, ...]
    weights: tuple[tuple[FiniteFloat, ...], ...]
    bias: tuple[FiniteFloat, ...]

    def fits(self, names: Sequence[str]) -> bool:
        """Whether each class is one of the names, comes once, and has a bias and their weights."""
        rows = len(set(self.classes) & set(names))
        sizes = {len(row) for row in self.weights}
        lengths = {len(self.classes), len(self.weights), len(self.bias)}
        return lengths == {rows} and sizes == {len(names)}

    @property
    def intention(self) -> Intention:
        """The same to reckon with."""
        return Intention(self.classes, np.array(self.weights), np.array(self.bias))


class Classes(BaseModel):
    """The classes of a model, and in which shares it was trained with them, if that is known."""

    model_config = ConfigDict(frozen=True)

    name: str = ""
    """What the network is called."""
    classes: tuple[str, ...] = Field(min_length=2)
    prior: tuple[NonNegativeFloat, ...] | None = None
    """The shares of the classes in the training targets."""
    tempered_power: float = Field(default=0.0, ge=0, le=1)
    """How far the prior `tempered` goes from these shares, see `labels.prior`."""
    temperature: PositiveFloat = 1.0
    """What the logits are divided by."""
    intended: ToldIntention | None = None
    """How the answers tell what a face was meant to show."""

    @model_validator(mode="after")
    def _has_a_share_for_each_class(self) -> Self:
        prior = self.prior
        if prior and (len(prior) != len(self.classes) or abs(sum(prior) - 1) > _OFF_ONE):
            raise ValueError(
                f"prior holds {len(prior)} shares that add up to {sum(prior):.3f}, expected are "
                f"{len(self.classes)}, one for each class, that add up to 1"
            )
        return self

    @model_validator(mode="after")
    def _tells_what_was_meant_by_its_own_classes(self) -> Self:
        told = self.intended
        if told and not told.fits(self.classes):
            raise ValueError(
                f"intended is of {', '.join(told.classes)}; expected are classes of the model, "
                f"each once and with {len(self.classes)} weights and a bias"
            )
        return self

    @property
    def training_shares(self) -> TrainingShares | None:
        """What the model's training showed; None where that is not known."""
        if self.prior is None:
            return None
        shares = np.array(self.prior)
        intention = self.intended.intention if self.intended else None
        return TrainingShares(
            self.classes, shares, self.tempered_power, self.temperature, intention
        )


class Card(Classes):
    """What `model.json` says."""

    name: str
    framing: Framing
    flip: bool
    """Whether the metrics are those of a face and its mirror image, averaged."""
    trained_on: str
    source: str = "unknown"
    """`files`: the owner's pictures; `demo`: the embedded ones; or `unknown`."""
    metrics: dict[str, Any]
    """As `metrics/evaluation.json` has them."""
    sha256: dict[str, str] = {}
    """Of the files that were exported together."""

    @property
    def trained_on_real_data(self) -> bool:
        """Whether the model learnt from the owner's files and not from the painted demo data."""
        return self.source == "files"


class ExportedModel:
    """A network that gives the probabilities of emotions, on one thread.

    Raises:
        InputError: the folder holds no model, or one that does not fit its card.
    """

    def __init__(self, folder: Path) -> None:
        for name in (paths.CARD, paths.ONNX):
            if not (folder / name).is_file():
                raise InputError(f"{folder} holds no {name}, so it is no exported model.")
        self.card = read_file(Card, folder / paths.CARD)
        self._path = folder / self._fastest(folder)
        self._session = _open(self._path)
        self._input = self._session.get_inputs()[0].name
        self._check_outputs(folder)

    def _fastest(self, folder: Path) -> str:
        """The name of the file to use; that with int8 only while it belongs to the other one."""
        belong = all(
            (folder / name).is_file() and self.card.sha256.get(name) == sha256(folder / name)
            for name in (paths.INT8_ONNX, paths.ONNX)
        )
        return paths.INT8_ONNX if belong else paths.ONNX

    def _check_outputs(self, folder: Path) -> None:
        """Prove on two faces that the network gives a distribution over the card's classes."""
        faces = np.stack([np.zeros(_FACE, np.float32), np.full(_FACE, 128, np.float32)])
        answers = self._run(faces)
        if answers.ndim != 2 or answers.shape[1] != len(self.card.classes):
            raise InputError(
                f"{folder}: {self._path.name} has {answers.shape[-1]} outputs, {paths.CARD} names "
                f"{len(self.card.classes)} classes. They are of different models."
            )
        # A comparison with NaN is false.
        if not ((answers >= 0).all() and (np.abs(answers.sum(axis=1) - 1) < _OFF_ONE).all()):
            raise InputError(
                f"{self._path} gives {np.round(answers[0].astype(float), 3).tolist()} for a black "
                "face, expected are probabilities, which are not negative and add up to 1. Export "
                "it with its softmax, or train it anew."
            )

    def probabilities(self, faces: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the probabilities, `[n, classes]`, of grey faces, `[n, 48, 48]` from 0 to 255."""
        inputs = faces[..., None].astype(np.float32)
        parts = [
            self._answers(inputs[start : start + _FACES_AT_ONCE])
            for start in range(0, len(inputs), _FACES_AT_ONCE)
        ]
        return np.concatenate([np.empty((0, len(self.card.classes)), np.float32), *parts])

    def _answers(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        answers = self._run(inputs)
        if not self.card.flip:
            return answers
        mirrored = self._run(np.ascontiguousarray(inputs[:, :, ::-1]))
        return np.asarray((answers + mirrored) / 2, np.float32)

    def _run(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        try:
            return np.asarray(run_network(self._session, {self._input: inputs}))
        except Exception as error:  # noqa: BLE001 - the runtime's errors have no common class
            raise InputError(
                f"{self._path} does not answer for {len(inputs)} faces: {error}"
            ) from None


def _open(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    # Batches run side by side instead, and the same face gives the same bits in each.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    network = path.read_bytes()
    try:
        session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001 - as above
        raise InputError(f"{path} is damaged: {error}") from None
    taken = [(value.type, value.shape) for value in session.get_inputs()]
    if len(taken) != 1 or not _takes_faces(*taken[0]) or len(session.get_outputs()) != 1:
        told = ", ".join(f"{kind} {shape}" for kind, shape in taken)
        raise InputError(
            f"{path} takes {len(taken)} inputs, {told}, and gives {len(session.get_outputs())} "
            "outputs. Expected are one input, tensor(float) ['n', 48, 48, 1], grey from 0 to 255, "
            "and one output, the probabilities."
        )
    return session


def _takes_faces(kind: str, shape: Sequence[int | str | None]) -> bool:
    """Whether an input is float32 faces, in any number; a size may have a name in place of it."""
    if kind != "tensor(float)" or len(shape) != 4 or isinstance(shape[0], int):
        return False
    sizes = zip(shape[1:], _FACE, strict=True)
    return all(size == wanted or not isinstance(size, int) for size, wanted in sizes)


def default_folder() -> Path:
    """Return the folder of the reference model, or else of the clone's own export.

    The reference is that of the clone or of the installed package.

    Raises:
        InputError: there is none of them.
    """
    for folder in (_CLONE / REFERENCE, *_installed(), _CLONE / "models/export"):
        if (folder / paths.CARD).is_file():
            return folder
    raise InputError(
        "There is no model yet. Name the folder of one with --model, or run `make repro` in a "
        "clone of the project, which trains one on the embedded data set."
    )


def _installed() -> list[Path]:
    """Where pip put `models/reference` (see `data-files` in pyproject.toml)."""
    try:
        files = importlib.metadata.files("expressions") or []
    except importlib.metadata.PackageNotFoundError:
        return []
    return [Path(str(file.locate())).resolve().parent for file in files if file.name == paths.CARD]

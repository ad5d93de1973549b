"""An exported model: a folder with `model.onnx` and what has to be known of it, `model.json`."""

import importlib.metadata
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from expressions.errors import InputError
from expressions.faces.framing import Framing
from expressions.pipeline.parameters import read_file

NETWORK, CARD = "model.onnx", "model.json"
REFERENCE = "models/reference"

_CLONE = Path(__file__).parents[2]

# More do not make it faster, and cost memory.
_FACES_AT_ONCE = 256


class Card(BaseModel):
    """What `model.json` says."""

    model_config = ConfigDict(frozen=True)

    name: str
    classes: tuple[str, ...] = Field(min_length=2)
    framing: Framing
    flip: bool
    """Whether the metrics are those of a face and its mirror image, averaged."""
    trained_on: str
    source: str = "unknown"
    """`files`: the owner's pictures; `demo`: the embedded ones; or `unknown`."""
    metrics: dict[str, Any]
    """As `metrics/evaluation.json` has them."""

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
        for name in (CARD, NETWORK):
            if not (folder / name).is_file():
                raise InputError(f"{folder} holds no {name}, so it is no exported model.")
        self.card = read_file(Card, folder / CARD)
        options = onnxruntime.SessionOptions()
        # Batches run side by side instead, and the same face gives the same bits in each.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        network = (folder / NETWORK).read_bytes()
        try:
            self._session = onnxruntime.InferenceSession(
                network, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # noqa: BLE001 - the runtime's errors have no common class
            raise InputError(f"{folder / NETWORK} is damaged: {error}") from None
        self._input = self._session.get_inputs()[0].name
        outputs = self._session.get_outputs()[0].shape[-1]
        if outputs != len(self.card.classes):
            raise InputError(
                f"{folder}: {NETWORK} has {outputs} outputs, {CARD} names "
                f"{len(self.card.classes)} classes. They are of different models."
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
        answers = self._session.run(None, {self._input: inputs})[0]
        if not self.card.flip:
            return answers
        mirrored = np.ascontiguousarray(inputs[:, :, ::-1])
        return (answers + self._session.run(None, {self._input: mirrored})[0]) / 2


def default_folder() -> Path:
    """Return the folder of the reference model, or else of the clone's own export.

    The reference is that of the clone or of the installed package.

    Raises:
        InputError: there is none of them.
    """
    for folder in (_CLONE / REFERENCE, *_installed(), _CLONE / "models/export"):
        if (folder / CARD).is_file():
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
    return [Path(str(file.locate())).resolve().parent for file in files if file.name == CARD]

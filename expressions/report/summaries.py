"""What the report says of a run in a few words: how training went, and which files it is of."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from pydantic import Field

from expressions.pipeline import paths
from expressions.pipeline.hashes import sha256
from expressions.pipeline.inputs import unlike_written
from expressions.pipeline.parameters import Section

OUTPUTS = (
    paths.SAMPLES,
    paths.ARRAYS,
    paths.PREDICTIONS,
    paths.MODEL,
    paths.EXPORT / paths.ONNX,
    paths.EXPORT / paths.TFLITE,
    paths.DATA_METRICS,
    paths.EVALUATION_METRICS,
)
"""What came out of a run, by which two runs can be told apart."""


class Report(Section):
    """The `report` section of the parameters."""

    mistakes: int = Field(ge=0)


class Training(NamedTuple):
    """How a training went; accuracies are those of validation, from 0 to 1."""

    epochs: int
    best_epoch: int
    best_accuracy: float
    last_accuracy: float


class HashedFile(NamedTuple):
    """A file or folder and what it is known by."""

    path: str
    sha256: str
    edition: str = ""
    """Which published edition of a data set it is, if that is known."""


def summarize_training(history: pd.DataFrame) -> Training | None:
    """Return how a training went; None of a model that was taken as it is.

    Args:
        history: `epoch, val_accuracy`, a row an epoch.
    """
    if history.empty:
        return None
    best = int(history["val_accuracy"].argmax())
    return Training(
        len(history),
        int(history["epoch"].iloc[best]),
        float(history["val_accuracy"].iloc[best]),
        float(history["val_accuracy"].iloc[-1]),
    )


def hash_files(
    files: Iterable[Path], editions: Mapping[str, str] | None = None
) -> list[HashedFile]:
    """Return each file or folder with its hash, and its edition by that hash in `editions`."""
    hashes = {path: sha256(path) for path in files}
    known = editions or {}
    return [
        HashedFile(path.as_posix(), digest, known.get(digest, ""))
        for path, digest in hashes.items()
    ]


def find_raw_files(folder: Path) -> list[Path]:
    """Return the files and folders in a data set's raw data, by name, without hidden ones.

    Raises:
        InputError: there is no such folder.
    """
    if not folder.is_dir():
        raise unlike_written(folder, "is no folder")
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))

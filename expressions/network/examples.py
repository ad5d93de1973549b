"""What a network learns from and is watched on: faces with their targets and classes."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from expressions.errors import InputError
from expressions.labels.split_arrays import read_split
from expressions.labels.tables import class_numbers
from expressions.pipeline import paths


class Examples(NamedTuple):
    """Faces with their targets."""

    faces: NDArray[np.float32]
    """`[n, 48, 48, 1]`, rescaled."""
    targets: NDArray[np.float32]
    """`[n, classes]`: the distribution to learn."""
    labels: NDArray[np.int64]
    """`[n]`: the class that accuracy counts."""


class TrainingData(NamedTuple):
    """The two splits of a training."""

    training: Examples
    validation: Examples


def read_training_data(names: tuple[str, ...]) -> TrainingData:
    """The training and the validation split of `data/arrays/`, for the classes `names`."""
    return TrainingData(read_examples("training", names), read_examples("validation", names))


def read_examples(split: str, names: tuple[str, ...]) -> Examples:
    """One split of `data/arrays/`; the faces stay on disk and are read as they are needed.

    Raises:
        InputError: the split is missing, damaged or empty, or is for other classes.
    """
    table, faces = read_split(split)
    missing = [name for name in ("label", *names) if name not in table]
    strange = set(table["label"]) - set(names) if not missing else set()
    if missing or strange:
        found = f"no column {missing[0]!r}" if missing else f"the label {min(map(str, strange))!r}"
        raise InputError(
            f"{paths.array_table(split)} has {found}, but params.yaml asks for {', '.join(names)}. "
            "Run `dvc repro arrays`, which writes it."
        )
    targets = table[list(names)].to_numpy(dtype=np.float32)
    return Examples(faces, targets, class_numbers(table["label"], names))

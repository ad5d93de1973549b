"""What a network learns from and is watched on: faces with their targets and classes."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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
    """One split of `data/arrays/`; the faces stay on disk and are read as they are needed."""
    table = pd.read_csv(paths.array_table(split))
    return Examples(
        np.load(paths.array(split), mmap_mode="r"),
        table[list(names)].to_numpy(dtype=np.float32),
        class_numbers(table["label"], names),
    )

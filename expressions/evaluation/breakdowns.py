"""Where a model is right and wrong: by class, by pair of classes, by agreement, by twins."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from expressions.evaluation.intervals import accuracy

Labels = NDArray[np.int64]

AGREEMENT_EDGES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Bins of the winning emotion's share of the votes; each holds its upper edge."""


def by_class(labels: Labels, predicted: Labels, names: Sequence[str]) -> pd.DataFrame:
    """Number of pictures, precision, recall and F1 of each class."""
    precision, recall, f1, support = precision_recall_fscore_support(
        labels, predicted, labels=range(len(names)), zero_division=0
    )
    return pd.DataFrame(
        {"emotion": names, "n": support, "precision": precision, "recall": recall, "f1": f1}
    )


def by_pair(labels: Labels, predicted: Labels, names: Sequence[str]) -> pd.DataFrame:
    """Each mistake that happened: true and predicted class, how often, and its share of the class.

    The most frequent ones come first.
    """
    matrix = confusion_matrix(labels, predicted, labels=range(len(names)))
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    pairs = [
        (names[true], names[guess], count, shares[true, guess])
        for (true, guess), count in np.ndenumerate(matrix)
        if true != guess and count
    ]
    table = pd.DataFrame(pairs, columns=["actual", "predicted", "n", "share"])
    return table.sort_values(["n", "actual", "predicted"], ascending=[False, True, True])


def by_agreement(
    correct: NDArray[np.bool_], agreement: NDArray[np.float64], resamples: int, seed: int
) -> pd.DataFrame:
    """Accuracy with its 95 % interval by the share of votes for the winning emotion."""
    bins = np.digitize(agreement, AGREEMENT_EDGES[1:-1], right=True)
    rows = []
    for number, (above, up_to) in enumerate(pairwise(AGREEMENT_EDGES)):
        chosen = correct[bins == number]
        if len(chosen):
            rows.append((above, up_to, *accuracy(chosen, resamples, seed).values()))
    columns = ["above", "up_to", "n", "accuracy", "accuracy_low", "accuracy_high"]
    return pd.DataFrame(rows, columns=columns)

"""What a model's probabilities are worth against labels."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from expressions.evaluation.intervals import accuracy, macro_f1_interval

Probabilities = NDArray[np.float64]
Labels = NDArray[np.int64]

_BINS = 15


class Calibration(NamedTuple):
    """Equal-width bins of the confidence, each array `[15]`."""

    confidence: NDArray[np.float64]
    """Mean confidence; 0 in an empty bin."""
    accuracy: NDArray[np.float64]
    pictures: NDArray[np.int64]
    """How many fall into the bin."""


def evaluate(
    probabilities: Probabilities, labels: Labels, resamples: int, seed: int
) -> dict[str, float]:
    """The figures of one split under one protocol.

    Args:
        probabilities: `[n, classes]`, rows sum to 1.
        labels: `[n]`, the true classes.
        resamples: bootstrap resamples behind the intervals.
        seed: of the bootstrap.

    Returns:
        n, accuracy and macro F1 with their 95 % intervals, balanced accuracy and expected
        calibration error. Balanced accuracy and macro F1 are over the classes that occur among the
        labels.
    """
    predicted = probabilities.argmax(axis=1)
    present = np.unique(labels)
    _, recall, f1, _ = precision_recall_fscore_support(
        labels, predicted, labels=present, zero_division=0
    )
    matrix = confusion_matrix(labels, predicted, labels=range(probabilities.shape[1]))
    f1_low, f1_high = macro_f1_interval(matrix, resamples, seed)
    return {
        **accuracy(predicted == labels, resamples, seed),
        "balanced_accuracy": float(recall.mean()),
        "macro_f1": float(f1.mean()),
        "macro_f1_low": f1_low,
        "macro_f1_high": f1_high,
        "ece": expected_calibration_error(calibration(probabilities, labels)),
    }


def calibration(probabilities: Probabilities, labels: Labels) -> Calibration:
    """Confidence and accuracy by equal-width bins of the confidence."""
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * _BINS).astype(np.int64), _BINS - 1)
    count = np.bincount(bins, minlength=_BINS)
    divisor = np.maximum(count, 1)
    return Calibration(
        np.bincount(bins, weights=confidence, minlength=_BINS) / divisor,
        np.bincount(bins, weights=correct, minlength=_BINS) / divisor,
        count,
    )


def expected_calibration_error(bins: Calibration) -> float:
    """The mean distance of accuracy and confidence (Guo et al. 2017, arXiv:1706.04599)."""
    gaps = np.abs(bins.accuracy - bins.confidence)
    return float((gaps * bins.pictures).sum() / bins.pictures.sum())

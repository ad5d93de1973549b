"""What a model's probabilities are worth against labels."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

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
    correct = predicted == labels
    low, high = bootstrap_interval(correct, resamples, seed)
    present = np.unique(labels)
    _, recall, f1, _ = precision_recall_fscore_support(
        labels, predicted, labels=present, zero_division=0
    )
    matrix = confusion_matrix(labels, predicted, labels=range(probabilities.shape[1]))
    f1_low, f1_high = macro_f1_interval(matrix, resamples, seed)
    return {
        "n": len(labels),
        "accuracy": float(correct.mean()),
        "accuracy_low": low,
        "accuracy_high": high,
        "balanced_accuracy": float(recall.mean()),
        "macro_f1": float(f1.mean()),
        "macro_f1_low": f1_low,
        "macro_f1_high": f1_high,
        "ece": expected_calibration_error(calibration(probabilities, labels)),
    }


def bootstrap_interval(
    correct: NDArray[np.bool_], resamples: int, seed: int
) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of the mean of `correct`.

    The number of ones in a resample of n values with replacement is binomial, so it is drawn
    directly (Efron and Tibshirani 1993, chapter 13).
    """
    drawn = np.random.default_rng(seed).binomial(len(correct), correct.mean(), resamples)
    low, high = np.percentile(drawn / len(correct), [2.5, 97.5])
    return float(low), float(high)


def macro_f1_interval(matrix: NDArray[np.int64], resamples: int, seed: int) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of the macro F1.

    Pictures drawn with replacement fall into the cells of the confusion matrix `[classes, classes]`
    (rows are the true ones) as a multinomial says, so the cells are drawn directly. A resample
    counts the classes that occur among its labels.
    """
    pictures = matrix.sum()
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(pictures, matrix.ravel() / pictures, resamples)
    cells = drawn.reshape(resamples, *matrix.shape)
    true, predicted = cells.sum(axis=2), cells.sum(axis=1)
    hits = cells.diagonal(axis1=1, axis2=2)
    f1 = 2 * hits / np.maximum(true + predicted, 1)
    low, high = np.percentile(f1.sum(axis=1) / (true > 0).sum(axis=1), [2.5, 97.5])
    return float(low), float(high)


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

"""How sure a model is against how often it is right.

Guo et al. 2017, "On calibration of modern neural networks" (arXiv:1706.04599).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BINS = 15


class Reliability(NamedTuple):
    """Equal-width bins of the confidence, each array `[15]`."""

    confidence: NDArray[np.float64]
    """Mean confidence, 0 to 1; 0 in an empty bin."""
    accuracy: NDArray[np.float64]
    """Share of right answers, 0 to 1; 0 in an empty bin."""
    pictures: NDArray[np.int64]
    """How many fall into the bin."""


def bin_by_confidence(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> Reliability:
    """Return confidence and accuracy by equal-width bins of the highest probability.

    Args:
        probabilities: `[n, classes]`, rows sum to 1.
        labels: `[n]`, the true classes.
    """
    confidence = probabilities.max(axis=1, initial=0)
    correct = probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    count = np.bincount(bins, minlength=BINS)
    divisor = np.maximum(count, 1)
    return Reliability(
        np.bincount(bins, weights=confidence, minlength=BINS) / divisor,
        np.bincount(bins, weights=correct, minlength=BINS) / divisor,
        count,
    )


def expected_calibration_error(bins: Reliability) -> float:
    """Return the mean distance of accuracy and confidence, 0 to 1; 0 without pictures."""
    gaps = np.abs(bins.accuracy - bins.confidence)
    return float((gaps * bins.pictures).sum() / max(bins.pictures.sum(), 1))

"""95 % bootstrap intervals of accuracy and macro F1, and how a figure is written with its own."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def accuracy(correct: NDArray[np.bool_], resamples: int, seed: int) -> dict[str, float]:
    """Number, accuracy and its 95 % interval."""
    low, high = bootstrap_interval(correct, resamples, seed)
    return {
        "n": len(correct),
        "accuracy": float(correct.mean()),
        "accuracy_low": low,
        "accuracy_high": high,
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


def with_interval(figures: dict[str, Any], name: str) -> str:
    """The figure `name` with its interval in brackets, four decimals each."""
    return f"{figures[name]:.4f} [{figures[f'{name}_low']:.4f}, {figures[f'{name}_high']:.4f}]"

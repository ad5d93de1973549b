"""The figures of one evaluation set, by hand."""

import numpy as np
import pytest

from expressions.evaluation.intervals import Bootstrap, flatten
from expressions.evaluation.metrics import compute_metrics
from expressions.evaluation.reliability import bin_by_confidence

BOOTSTRAP = Bootstrap(200, seed=1)


def test_figures_of_a_small_matrix():
    # Class 0: 3 of 4 right; class 1: the one picture is right; class 2 is never there.
    matrix = np.array([[3, 1, 0], [0, 1, 0], [0, 0, 0]])
    probabilities = np.eye(3)[[0, 0, 0, 1, 1]]
    bins = bin_by_confidence(probabilities, np.array([0, 0, 0, 0, 1]))
    metrics = compute_metrics(matrix, bins, BOOTSTRAP)
    assert metrics.n == 5
    assert metrics.accuracy.value == pytest.approx(4 / 5)
    assert metrics.balanced_accuracy == pytest.approx((3 / 4 + 1) / 2)
    assert metrics.macro_f1.value == pytest.approx((6 / 7 + 2 / 3) / 2)
    assert metrics.ece == pytest.approx(1 / 5)
    assert 0 < metrics.accuracy.low < 4 / 5 < metrics.accuracy.high <= 1


def test_the_keys_are_those_of_the_metrics_file():
    bins = bin_by_confidence(np.eye(2), np.arange(2))
    assert list(flatten(compute_metrics(np.eye(2, dtype=np.int64), bins, BOOTSTRAP))) == [
        "n",
        "accuracy",
        "accuracy_low",
        "accuracy_high",
        "balanced_accuracy",
        "macro_f1",
        "macro_f1_low",
        "macro_f1_high",
        "ece",
    ]

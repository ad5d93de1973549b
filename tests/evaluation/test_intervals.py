"""Bootstrap intervals against resampling row by row."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score

from expressions.evaluation import intervals


def test_the_interval_is_that_of_resampling_row_by_row():
    correct = np.arange(400) % 5 > 0
    rng = np.random.default_rng(0)
    means = [rng.choice(correct, 400).mean() for _ in range(4000)]
    expected = np.percentile(means, [2.5, 97.5])
    assert intervals.bootstrap_interval(correct, 4000, seed=1) == pytest.approx(expected, abs=0.006)


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
def test_the_interval_of_the_macro_f1_is_that_of_resampling_row_by_row():
    rng = np.random.default_rng(0)
    # Two pictures of the rarest class: every seventh resample has none. One class is only guessed.
    labels = np.repeat([0, 1, 2], [250, 48, 2])
    predicted = np.where(rng.random(300) < 0.7, labels, rng.integers(0, 4, 300))
    scores = []
    for _ in range(2000):
        rows = rng.integers(0, 300, 300)
        present = np.unique(labels[rows])
        resample = labels[rows], predicted[rows]
        scores.append(f1_score(*resample, labels=present, average="macro", zero_division=0))
    matrix = confusion_matrix(labels, predicted, labels=range(4))
    interval = intervals.macro_f1_interval(matrix, 20000, seed=1)
    assert interval == pytest.approx(np.percentile(scores, [2.5, 97.5]), abs=0.015)

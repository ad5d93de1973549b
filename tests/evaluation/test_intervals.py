"""Bootstrap intervals against resampling row by row, and how figures are named."""

from typing import NamedTuple

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score

from expressions.evaluation.intervals import (
    Bootstrap,
    Estimate,
    estimate_differences,
    estimate_macro_f1,
    estimate_share,
    flatten,
)


def test_the_interval_is_that_of_resampling_row_by_row():
    correct = np.arange(400) % 5 > 0
    rng = np.random.default_rng(0)
    means = [rng.choice(correct, 400).mean() for _ in range(4000)]
    estimate = estimate_share(320, 400, Bootstrap(4000, seed=1))
    assert (estimate.value, estimate.n) == (0.8, 400)
    expected = np.percentile(means, [2.5, 97.5])
    assert (estimate.low, estimate.high) == pytest.approx(expected, abs=0.006)


def test_the_seed_decides_the_interval():
    first, again, other = (estimate_share(7, 19, Bootstrap(50, seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
def test_the_interval_of_the_macro_f1_is_that_of_resampling_row_by_row():
    rng = np.random.default_rng(0)
    # Two pictures of the rarest class: every seventh resample has none. One class is only guessed.
    labels = np.repeat([0, 1, 2], [250, 48, 2])
    predicted = np.where(rng.random(300) < 0.7, labels, rng.integers(0, 4, 300))
    scores = []
    for _ in range(800):
        rows = rng.integers(0, 300, 300)
        present = np.unique(labels[rows])
        resample = labels[rows], predicted[rows]
        scores.append(f1_score(*resample, labels=present, average="macro", zero_division=0))
    matrix = confusion_matrix(labels, predicted, labels=range(4))
    estimate = estimate_macro_f1(matrix, Bootstrap(20000, seed=1))
    expected = np.percentile(scores, [2.5, 97.5])
    assert (estimate.low, estimate.high) == pytest.approx(expected, abs=0.02)
    assert estimate.low < estimate.value < estimate.high
    assert estimate.n == 300


def test_a_record_keeps_its_figures_under_their_names():
    class Record(NamedTuple):
        n: int
        recall: Estimate
        precision: Estimate | None

    flat = flatten(Record(4, Estimate(0.5, 0.25, 0.75, 4), None))
    assert list(flat.items()) == [
        ("n", 4),
        ("recall", 0.5),
        ("recall_low", 0.25),
        ("recall_high", 0.75),
        ("precision", None),
    ]
    assert Estimate.read(flat, "recall") == Estimate(0.5, 0.25, 0.75, 4)


def test_an_estimate_is_written_with_its_interval():
    assert str(Estimate(0.97119, 0.95061, 1, 243)) == "0.9712 [0.9506, 1.0000]"


def test_what_sets_two_models_apart_by_hand():
    # Of class 0: both right 3 times, the first alone once; of class 1: the second alone twice,
    # once there is no answer of either.
    joint = np.zeros((2, 3, 3), np.int64)
    joint[0, 0, 0], joint[0, 0, 1] = 3, 1
    joint[1, 0, 1], joint[1, 2, 2] = 2, 1
    found = estimate_differences(joint, Bootstrap(500, seed=1))
    assert (found.n, found.only_first, found.only_second) == (7, 1, 2)
    assert found.accuracy.value == pytest.approx(4 / 7 - 5 / 7)
    # F1 of the first: 2 * 4 / (4 + 6) and 0; of the second: 2 * 3 / (4 + 3) and 2 * 2 / (3 + 3).
    assert found.macro_f1.value == pytest.approx((0.8 + 0) / 2 - (6 / 7 + 2 / 3) / 2)
    assert found.accuracy.low < found.accuracy.value < found.accuracy.high


def test_the_interval_of_a_difference_is_that_of_resampling_pictures_for_both():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 300)
    first = np.where(rng.random(300) < 0.8, labels, 0)
    # Nearly the same answers: apart, the two accuracies would be ten times as uncertain.
    second = np.where(rng.random(300) < 0.05, 1, first)
    joint = np.zeros((3, 3, 3), np.int64)
    np.add.at(joint, (labels, first, second), 1)
    differences, scores = [], []
    for _ in range(800):
        rows = rng.integers(0, 300, 300)
        true, one, other = labels[rows], first[rows], second[rows]
        differences.append((one == true).mean() - (other == true).mean())
        scores.append(f1_score(true, one, average="macro") - f1_score(true, other, average="macro"))
    found = estimate_differences(joint, Bootstrap(20000, seed=1))
    for estimate, drawn in ((found.accuracy, differences), (found.macro_f1, scores)):
        expected = np.percentile(drawn, [2.5, 97.5])
        assert (estimate.low, estimate.high) == pytest.approx(expected, abs=0.005)
    assert found.accuracy.high - found.accuracy.low < 0.06


def test_a_model_does_not_differ_from_itself():
    joint = np.zeros((2, 2, 2), np.int64)
    joint[0, 0, 0], joint[0, 1, 1], joint[1, 1, 1] = 5, 2, 4
    found = estimate_differences(joint, Bootstrap(100, seed=1))
    assert found.accuracy[:3] == found.macro_f1[:3] == (0, 0, 0)

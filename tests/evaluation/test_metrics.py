"""Metrics against scikit-learn, against figures worked out by hand, and as properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score

from expressions.evaluation import metrics

CLASSES = 4
logits = hnp.arrays(np.float64, (30, CLASSES), elements=st.floats(-5, 5))
labels_strategy = hnp.arrays(np.int64, 30, elements=st.integers(0, CLASSES - 1))


def softmax(values: np.ndarray) -> np.ndarray:
    powers = np.exp(values)
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
@pytest.mark.filterwarnings("ignore:A single label was found")
@given(logits, labels_strategy)
def test_figures_agree_with_scikit_learn(values, labels):
    probabilities = softmax(values)
    predicted = probabilities.argmax(axis=1)
    figures = metrics.evaluate(probabilities, labels, resamples=200, seed=1)
    present = np.unique(labels)
    assert figures["n"] == 30
    assert figures["accuracy"] == pytest.approx(accuracy_score(labels, predicted))
    assert figures["macro_f1"] == pytest.approx(
        f1_score(labels, predicted, labels=present, average="macro", zero_division=0)
    )
    expected = balanced_accuracy_score(labels, predicted)
    assert figures["balanced_accuracy"] == pytest.approx(expected)
    assert figures["accuracy_low"] <= figures["accuracy"] <= figures["accuracy_high"]
    assert 0 <= figures["macro_f1_low"] <= figures["macro_f1_high"] <= 1


def test_calibration_error_worked_out_by_hand():
    # Two pictures at 0.9, one right: |0.5 - 0.9|; two at 0.6, both right: |1 - 0.6|.
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]])
    labels = np.array([0, 1, 0, 0])
    bins = metrics.calibration(probabilities, labels)
    assert bins.pictures.sum() == 4
    assert metrics.expected_calibration_error(bins) == pytest.approx(0.4)


def test_a_sure_and_right_model_is_calibrated():
    bins = metrics.calibration(np.eye(3), np.arange(3))
    assert metrics.expected_calibration_error(bins) == 0

"""Calibration error by hand."""

import numpy as np
import pytest

from expressions.evaluation.reliability import (
    BINS,
    bin_by_confidence,
    expected_calibration_error,
)


def test_calibration_error_worked_out_by_hand():
    # Two pictures at 0.9, one right: |0.5 - 0.9|; three at 0.6, all right: |1 - 0.6|.
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4], [0.4, 0.6]])
    labels = np.array([0, 1, 0, 0, 1])
    bins = bin_by_confidence(probabilities, labels)
    assert BINS == len(bins.pictures) == 15
    assert bins.pictures[[9, 13]].tolist() == [3, 2]
    assert bins.accuracy[[9, 13]] == pytest.approx([1, 0.5])
    assert bins.confidence[[9, 13]] == pytest.approx([0.6, 0.9])
    assert expected_calibration_error(bins) == pytest.approx((3 * 0.4 + 2 * 0.4) / 5)


def test_a_sure_and_right_model_is_calibrated():
    bins = bin_by_confidence(np.eye(3), np.arange(3))
    assert bins.pictures[-1] == 3
    assert expected_calibration_error(bins) == 0


def test_bins_of_one_sign_do_not_cancel_those_of_the_other():
    # 0.9 and wrong, 0.5 and right.
    probabilities = np.array([[0.9, 0.1], [0.5, 0.5]])
    bins = bin_by_confidence(probabilities, np.array([1, 0]))
    assert expected_calibration_error(bins) == pytest.approx((0.9 + 0.5) / 2)


def test_no_pictures_have_no_error():
    bins = bin_by_confidence(np.empty((0, 3)), np.empty(0, np.int64))
    assert bins.pictures.tolist() == [0] * BINS
    assert expected_calibration_error(bins) == 0

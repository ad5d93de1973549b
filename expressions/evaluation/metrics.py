"""What a model's answers are worth against labels: the figures of one evaluation set."""

from typing import NamedTuple

from expressions.evaluation.confusion import Matrix, balanced_accuracy, hits
from expressions.evaluation.intervals import (
    Bootstrap,
    Estimate,
    estimate_macro_f1,
    estimate_share,
)
from expressions.evaluation.reliability import Reliability, expected_calibration_error


class Metrics(NamedTuple):
    """Shares from 0 to 1; balanced accuracy and macro F1 are over the classes that truly occur."""

    n: int
    accuracy: Estimate
    balanced_accuracy: float
    macro_f1: Estimate
    ece: float
    """Expected calibration error."""


def compute_metrics(matrix: Matrix, reliability: Reliability, bootstrap: Bootstrap) -> Metrics:
    """Return the figures of the pictures that a confusion matrix, `[classes, answers]`, counts.

    There is at least one; `reliability` is of those that got an answer.
    """
    n = int(matrix.sum())
    return Metrics(
        n,
        estimate_share(int(hits(matrix).sum()), n, bootstrap),
        float(balanced_accuracy(matrix)),
        estimate_macro_f1(matrix, bootstrap),
        expected_calibration_error(reliability),
    )

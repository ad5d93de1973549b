"""Where a model is right and wrong: by class, by pair of classes, by the voters' agreement."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from expressions.evaluation.confusion import (
    Matrix,
    answer_sizes,
    class_sizes,
    f1,
    hits,
    row_shares,
)
from expressions.evaluation.intervals import Bootstrap, Estimate, estimate_share
from expressions.labels.ferplus import Votes
from expressions.labels.voters import agreement

AGREEMENT_EDGES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Bins of the winning emotion's share of the votes; each holds its upper edge."""


class ClassScore(NamedTuple):
    """How well one class is recognised; shares from 0 to 1."""

    emotion: str
    n: int
    """Pictures that truly are of the class."""
    precision: Estimate | None
    """None where no picture was taken for the class."""
    recall: Estimate | None
    """None where no picture is of the class."""
    f1: float


class Mistake(NamedTuple):
    """Two classes of which one was taken for the other."""

    actual: str
    predicted: str
    n: int
    share: float
    """Of the true class's pictures, from 0 to 1."""


class AgreementBin(NamedTuple):
    """Pictures whose winning emotion has more than `above`, up to `up_to`, of the votes."""

    above: float
    up_to: float
    n: int
    accuracy: Estimate


def by_class(matrix: Matrix, names: Sequence[str], bootstrap: Bootstrap) -> list[ClassScore]:
    """Return the scores of each class, in the order of the matrix."""
    counts = zip(hits(matrix), class_sizes(matrix), answer_sizes(matrix), strict=True)
    return [
        ClassScore(
            name,
            int(size),
            estimate_share(int(hit), int(answers), bootstrap) if answers else None,
            estimate_share(int(hit), int(size), bootstrap) if size else None,
            float(score),
        )
        for name, (hit, size, answers), score in zip(names, counts, f1(matrix), strict=True)
    ]


def by_pair(matrix: Matrix, names: Sequence[str]) -> list[Mistake]:
    """Return each mistake that happened, the most frequent ones first."""
    shares = row_shares(matrix)
    mistakes = [
        Mistake(names[true], names[answer], int(count), float(shares[true, answer]))
        for (true, answer), count in np.ndenumerate(matrix)
        if true != answer and count
    ]
    return sorted(mistakes, key=lambda one: (-one.n, one.actual, one.predicted))


def by_agreement(
    correct: NDArray[np.bool_], votes: Votes, bootstrap: Bootstrap
) -> list[AgreementBin]:
    """Return the accuracy by the winning emotion's share of the votes, without empty bins.

    Args:
        correct: `[n]`, whether the model is right.
        votes: `[n, 10]`, those on the same pictures.
        bootstrap: how the intervals are drawn.
    """
    bins = np.digitize(agreement(votes), AGREEMENT_EDGES[1:-1], right=True)
    found = []
    for number, (above, up_to) in enumerate(pairwise(AGREEMENT_EDGES)):
        chosen = correct[bins == number]
        if n := len(chosen):
            accuracy = estimate_share(int(chosen.sum()), n, bootstrap)
            found.append(AgreementBin(above, up_to, n, accuracy))
    return found

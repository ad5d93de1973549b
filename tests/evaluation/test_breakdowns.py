"""Breakdowns by class, by pair and by agreement, by hand."""

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from expressions.evaluation.breakdowns import by_agreement, by_class, by_pair
from expressions.evaluation.confusion import confusion_matrix
from expressions.evaluation.intervals import Bootstrap

NAMES = ("neutral", "happiness", "fear")
BOOTSTRAP = Bootstrap(1000, seed=1)


def test_scores_have_intervals_and_classes_without_pictures_none():
    matrix = np.array([[2, 1, 0], [1, 1, 0], [0, 0, 0]])
    neutral, happiness, fear = by_class(matrix, NAMES, BOOTSTRAP)
    assert (neutral.emotion, neutral.n, neutral.precision.value) == ("neutral", 3, 2 / 3)
    assert neutral.f1 == pytest.approx(2 / 3)
    assert (happiness.recall.value, happiness.recall.n, happiness.precision.n) == (0.5, 2, 2)
    assert happiness.recall.low < 0.5 < happiness.recall.high
    assert (fear.n, fear.precision, fear.recall, fear.f1) == (0, None, None, 0.0)


def test_scores_are_scikit_learns():
    rng = np.random.default_rng(0)
    labels, answers = rng.integers(0, 3, (2, 50))
    scores = by_class(confusion_matrix(labels, answers, (3, 3)), NAMES, BOOTSTRAP)
    expected = precision_recall_fscore_support(labels, answers, labels=range(3))
    assert [score.precision.value for score in scores] == pytest.approx(expected[0])
    assert [score.recall.value for score in scores] == pytest.approx(expected[1])
    assert [score.f1 for score in scores] == pytest.approx(expected[2])
    assert [score.n for score in scores] == expected[3].tolist()


def test_pairs_name_each_mistake_with_its_share_of_the_class():
    matrix = np.array([[1, 2, 1], [1, 1, 0], [0, 0, 0]])
    assert by_pair(matrix, NAMES) == [
        ("neutral", "happiness", 2, 0.5),
        ("happiness", "neutral", 1, 0.5),
        ("neutral", "fear", 1, 0.25),
    ]


def test_accuracy_by_agreement_puts_an_edge_into_the_lower_bin():
    # Of all votes the winner has 0.5, 0.5 and a little, 0.6, all, all.
    winners = np.array([[5, 5], [51, 49], [6, 4], [10, 0], [10, 0]])
    votes = np.pad(winners, ((0, 0), (0, 8)))
    bins = by_agreement(np.array([False, True, True, True, False]), votes, BOOTSTRAP)
    assert [(one.above, one.up_to, one.n, one.accuracy.value) for one in bins] == [
        (0.0, 0.5, 1, 0.0),
        (0.5, 0.6, 2, 1.0),
        (0.9, 1.0, 2, 0.5),
    ]

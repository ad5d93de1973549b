"""What voters agree on, and how often one of them says what the others say, by hand."""

import numpy as np
import pytest

from expressions.labels.emotions import EMOTIONS
from expressions.labels.ferplus import VOTE_COLUMNS
from expressions.labels.voters import agreement, human_accuracy

SEVEN = EMOTIONS[:7]


def votes(**by_column: int) -> np.ndarray:
    return np.array([[by_column.get(name, 0) for name in VOTE_COLUMNS]])


def test_agreement_is_the_winners_share():
    both = np.concatenate([votes(fear=10), votes(fear=4, anger=5)])
    assert agreement(both) == pytest.approx([1.0, 5 / 9])


def test_a_voter_against_the_others_by_hand():
    # The 7 agree with the other 9; the 3 do not.
    assert human_accuracy(votes(fear=7, anger=3), SEVEN, majority=False) == pytest.approx(0.7)
    # Against one of 5 others stand 5 and 4: each voter of a tie finds the other side ahead.
    assert human_accuracy(votes(fear=5, anger=5), SEVEN, majority=False) == 0
    # Of nine left, 5 for fear, 3 for anger and 1 single vote: 5 of 8 is a majority.
    assert human_accuracy(votes(fear=6, anger=3, sadness=1), SEVEN, True) == pytest.approx(0.6)


def test_voters_whose_others_have_no_label_do_not_count():
    # Without single votes 4:4 is left once a voter of 5 goes, and 5:3 once one of 4 goes.
    row = votes(fear=5, anger=4, sadness=1)
    assert human_accuracy(row, SEVEN, majority=True) == pytest.approx(0.0)
    assert human_accuracy(votes(contempt=10), SEVEN, majority=False) == 0
    assert human_accuracy(votes(contempt=10), EMOTIONS, majority=False) == 1


def test_only_emotions_that_are_told_apart_are_labels():
    assert human_accuracy(votes(fear=10), ("anger", "fear"), majority=False) == 1
    # Against the others of each voter stands fear, which is no answer.
    assert human_accuracy(votes(fear=7, anger=3), ("anger", "neutral"), majority=False) == 0
    # Without one for surprise it is 4 to 4, which the earlier column, surprise, wins.
    row = votes(surprise=5, anger=4)
    assert human_accuracy(row, ("surprise",), majority=False) == pytest.approx(5 / 9)

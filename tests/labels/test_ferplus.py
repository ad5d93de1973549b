"""FER+'s rules, against votes worked out by hand and against properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from expressions.labels import ferplus
from expressions.labels.ferplus import Target

# neutral happiness surprise sadness anger disgust fear contempt unknown NF
UNANIMOUS = [0, 10, 0, 0, 0, 0, 0, 0, 0, 0]
SINGLES = [6, 1, 1, 1, 0, 0, 0, 0, 1, 0]
TIED = [0, 0, 5, 0, 0, 0, 5, 0, 0, 0]
SPREAD = [3, 0, 3, 2, 2, 0, 0, 0, 0, 0]
TWO = [5, 0, 0, 4, 1, 0, 0, 0, 0, 0]
UNKNOWN_AHEAD = [2, 0, 0, 2, 0, 0, 0, 0, 6, 0]
UNKNOWN_SECOND = [6, 0, 0, 0, 0, 0, 0, 0, 4, 0]
CONTEMPT = [3, 0, 0, 0, 0, 0, 0, 7, 0, 0]
NINE = [0, 0, 0, 9, 0, 0, 0, 0, 0, 0]
ALL_SINGLE = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]

votes_strategy = hnp.arrays(np.int64, (5, 10), elements=st.integers(0, 10))


def targets(votes: list[int], target: Target, classes: int = 8) -> list[float]:
    return [round(share, 3) for share in ferplus.targets(np.array([votes]), target, classes)[0]]


@pytest.mark.parametrize(
    ("votes", "kept"),
    [
        (UNANIMOUS, True),
        (SINGLES, True),  # 6 of the 6 that are left
        (TIED, False),
        (SPREAD, False),
        (TWO, True),  # 5 of 9
        (UNKNOWN_AHEAD, False),
        (UNKNOWN_SECOND, True),
        (CONTEMPT, True),
        (NINE, True),
        (ALL_SINGLE, False),
    ],
)
def test_majority_is_more_than_half_of_what_is_left_without_single_votes(votes, kept):
    assert ferplus.majority(np.array([votes])).tolist() == [kept]


def test_a_tie_goes_to_the_first_column():
    assert ferplus.most_votes(np.array([TIED, SPREAD])).tolist() == [2, 0]


@pytest.mark.parametrize(
    ("votes", "target", "expected"),
    [
        (TWO, Target.MAJORITY, [1, 0, 0, 0, 0, 0, 0, 0]),
        (SPREAD, Target.MAJORITY, [0] * 8),
        # 5 and 4 explain 9 of the 9 that are left; the single vote is gone.
        (TWO, Target.CROSSENTROPY, [0.556, 0, 0, 0.444, 0, 0, 0, 0]),
        # Two threes explain 6 of 10; the two twos come together: four emotions are too many.
        (SPREAD, Target.CROSSENTROPY, [0] * 8),
        (TIED, Target.CROSSENTROPY, [0, 0, 0.5, 0, 0, 0, 0.5, 0]),
        (UNKNOWN_AHEAD, Target.CROSSENTROPY, [0] * 8),
        # Unknown comes second and is left out; neutral is what remains.
        (UNKNOWN_SECOND, Target.CROSSENTROPY, [1, 0, 0, 0, 0, 0, 0, 0]),
        (UNKNOWN_SECOND, Target.PROBABILITY, [1, 0, 0, 0, 0, 0, 0, 0]),
        # 30 % of 10 are 3 votes: sadness and anger with 2 are not frequent.
        (SPREAD, Target.MULTI_TARGET, [0.5, 0, 0.5, 0, 0, 0, 0, 0]),
        (TWO, Target.MULTI_TARGET, [0.556, 0, 0, 0.444, 0, 0, 0, 0]),
        (ALL_SINGLE, Target.MULTI_TARGET, [0] * 8),
    ],
)
def test_targets_worked_out_by_hand(votes, target, expected):
    assert targets(votes, target) == expected


def test_seven_classes_share_out_the_votes_of_contempt_or_discard_the_row():
    mixed = [6, 0, 0, 0, 0, 0, 0, 4, 0, 0]
    assert targets(mixed, Target.CROSSENTROPY, 8) == [0.6, 0, 0, 0, 0, 0, 0, 0.4]
    assert targets(mixed, Target.CROSSENTROPY, 7) == [1, 0, 0, 0, 0, 0, 0]
    assert targets(CONTEMPT, Target.CROSSENTROPY, 7) == [0] * 7


@given(votes_strategy, st.sampled_from(Target), st.sampled_from([7, 8]))
def test_targets_are_distributions_or_nothing(votes, target, classes):
    rows = ferplus.targets(votes, target, classes)
    assert rows.shape == (len(votes), classes)
    assert (rows >= 0).all()
    sums = rows.sum(axis=1)
    assert np.all(np.isclose(sums, 1) | (sums == 0))


@given(votes_strategy, st.sampled_from(Target))
def test_a_row_does_not_depend_on_the_rows_beside_it(votes, target):
    together = ferplus.targets(votes, target, 8)
    alone = np.concatenate([ferplus.targets(row[None], target, 8) for row in votes])
    assert np.array_equal(together, alone)


@given(votes_strategy)
def test_the_majority_mode_keeps_the_rows_of_the_official_protocol(votes):
    in_mode = ferplus.targets(votes, Target.MAJORITY, 8).sum(axis=1) > 0
    assert np.array_equal(in_mode, ferplus.majority(votes))

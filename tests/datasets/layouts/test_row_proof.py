"""The proof that votes and pictures are the same rows, against rows moved in every way."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expressions.datasets.layouts.fer2013_tables import EMOTION_CODES
from expressions.datasets.layouts.row_proof import find_other_rows, prove_same_rows
from expressions.errors import InputError
from expressions.labels.emotions import EMOTIONS
from expressions.labels.ferplus import VOTE_COLUMNS

ROWS = 3000


def tables(rows: int = ROWS, agreement: float = 0.63) -> tuple[pd.DataFrame, list[str], list[str]]:
    """FER+'s table, and `Usage` and `emotion` of the pictures."""
    rng = np.random.default_rng(0)
    winner = rng.choice(10, rows, p=[0.34, 0.24, 0.11, 0.1, 0.08, 0.01, 0.03, 0.01, 0.05, 0.03])
    votes = pd.DataFrame(10 * np.eye(10, dtype=np.int64)[winner], columns=list(VOTE_COLUMNS))
    names = [f"fer{2 * row:07d}.png" for row in range(rows)]
    names[5], names[9], names[10] = "", names[11], names[2]
    usage = ["Training"] * (rows - rows // 5) + ["PublicTest"] * (rows // 5)
    chance = rng.integers(0, 7, rows)
    own = np.where((winner < 7) & (rng.random(rows) < agreement), winner, chance)
    codes = [str(EMOTION_CODES.index(EMOTIONS[emotion])) for emotion in own]
    return votes.assign(Usage=usage, **{"Image name": names}), usage, codes


def prove(votes: pd.DataFrame, usage: list[str], codes: list[str]) -> None:
    prove_same_rows(votes.reset_index(drop=True), usage, codes, "votes.csv and pictures.csv")


@pytest.mark.parametrize("rows", [1, 12, 200, ROWS])
def test_the_published_order_passes(rows):
    prove(*tables(max(rows, 40)))
    votes, usage, codes = tables()
    prove(votes.head(rows), usage[:rows], codes[:rows])


def test_a_few_rows_that_disagree_by_chance_pass():
    votes, usage, codes = tables(40, agreement=0.0)
    prove(votes.head(12), usage[:12], codes[:12])


def test_other_usage_or_other_numbers_of_rows_are_named():
    votes, usage, codes = tables()
    with pytest.raises(InputError, match="differ in row 3: Usage is 'Training' and 'PublicTest'"):
        prove(votes, [usage[0], "PublicTest", *usage[2:]], codes)
    with pytest.raises(InputError, match="have 3000 and 2999 rows"):
        prove(votes, usage[:-1], codes[:-1])


@pytest.mark.parametrize("order", [[1, 0], [2, 0, 1], [11, 12, 0]])
def test_votes_exchanged_within_a_split_are_refused_by_their_names(order):
    votes, usage, codes = tables()
    index = [*[20 + i for i in order], *(i for i in range(ROWS) if i - 20 not in order)]
    with pytest.raises(InputError, match=r"stands below a name with a larger number"):
        prove(votes.iloc[index], usage, codes)


@pytest.mark.parametrize("rows", [150, 1000])
@pytest.mark.parametrize("start", [0, 700])
def test_pictures_exchanged_within_a_split_are_refused_by_their_labels(rows, start):
    votes, usage, codes = tables()
    moved = np.array(codes)
    moved[start : start + rows] = np.roll(moved[start : start + rows], 1)
    with pytest.raises(InputError, match="as if these were other pictures' ones") as error:
        prove(votes, usage, moved.tolist())
    first, last = map(int, str(error.value).split("from row ")[1].split(" FER")[0].split(" to "))
    assert abs(first - start) < 40
    assert abs(last - start - rows) < 40


def test_a_picture_removed_and_another_one_twice_is_refused():
    votes, usage, codes = tables()
    with pytest.raises(InputError, match="other pictures"):
        prove(votes, usage, [*codes[:100], *codes[101:1500], codes[1500], *codes[1500:]])


@given(st.lists(st.booleans(), min_size=1, max_size=300))
def test_the_stretch_is_the_likeliest_of_all(agree):
    own = np.zeros(len(agree), np.int64)
    votes = np.zeros((len(agree), 10), np.int64)
    votes[np.arange(len(agree)), np.where(agree, 0, 1)] = 10
    steps = np.where(agree, np.log(0.2 / 0.63), np.log(0.8 / 0.37))
    best = max(
        steps[first:last].sum()
        for first in range(len(agree))
        for last in range(first + 1, min(len(agree), first + 120) + 1)
    )
    found = find_other_rows(own, votes)
    if found is None:
        assert best < 22
    else:
        assert steps[slice(*found)].sum() >= max(best, 22) - 1e-9

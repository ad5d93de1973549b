"""Spellings of emotions: each is known, or named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expressions.errors import InputError
from expressions.labels import emotions


def test_known_spellings_in_any_case():
    spelt = ["Happiness", " happy ", "SAD", "angry", "Disgust", "Fear", "surprise", "Neutral"]
    assert emotions.canonical(spelt, "table.csv") == [
        "happiness",
        "happiness",
        "sadness",
        "anger",
        "disgust",
        "fear",
        "surprise",
        "neutral",
    ]


@pytest.mark.parser
@given(st.text(max_size=12).filter(lambda t: t.strip().lower() not in emotions.SPELLINGS))
def test_an_unknown_spelling_is_named_and_never_a_missing_label(spelling):
    with pytest.raises(InputError) as error:
        emotions.canonical(["happy", spelling], "table.csv")
    assert "table.csv, row 3" in str(error.value)
    assert repr(spelling) in str(error.value)

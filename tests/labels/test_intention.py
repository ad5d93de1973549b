"""What a face was meant to show, told from what is seen in it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from expressions.labels.intention import Intention, logits
from expressions.labels.tables import divide_intended, read_intended
from expressions.pipeline import paths
from expressions.pipeline.outputs import write_csv

NAMES = ("neutral", "happiness", "fear")
# A faint fear is meant where something of it is seen.
FAINT = Intention(("neutral", "fear"), np.array([[1.0, 0, 0], [0, 0, 0.5]]), np.array([0.0, 2.0]))


def test_by_hand():
    """Neutral is thrice as probable as each other: logits of 2/3, -1/3 and -1/3 of log 3."""
    row = np.array([[0.6, 0.2, 0.2]])
    neutral = np.exp(np.log(3) * 2 / 3)
    fear = np.exp(2 - 0.5 * np.log(3) / 3)
    total = fear + neutral
    np.testing.assert_allclose(FAINT.of(row, NAMES), [[neutral / total, 0, fear / total]])
    assert row.argmax() == 0
    assert FAINT.of(row, NAMES).argmax() == 2


@given(hnp.arrays(np.float32, (4, 3), elements=st.floats(0, 1, width=32)))
def test_answers_are_distributions_over_what_something_was_meant_to_be(rows):
    found = FAINT.of(rows, NAMES)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert found.min() >= 0
    assert (found[:, 1] == 0).all()
    np.testing.assert_allclose(logits(rows).sum(axis=1), 0, atol=1e-9)


@given(st.lists(st.floats(0.1, 1), min_size=3, max_size=3), st.floats(0.5, 5))
def test_how_sure_a_model_is_does_not_matter_to_logits_that_are_weighed_so(parts, temperature):
    """A temperature only scales the logits, so weights by its inverse give the same."""
    row = np.array([parts]) / sum(parts)
    softer = row ** (1 / temperature)
    softer /= softer.sum()
    scaled = FAINT._replace(weights=FAINT.weights * temperature)
    np.testing.assert_allclose(scaled.of(softer, NAMES), FAINT.of(row, NAMES), rtol=1e-6)


def test_where_there_is_no_answer_there_is_none():
    rows = np.array([[np.nan] * 3, [0.6, 0.2, 0.2]])
    found = FAINT.of(rows, NAMES)
    assert np.isnan(found[0]).all()
    np.testing.assert_array_equal(found[1:], FAINT.of(rows[1:], NAMES))


def test_it_stands_beside_the_kept_rows_and_is_read_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kept = pd.DataFrame({"image_id": ["a-1", "a-2", "a-3"], "label": ["fear", "anger", "anger"]})
    told = kept.assign(intended=["fear", None, "neutral"])
    left, intended = divide_intended(told)
    assert left.equals(kept)
    write_csv(paths.intended_table("a"), intended)
    same, nothing = divide_intended(kept)
    assert same.equals(kept)
    write_csv(paths.intended_table("b"), nothing)
    assert paths.intended_table("b").read_text(encoding="utf-8") == "image_id,intended\n"
    assert read_intended(["b", "a"]).to_dict() == {"a-1": "fear", "a-3": "neutral"}
    assert read_intended(["b"]).to_dict() == {}


def test_a_table_without_it_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_csv(paths.intended_table("a"), pd.DataFrame({"image_id": ["a-1"]}))
    with pytest.raises(Exception, match=r"a\.intended\.csv has no column 'intended'"):
        read_intended(["a"])

"""The tables of labels: every row is kept or rejected, once."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expressions.errors import InputError
from expressions.labels.tables import Rows, check_counts, check_kept, divide_rows


def rows(*reasons: str | None) -> pd.DataFrame:
    ids = [f"i{number}" for number in range(len(reasons))]
    columns = {"image_id": ids, "split": "test", "label": "fear", "reason": reasons}
    return pd.DataFrame(columns)


@pytest.mark.parser
@given(st.lists(st.sampled_from(["", "unknown", "twin"])))
def test_every_row_is_kept_or_rejected_with_its_reason(reasons):
    kept, rejected = divide_rows(rows(*reasons), "mine")
    assert kept.columns.tolist() == ["image_id", "split", "label"]
    assert dict(zip(rejected["image_id"], rejected["reason"], strict=True)) == {
        f"i{number}": reason for number, reason in enumerate(reasons) if reason
    }
    assert len(kept) + len(rejected) == len(reasons)


def test_an_id_that_stands_twice_is_named():
    twice = rows("", "").assign(image_id="mine-1")
    with pytest.raises(InputError, match="mine: two rows or pictures get the image_id mine-1"):
        divide_rows(twice, "mine")


def test_a_missing_reason_and_counts_that_do_not_add_up_stop_the_stage():
    with pytest.raises(RuntimeError, match="neither kept nor has a reason"):
        divide_rows(rows("", None), "mine")
    divided = divide_rows(rows("", "unknown"), "mine")
    with pytest.raises(RuntimeError, match="3 rows in, 1 kept"):
        check_counts(3, Rows(divided.kept, divided.rejected), "mine")


def test_rows_of_which_none_is_kept_are_an_error_that_counts_the_reasons():
    check_kept(divide_rows(rows("", "unknown"), "mine"), "mine")
    with pytest.raises(InputError, match=r"mine: no row is kept \(no_label 2, unknown 1\)"):
        check_kept(divide_rows(rows("no_label", "unknown", "no_label"), "mine"), "mine")
    with pytest.raises(InputError, match="there are none"):
        check_kept(divide_rows(rows(), "mine"), "mine")

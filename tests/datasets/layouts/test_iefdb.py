"""IEFDB: photographs and the table that labels them, every row with its reason."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expressions.datasets.layouts.iefdb import find_photographs, label_photographs, read_labels
from expressions.errors import InputError


def iefdb_table(*rows: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["PicNum", "IntendedExpression"])


def test_photographs_and_rows_that_miss_each_other_are_listed():
    table = iefdb_table(("2", "Happy"), ("1", "Sadness"), ("3", "fear"))
    kept, rejected = label_photographs("iefdb", table, "IntendedExpression", {"1", "2", "9"}, 7)
    assert kept.to_numpy().tolist() == [
        ["iefdb-1", "iefdb", "sadness"],
        ["iefdb-2", "iefdb", "happiness"],
    ]
    assert rejected.to_numpy().tolist() == [["iefdb-3", "no_picture"], ["iefdb-9", "no_label"]]


def test_a_photograph_listed_twice_is_an_error(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("PicNum,IntendedExpression\n007,sad\n8,fear\n007,happy\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 4: column 'PicNum' holds '007'"):
        read_labels(path)


def test_two_files_for_one_photograph_are_an_error(tmp_path):
    for name in ("7.jpg", "7.png"):
        (tmp_path / name).touch()
    with pytest.raises(InputError, match=r"7\.jpg and 7\.png"):
        find_photographs(tmp_path)


CELLS = st.sampled_from(("1", "2 ", "3.jpg", "../9", "happy", "Contempt", "")) | st.text(max_size=4)


@pytest.mark.parser
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5), st.sampled_from([7, 8]))
def test_any_table_has_rows_kept_and_rejected_or_one_message(tmp_path_factory, rows, classes):
    path = tmp_path_factory.getbasetemp() / "iefdb.csv"
    frame = pd.DataFrame(rows, columns=["PicNum", "IntendedExpression"])
    frame.to_csv(path, index=False, encoding="utf-8", errors="replace")
    photographs = {"1", "2", "9"}
    try:
        table = read_labels(path)
        kept, rejected = label_photographs("i", table, "IntendedExpression", photographs, classes)
    except InputError:
        return
    assert len(table) == len(rows)
    assert len(kept) + len(rejected) == len(rows) + len(photographs - set(table["PicNum"]))

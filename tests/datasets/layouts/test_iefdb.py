"""IEFDB: photographs and the table that labels them, every row with its reason."""

import pandas as pd
import pytest

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

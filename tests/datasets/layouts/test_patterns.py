"""Patterns of names: what they say is taken, and names that do not fit are rejected."""

import pytest
from pydantic import TypeAdapter, ValidationError

from expressions.datasets.layouts import own_rows, patterns
from expressions.datasets.layouts.patterns import Pattern, read_names
from expressions.errors import InputError


def rows(*names: str, **columns: list[str]):
    return own_rows.new_rows(name=list(names), where="row", **columns)


def test_groups_fill_what_the_row_leaves_blank():
    given = rows("train/KA.AN1", "test/KA.AN2", split=["", "validation"])
    read = read_names(given, r"(?P<split>\w+)/(?P<person>..)\.(?P<emotion>..)\d")
    assert read[["split", "person", "label"]].to_numpy().tolist() == [
        ["train", "KA", "AN"],
        ["validation", "KA", "AN"],
    ]
    assert (read["reason"] == "").all()
    assert (given["label"] == "").all(), "what was given stays as it was"


def test_a_name_has_to_fit_from_its_start_to_its_end():
    read = read_names(rows("AN1", "xAN1", "AN1x"), r"(?P<emotion>AN)\d")
    assert read["reason"].tolist() == ["", "other_name", "other_name"]


def test_a_reason_that_a_row_has_stays():
    read = read_names(rows("x", "y", reason=["no_box", ""]), "(?P<person>z)")
    assert read["reason"].tolist() == ["no_box", "other_name"]


def test_a_group_that_takes_no_part_says_nothing():
    read = read_names(rows("a-1", "a"), r"a(-(?P<person>\d))?")
    assert read["person"].tolist() == ["1", ""]


def test_without_rows_or_pattern_nothing_is_read():
    assert read_names(rows(), "(?P<person>.)").empty
    assert read_names(rows("a"), None)["reason"].tolist() == [""]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(?P<emotion>..", "no regular expression: missing \\)"),
        ("..", "named groups of the pattern are missing"),
        ("(?P<emotions>..)", "named groups of the pattern are emotions, expected some of"),
    ],
)
def test_a_pattern_that_says_nothing_is_refused(pattern, message):
    with pytest.raises(ValidationError, match=message):
        TypeAdapter(Pattern).validate_python(pattern)


def test_a_pattern_that_would_take_for_ever_is_an_error(monkeypatch):
    monkeypatch.setattr(patterns, "MOST_SECONDS", 0.1)
    with pytest.raises(InputError, match=r"pattern '\(\?P<person>\(a\+\)\+\)b' takes longer"):
        read_names(rows("ab", 60 * "a"), "(?P<person>(a+)+)b")

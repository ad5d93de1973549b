"""The pictures of a data set of one's own: copies, and those whose bytes are the same."""

import pytest

from expressions.datasets.layouts.own_pictures import find_contradictions, take_pictures
from expressions.datasets.sources.limits import Limits
from expressions.errors import InputError


def test_one_picture_under_two_labels_is_found(tmp_path):
    contents = {
        "a": b"same",
        "b": b"same",
        "c": b"SAME",
        "d": b"same",
        "e": b"other",
        "f": b"other",
    }
    pictures = {name: tmp_path / name for name in contents}
    for name, path in pictures.items():
        path.write_bytes(contents[name])
    labels = {"a": "sad", "b": "happy", "c": "happy", "d": "sad", "e": "fear", "f": "fear"}
    assert find_contradictions(labels, pictures) == [["a", "b", "d"]]
    assert find_contradictions(labels | {"b": "sad"}, pictures) == []
    assert find_contradictions({"a": "sad", "gone": "happy"}, pictures) == []


def test_too_many_pictures_are_refused_before_they_are_copied(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a.png", "b.png"):
        (tmp_path / "in" / name).write_bytes(b"1")
    with pytest.raises(InputError, match=r"holds 2 pictures, more than 1\. Raise most_files"):
        take_pictures(tmp_path / "in", tmp_path / "raw", Limits(most_files=1))
    assert not (tmp_path / "raw").exists()

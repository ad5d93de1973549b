"""What the layouts of one's own share: parameters, copies, and one picture under two labels."""

from pathlib import Path

import pytest

from expressions.datasets.layouts.own import (
    CleanOwn,
    CleanPictures,
    find_contradictions,
    label_pictures,
    new_rows,
    take_pictures,
)
from expressions.datasets.sources.limits import Limits
from expressions.errors import InputError
from expressions.pipeline.parameters import read_section


def test_shares_have_to_add_up(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text("clean: {mine: {split: {training: 0.8, test: 0.1}}}")
    with pytest.raises(InputError, match=r"add up to 0\.9, not to 1"):
        read_section(CleanOwn, "clean.mine")
    (tmp_path / "params.yaml").write_text("clean: {mine: {split: {train: 1.0}}}")
    with pytest.raises(InputError, match="shares are of training, validation, test"):
        read_section(CleanOwn, "clean.mine")


def put(folder: Path, **contents: bytes) -> dict[str, Path]:
    """Files by their names, without the suffix."""
    paths = {name: folder / f"{name}.png" for name in contents}
    for name, path in paths.items():
        path.write_bytes(contents[name])
    return paths


def test_one_picture_under_two_labels_is_told_and_kept(tmp_path, capsys):
    pictures = put(tmp_path, a=b"same", b=b"same", c=b"SAME", d=b"same", e=b"other", f=b"other")
    labels = {"a": "sad", "b": "happy", "c": "happy", "d": "sad", "e": "fear", "f": "fear"}
    assert find_contradictions(labels, pictures) == [["a", "b", "d"]]
    assert find_contradictions(labels | {"b": "sad"}, pictures) == []
    assert find_contradictions({"a": "sad", "gone": "happy"}, pictures) == []
    rows = new_rows(name=list(labels), label=list(labels.values()), where="row")
    kept, _ = label_pictures("mine", rows, pictures, CleanPictures(split="mine"), 7)
    assert len(kept) == 6
    told = capsys.readouterr().out
    assert "mine: 3 pictures equal another one that has another label" in told
    assert "mine-a (sadness), mine-b (happiness)" in told


def test_too_many_pictures_are_refused_before_they_are_copied(tmp_path):
    (tmp_path / "in").mkdir()
    put(tmp_path / "in", a=b"1", b=b"2")
    with pytest.raises(InputError, match=r"holds 2 pictures, more than 1\. Raise most_files"):
        take_pictures(tmp_path / "in", tmp_path / "raw", Limits(most_files=1))
    assert not (tmp_path / "raw").exists()

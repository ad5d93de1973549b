"""The rows of a data set of one's own: their parameters, and one picture under two labels."""

import pytest

from expressions.datasets.layouts.own_rows import (
    CleanOwn,
    CleanPictures,
    label_pictures,
    new_rows,
)
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


def test_one_picture_under_two_labels_is_told_and_kept(tmp_path, capsys):
    labels = {"a": "sad", "b": "happy", "c": "happy", "d": "sad", "e": "fear"}
    contents = {"a": b"same", "b": b"same", "c": b"SAME", "d": b"same", "e": b"other"}
    pictures = {name: tmp_path / name for name in contents}
    for name, path in pictures.items():
        path.write_bytes(contents[name])
    rows = new_rows(name=list(labels), label=list(labels.values()), where="row")
    kept, _ = label_pictures("mine", rows, pictures, CleanPictures(split="mine"), 7)
    assert len(kept) == 5
    told = capsys.readouterr().out
    assert "mine: 3 pictures equal another one that has another label" in told
    assert "mine-a (sadness), mine-b (happiness)" in told

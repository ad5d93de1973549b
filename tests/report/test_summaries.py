"""How training went, and what a run's files are known by."""

import hashlib
from pathlib import Path

import pandas as pd

from expressions.pipeline.hashes import sha256
from expressions.report.summaries import (
    HashedFile,
    Training,
    find_raw_files,
    hash_files,
    summarize_training,
)


def test_the_best_epoch_is_the_first_of_the_most_accurate():
    history = pd.DataFrame({"epoch": [1, 2, 3, 4], "val_accuracy": [0.5, 0.75, 0.75, 0.25]})
    assert summarize_training(history) == Training(4, 2, 0.75, 0.25)


def test_a_model_taken_as_it_is_has_no_training():
    assert summarize_training(pd.DataFrame(columns=["epoch", "val_accuracy"])) is None


def test_files_are_known_by_their_hashes_and_editions(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "raw").mkdir()
    for name in ("b.csv", "a.csv", ".gitignore"):
        (tmp_path / "raw" / name).write_text(name, encoding="utf-8")
    found = find_raw_files(Path("raw"))
    assert [path.name for path in found] == ["a.csv", "b.csv"]
    first, second = (hashlib.sha256(name.encode()).hexdigest() for name in ("a.csv", "b.csv"))
    assert hash_files(found, {second: "as published"}) == [
        HashedFile("raw/a.csv", first, ""),
        HashedFile("raw/b.csv", second, "as published"),
    ]
    assert hash_files(found[:1]) == [HashedFile("raw/a.csv", first, "")]


def test_a_folders_hash_follows_names_and_content_alone(tmp_path):
    for folder, names in (("a", "xy"), ("b", "yx")):
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / name).write_text(name, encoding="utf-8")
    (tmp_path / "b/.gitignore").write_text("DVC's", encoding="utf-8")
    before = sha256(tmp_path / "a")
    assert before == sha256(tmp_path / "b")
    (tmp_path / "b/x").rename(tmp_path / "b/z")
    assert before != sha256(tmp_path / "b")

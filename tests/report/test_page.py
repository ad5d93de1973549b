"""The numbers on the report's page, worked out by hand."""

import numpy as np
import pandas as pd
import pytest
import yaml
from helpers import ROOT

from expressions.pipeline.hashes import sha256
from expressions.report import page as report_page
from expressions.report import samples as step_samples
from stages.report import SECTIONS, confusion, scores

NAMES = ("neutral", "happiness", "fear")
PAIRS = pd.DataFrame(
    {
        "actual": ["neutral", "neutral", "neutral", "happiness", "happiness"],
        "predicted": ["neutral", "neutral", "happiness", "happiness", "neutral"],
    }
)


def test_a_confusion_matrix_has_all_classes_and_shares_of_the_truth():
    matrix = confusion(PAIRS, NAMES)
    assert matrix.counts == [[2, 1, 0], [1, 1, 0], [0, 0, 0]]
    assert matrix.shares == [[2 / 3, 1 / 3, 0], [0.5, 0.5, 0], [0, 0, 0]]


def test_scores_have_intervals_and_classes_without_pictures_none():
    neutral, happiness, fear = scores(PAIRS, NAMES, 1000, 1)
    assert (neutral["n"], neutral["precision"]["accuracy"]) == (3, 2 / 3)
    assert neutral["f1"] == pytest.approx(2 / 3)
    assert happiness["recall"]["accuracy"] == 0.5
    assert happiness["recall"]["accuracy_low"] < 0.5 < happiness["recall"]["accuracy_high"]
    assert (fear["precision"], fear["recall"], fear["f1"]) == (None, None, 0.0)


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


def test_parameters_are_shown_by_their_dotted_paths():
    assert list(report_page.flattened({"a": {"b": [1, 2]}, "c": True})) == [
        ("a.b", "[1, 2]"),
        ("c", "True"),
    ]


def test_all_sections_of_the_parameters_are_shown():
    assert set(yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))) == set(SECTIONS)


def test_a_thumbnail_is_never_larger():
    picture = np.zeros((300, 200, 3), np.uint8)
    assert step_samples.thumbnail(picture, 150).shape == (150, 100, 3)
    assert step_samples.thumbnail(picture[:48, :48], 150).shape == (48, 48, 3)

"""The page as a reader finds it: its content as text, nothing of it as markup."""

import re

import numpy as np
import pytest
import yaml
from helpers import ROOT
from jinja2 import UndefinedError

from expressions.errors import InputError
from expressions.report.embedding import embed_file, embed_picture
from expressions.report.page import SECTIONS, flatten_parameters, render
from expressions.report.samples import Sample
from expressions.report.splits import Confusion, Split
from expressions.report.summaries import HashedFile, Training

PIXEL = embed_picture(np.zeros((1, 1), np.uint8))
FIGURES = {
    "n": 1234, "accuracy": 0.875, "accuracy_low": 0.8501, "accuracy_high": 0.9, "ece": 0.0123,
    "balanced_accuracy": 0.5, "macro_f1": 0.6543,
}  # fmt: skip


def split(name: str = "test", **changed) -> Split:
    confusion = Confusion(
        ("neutral", "fear"), [[3, 1], [0, 0]], [[0.75, 0.25], [0, 0]], ("neutral", "fear")
    )
    precise = {"precision": 1.0, "precision_low": 0.9, "precision_high": 1.0}
    recalled = {"recall": 0.75, "recall_low": 0.25, "recall_high": 1.0}
    scores = [
        {"emotion": "neutral", "n": 4, **precise, **recalled, "f1": 0.857},
        {"emotion": "fear", "n": 0, "precision": None, "recall": None, "f1": 0.0},
    ]
    mistakes = [{"actual": "neutral", "predicted": "fear", "n": 1, "share": 0.25}]
    agreement = [{**FIGURES, "above": 0.5, "up_to": 0.6, "n": 7}]
    made = Split(name, "majority", FIGURES, confusion, scores, mistakes, agreement, PIXEL, PIXEL)
    return made._replace(**changed)


def page(**changed) -> str:
    counts = {"rows": 10, "rejected_by_label": {"not_a_face": 2}, "faces": {"found": 8}}
    counts["test"] = {"rows": 8, "kept": 7, "rejected": {"no_face": 1}}
    content = {
        "card": {"name": "thin_residual", "classes": ["neutral", "fear"], "trained_on": "paint"},
        "counts": {"mine": counts},
        "samples": {"mine": [Sample("mine-00001", "fear", [PIXEL] * 3)]},
        "rejected": [Sample("mine-00002", "no_face", [PIXEL])],
        "curves": PIXEL,
        "architecture": PIXEL,
        "training": Training(75, 60, 0.91, 0.9),
        "evaluation": {"test": {"majority": FIGURES | {"human_accuracy": 0.777}}},
        "splits": [split()],
        "parameters": [("train.seed", "1")],
        "inputs": [HashedFile("data/raw/mine", "a" * 64, "as published")],
        "outputs": [HashedFile("models/model.keras", "b" * 64)],
    }
    return render(content | changed)


def words(html: str) -> str:
    """The text of the page, one blank between words."""
    body = html.split("<body>")[1]
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


def test_the_page_says_what_the_run_came_to():
    said = words(page())
    assert "thin residual: 2 emotions" in said
    assert "87.5 % accuracy on test, majority 95 %: 85.0 % to 90.0 %" in said
    assert "0.654 macro F1" in said
    assert "test majority 1,234 87.5 % [85.0, 90.0] 50.0 % 0.654 0.012 77.7 %" in said
    assert "mine all, by label 10 8 2 not a face" in said
    assert "test 8 7 1 no face" in said
    assert "75 epochs; validation accuracy 90.0 % after the last one, at best 91.0 %" in said
    assert "(epoch 60)" in said
    assert "neutral 4 100.0 % [90.0, 100.0] 75.0 % [25.0, 100.0] 0.857" in said
    assert "fear 0 – – 0.000" in said
    assert "neutral fear 1 25.0 %" in said
    assert "50 to 60 % 7 87.5 % [85.0, 90.0]" in said
    assert f"data/raw/mine as published {'a' * 64}" in said
    assert f"models/model.keras {'b' * 64}" in said
    assert "train.seed 1" in said
    assert "neut fear neutral 3 1 fear 0 0" in said


def test_what_is_not_there_has_no_heading():
    bare = page(splits=[split(mistakes=[], agreement=[])], rejected=[], training=None)
    said = words(bare)
    assert "Nothing was trained" in said
    assert "Most frequent mistakes" not in said
    assert "By the voters' agreement" not in said
    assert "rejected for each reason" not in said


def test_the_first_figures_are_those_of_the_test_split():
    others = [split("validation", figures=FIGURES | {"accuracy": 0.1}), split()]
    assert "87.5 % accuracy on test" in words(page(splits=others))
    assert "10.0 % accuracy on validation" in words(page(splits=others[:1]))


def test_names_are_text_and_never_markup():
    hostile = '<script>alert("x")</script>'
    html = page(
        samples={hostile: [Sample(hostile, hostile, [PIXEL])]},
        parameters=[(hostile, hostile)],
        inputs=[HashedFile(hostile, "", hostile)],
        splits=[split(hostile)],
    )
    assert "<script" not in html
    assert html.count("&lt;script&gt;") > 6


def test_content_that_is_missing_is_an_error():
    with pytest.raises(UndefinedError, match="card"):
        render({"splits": [split()], "evaluation": {}})


def test_the_same_content_gives_the_same_bytes():
    assert page() == page()


def test_a_picture_is_in_the_page_itself(tmp_path):
    path = tmp_path / "x.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    assert embed_file(path) == "data:image/png;base64,iVBORw0KGgo="
    assert PIXEL.startswith("data:image/png;base64,iVBOR")
    path.write_bytes(b"GIF89a")
    with pytest.raises(InputError, match=r"x\.png is no PNG"):
        embed_file(path)


def test_parameters_are_shown_by_their_dotted_paths():
    assert list(flatten_parameters({"a": {"b": [1, 2]}, "c": True})) == [
        ("a.b", "[1, 2]"),
        ("c", "True"),
    ]


def test_all_sections_of_the_parameters_are_shown():
    assert set(yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))) == set(SECTIONS)

"""`model.json`: what an exported model was trained on, and what its files are."""

import hashlib
import json

import pytest

from expressions.errors import InputError
from expressions.network.exports.card import (
    Origin,
    describe_export,
    origin_of_folder,
    origin_of_training,
    shares_of_folder,
)

COUNTS = {
    "fer2013": {"training": {"kept": 27127}, "test": {"kept": 3519}},
    "mine": {"training": {"kept": 12}},
    "iefdb": {"iefdb": {"kept": 230}},
}


def test_a_training_of_this_run_counts_its_pictures_and_names_its_source():
    assert origin_of_training("files", "crossentropy", COUNTS) == Origin(
        "27,127 pictures of fer2013, 12 pictures of mine (files), target crossentropy", "files"
    )


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ({"trained_on": "faces", "source": "demo"}, Origin("faces", "demo")),
        ({"trained_on": "faces"}, Origin("faces", "unknown")),
        (None, None),
    ],
)
def test_a_model_taken_as_it_is_has_the_origin_of_its_folder(tmp_path, card, expected):
    if card is not None:
        (tmp_path / "model.json").write_text(json.dumps(card), encoding="utf-8")
    assert origin_of_folder(tmp_path) == (expected or Origin(f"as {tmp_path}", "unknown"))


@pytest.mark.parametrize("content", ["", "{", "[1]", "7", '"text"', "null", "\0"])
def test_a_damaged_card_is_an_error(tmp_path, content):
    (tmp_path / "model.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"model\.json"):
        origin_of_folder(tmp_path)


@pytest.mark.parametrize(
    "content", ["", "{", "[1]", "7", "null", '{"prior": 1}', '{"prior": [-1]}']
)
def test_a_damaged_card_tells_no_shares(tmp_path, content):
    (tmp_path / "model.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"model\.json"):
        shares_of_folder(tmp_path, ("neutral",))


def test_a_model_taken_as_it_is_has_the_shares_of_its_folder(tmp_path):
    names = ("neutral", "happiness")
    assert shares_of_folder(tmp_path, names) is None
    card = {"classes": ["neutral", "happiness", "contempt"], "prior": [0.6, 0.2, 0.2]}
    (tmp_path / "model.json").write_text(json.dumps(card), encoding="utf-8")
    # Of eight emotions seven are left; they share out what there is.
    assert shares_of_folder(tmp_path, names).tolist() == pytest.approx([0.75, 0.25])
    (tmp_path / "model.json").write_text(json.dumps({"classes": ["neutral"]}), encoding="utf-8")
    assert shares_of_folder(tmp_path, names) is None


@pytest.mark.parametrize(
    "card",
    [
        {"prior": [1.0]},
        {"classes": ["neutral", "fear"], "prior": [0.5, 0.5]},
        {"classes": ["neutral", "happiness"], "prior": [1.0]},
        {"classes": ["neutral", "happiness"], "prior": [0.5, 0.3, 0.2]},
    ],
)
def test_shares_of_other_classes_are_an_error(tmp_path, card):
    (tmp_path / "model.json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(InputError, match=r"model\.json: prior is .* neutral, happiness among them"):
        shares_of_folder(tmp_path, ("neutral", "happiness"))


def test_the_card_has_all_that_is_agreed_on(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"onnx")
    (tmp_path / "int8_ranges.csv").write_bytes(b"ranges")
    card = describe_export(
        tmp_path,
        network="thin_residual",
        classes=("neutral", "happiness"),
        framing={"margin": -0.03},
        origin=Origin("3 pictures of fer2013 (demo), target majority", "demo"),
        temperature=0.8,
        flip=True,
        prior={"prior": [0.75, 0.25], "tempered_power": 0.4},
        metrics={"test": {}},
    )
    assert json.loads(json.dumps(card)) == {
        "name": "thin_residual",
        "classes": ["neutral", "happiness"],
        "input": {"shape": [None, 48, 48, 1], "dtype": "float32", "range": [0, 255], "grey": True},
        "output": {"shape": [None, 2], "dtype": "float32", "sums_to": 1},
        "framing": {"margin": -0.03},
        "trained_on": "3 pictures of fer2013 (demo), target majority",
        "source": "demo",
        "temperature": 0.8,
        "flip": True,
        "prior": [0.75, 0.25],
        "tempered_power": 0.4,
        "metrics": {"test": {}},
        "bytes": {"model.onnx": 4},
        "sha256": {"model.onnx": hashlib.sha256(b"onnx").hexdigest()},
    }

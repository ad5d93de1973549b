"""Kept models have their TensorFlow Lite files again, byte for byte, or not at all."""

import json
import shutil
from pathlib import Path

import pytest
from helpers import ROOT

from expressions.commands.export import export
from expressions.errors import InputError
from expressions.pipeline.hashes import sha256

KEPT = ["reference", "reference-8", "reference-small"]
PARTS = ("model.keras", "model.json", "params.yaml", "int8_ranges.csv")


def copied(name: str, folder: Path) -> Path:
    """What git holds of a kept model, as far as `export` reads it."""
    folder.mkdir()
    for part in PARTS:
        shutil.copyfile(ROOT / "models" / name / part, folder / part)
    return folder


@pytest.mark.parametrize("name", KEPT)
def test_the_kept_models_have_the_exports_their_cards_name(name, tmp_path):
    folder = copied(name, tmp_path / name)
    card = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    assert sha256(ROOT / "models" / name / "model.onnx") == card["sha256"]["model.onnx"]
    written = export(folder)
    assert [path.name for path in written] == ["model.tflite", "model.int8.tflite"]
    for path in written:
        assert sha256(path) == card["sha256"][path.name]
        assert path.stat().st_size == card["bytes"][path.name]
    assert {path.name for path in folder.iterdir()} == {*PARTS, *(path.name for path in written)}


@pytest.mark.parametrize("part", ["model.keras", "model.json", "params.yaml"])
def test_a_folder_that_was_not_kept_is_an_error(tmp_path, part):
    folder = copied("reference-small", tmp_path / "small")
    (folder / part).unlink()
    with pytest.raises(InputError, match=f"holds no {part}"):
        export(folder)


@pytest.mark.parametrize("part", ["model.keras", "model.json", "params.yaml", "int8_ranges.csv"])
@pytest.mark.parametrize("content", ["", "{", "nothing of the kind"])
def test_a_damaged_part_is_an_error(tmp_path, part, content):
    folder = copied("reference-small", tmp_path / "small")
    (folder / part).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=part.replace(".", r"\.")):
        export(folder)
    assert not list(folder.glob("*.tflite"))


def test_other_bytes_than_the_kept_ones_are_not_written(tmp_path):
    folder = copied("reference-small", tmp_path / "small")
    path = folder / "model.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    card["sha256"]["model.int8.tflite"] = 64 * "0"
    path.write_text(json.dumps(card), encoding="utf-8")
    (folder / "model.tflite").write_bytes(b"what was there")
    with pytest.raises(InputError, match=r"model\.int8\.tflite would have other bytes"):
        export(folder)
    assert {path.name for path in folder.iterdir()} == {*PARTS, "model.tflite"}
    assert (folder / "model.tflite").read_bytes() == b"what was there"

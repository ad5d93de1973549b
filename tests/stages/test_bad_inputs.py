"""Bad tables, arrays and models through the stages: each ends with its one message."""

import json
import pickle
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bad_files import by_command, cut, edit, folder, put, remove, zipped
from small_run import PNG, write_model

from expressions.pipeline import paths

EVALUATION, CARD = paths.EVALUATION_METRICS, paths.EXPORT / paths.CARD
ARRAY, TABLE = paths.array("validation"), paths.array_table("validation")
FACES, IMAGES = paths.FACES / "mine", paths.IMAGES / "mine"
MEANT = paths.intended_table("fer2013")
SHARD = "00.zip"


def saved(array: np.ndarray, **options: bool) -> None:
    put(ARRAY)
    with ARRAY.open("wb") as file:
        np.save(file, array, **options)


def claiming(faces: int) -> None:
    """Write an array whose header claims more faces than it has."""
    content = bytearray(ARRAY.read_bytes())
    old = content[: content.index(b"\n")].decode("latin-1")
    new = old.rstrip().replace("(8, 48", f"({faces}, 48").ljust(len(old))
    put(ARRAY, new.encode("latin-1") + bytes(content[len(old) :]))


def a_lambda() -> None:
    """Make the last layer one that would run code of the file's own."""
    with zipfile.ZipFile(paths.MODEL) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    description = json.loads(entries["config.json"])
    description["config"]["layers"][-1]["class_name"] = "Lambda"
    entries["config.json"] = json.dumps(description).encode()
    with zipfile.ZipFile(paths.MODEL, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)


def a_model(kind: str) -> None:
    """Write a model of another kind."""
    from expressions.network.runtime import keras

    layers = keras.layers
    face = keras.Input((64, 64, 1) if kind == "large" else (48, 48, 1))
    scores = layers.Dense(7)(layers.Flatten()(face))
    if kind == "nan":
        model = keras.Model(face, scores)
        model.set_weights([np.full_like(weights, np.nan) for weights in model.get_weights()])
    else:
        outputs = {"two outputs": [scores, scores], "a map": layers.Conv2D(7, 3)(face)}
        model = keras.Model(face, outputs.get(kind, scores))
    model.save(paths.MODEL)


def of_one_split(path: Path, split: str) -> None:
    """Leave the rows of a table that are not of a split."""
    table = pd.read_csv(path)
    table[table["split"] != split].to_csv(path, index=False)


def twice(path: Path) -> None:
    """Let the last row of a table stand twice."""
    text = path.read_text(encoding="utf-8")
    put(path, text + text.splitlines()[-1] + "\n")


FACE_SHAPE = (8, 48, 48, 1)
STAGES = {
    "join": {
        "no table": (lambda: remove(paths.clean_table("mine")), "data/clean/mine.csv is missing"),
        "empty": (lambda: put(paths.clean_table("mine")), "mine.csv cannot be read"),
        "no rows": (
            lambda: put(paths.clean_table("mine"), "image_id,split,label\n"),
            "holds no rows",
        ),
        "a folder": (lambda: folder(paths.clean_table("mine")), "mine.csv cannot be read"),
        "garbage": (lambda: put(paths.clean_table("mine"), bytes(range(256))), "cannot be read"),
        "a label": (
            lambda: edit(paths.clean_table("mine"), "sad", "mad"),
            "'madness' as label in row",
        ),
        "a vote": (lambda: edit(paths.clean_table("fer2013"), ",10,", ",ten,"), "cannot be read"),
    },
    "render mine": {
        "no raw folder": (lambda: remove(paths.RAW), "no picture that can be read"),
        "none readable": (
            lambda: [put(paths.RAW / f"mine/{name}.png") for name in ("a/1", "a/2", "b/1")],
            "no picture that can be read",
        ),
    },
    "render iefdb": {
        "no raw folder": (lambda: remove(paths.RAW), "data/raw/iefdb/Original is no fo")
    },
    "render fer2013": {
        "no raw folder": (lambda: remove(paths.RAW), "fer2013new.csv cannot be read")
    },
    "crop mine": {
        "no pictures": (lambda: folder(IMAGES), "data/images/mine holds no shards"),
        "no folder": (lambda: remove(IMAGES), "data/images/mine holds no shards"),
        "cut": (lambda: cut(IMAGES / SHARD), "00.zip is damaged"),
        "a word": (lambda: put(IMAGES / SHARD, "zip"), "00.zip is damaged"),
        "a folder": (lambda: folder(IMAGES / SHARD), "00.zip is damaged"),
        "no table": (lambda: remove(paths.rejected_by_render("mine")), "rejected.csv is missing"),
        "other table": (
            lambda: put(paths.rejected_by_render("mine"), "a\n"),
            "no column 'image_id'",
        ),
    },
    "crop iefdb": {
        "no picture": (
            lambda: put(paths.IMAGES / "iefdb" / SHARD, zipped(b"x", "iefdb-1.png")),
            "iefdb-1.png is damaged",
        ),
        "damaged inside": (
            lambda: put(
                paths.IMAGES / "iefdb" / SHARD, zipped(PNG, "i.png").replace(PNG, PNG[::-1])
            ),
            "00.zip is damaged .Bad CRC",
        ),
    },
    "arrays": {
        "no samples": (lambda: remove(paths.SAMPLES), "data/samples.csv is missing"),
        "empty": (lambda: put(paths.SAMPLES), "data/samples.csv cannot be read"),
        "no column": (lambda: edit(paths.SAMPLES, "split", "part"), "has no column 'split'"),
        "no test": (partial(of_one_split, paths.SAMPLES, "test"), "is left for the split test"),
        "no training": (partial(of_one_split, paths.SAMPLES, "training"), "for the split training"),
        "twice": (partial(twice, paths.SAMPLES), "two rows or pictures get the image_id mine-b-1"),
        "no faces": (lambda: remove(paths.FACES), "holds no shards"),
        "other faces": (lambda: put(FACES / SHARD, zipped(b"x", "mine-a-1.png")), "is damaged"),
        "a face less": (
            lambda: [put(path, zipped(PNG, "x.png")) for path in FACES.glob("*.zip")],
            "has neither its face nor a reason",
        ),
        "no table": (lambda: remove(paths.face_table("mine")), "data/faces/mine.csv is missing"),
    },
    "train": {
        "no array": (lambda: remove(ARRAY), "validation.npy"),
        "no table": (lambda: remove(TABLE), "validation.csv"),
        "pickled": (lambda: put(ARRAY, pickle.dumps({"a": 1})), "validation.npy cannot be read"),
        "objects": (
            lambda: saved(np.array([{}]), allow_pickle=True),
            "validation.npy cannot be read",
        ),
        "too short": (lambda: cut(ARRAY), "validation.npy cannot be read"),
        "a claim": (partial(claiming, 10**12), "validation.npy cannot be read"),
        "float64": (lambda: saved(np.zeros(FACE_SHAPE)), "is float64"),
        "other sizes": (lambda: saved(np.zeros((8, 40, 40, 1), np.float32)), "not float32 .n, 48"),
        "no faces": (lambda: saved(np.zeros((0, 48, 48, 1), np.float32)), "has no pictures"),
        "nan": (
            lambda: saved(np.full(FACE_SHAPE, np.nan, np.float32)),
            "values that are no numbers",
        ),
        "fewer": (lambda: saved(np.zeros((7, 48, 48, 1), np.float32)), "8 rows for the 7 faces"),
        "a label": (lambda: edit(TABLE, "neutral", "bored"), "has the label 'bored'|no column"),
    },
    "evaluate": {
        "no model": (lambda: remove(paths.MODEL), "models/model.keras is missing"),
        "empty": (lambda: put(paths.MODEL), "model.keras cannot be read as a Keras model"),
        "cut": (lambda: cut(paths.MODEL), "cannot be read as a Keras model"),
        "a page": (lambda: put(paths.MODEL, "<html>"), "cannot be read as a Keras model"),
        "code of its own": (a_lambda, "cannot be read as a Keras model"),
        "two outputs": (partial(a_model, "two outputs"), "1 inputs and 2 outputs"),
        "a map": (partial(a_model, "a map"), "Expected is one input"),
        "large": (partial(a_model, "large"), "Expected is one input"),
        "nan": (partial(a_model, "nan"), "infinite or no numbers"),
        "classes": (
            lambda: write_model(paths.MODEL, 5),
            "is for 5 classes, but params.yaml asks for 7",
        ),
        "no arrays": (lambda: remove(paths.ARRAYS), "validation.csv is missing"),
        "no test": (lambda: remove(paths.array_table("test")), "test.csv is missing"),
        "half a split": (lambda: remove(paths.array("iefdb")), "iefdb.npy is missing"),
        "no twins": (lambda: remove(paths.TWINS), "twins.csv is missing"),
        "samples": (partial(of_one_split, paths.SAMPLES, "test"), "0 rows for fer2013-"),
        "a sample twice": (partial(twice, paths.SAMPLES), "2 rows for mine-b-1"),
        "not meant": (lambda: remove(MEANT), "fer2013.intended.csv is missing"),
        "meant twice": (partial(twice, MEANT), "intended.csv has two rows for fer2013-"),
        "meant joy": (
            lambda: put(MEANT, "image_id,intended\nx,joy\n"),
            "has 'joy' as intended in row 2.*Run .dvc repro",
        ),
    },
    "export": {
        "no temperature": (lambda: put(paths.CALIBRATION, "{}"), "calibration.json.temperature: "),
        "a word": (
            lambda: put(paths.CALIBRATION, '{"temperature": "x"}'),
            "temperature: .*found .x.",
        ),
        "nan": (
            lambda: put(paths.CALIBRATION, '{"temperature": NaN}'),
            "calibration.json.temperature: ",
        ),
        "removed": (lambda: remove(paths.CALIBRATION), "calibration.json cannot be read: No such"),
        "cut": (lambda: cut(paths.CALIBRATION), "calibration.json cannot be read"),
        "no counts": (lambda: remove(paths.DATA_METRICS), "metrics/data.json is missing"),
        "no figures": (lambda: remove(EVALUATION), "metrics/evaluation.json is missing"),
        "a list": (lambda: put(EVALUATION, "[]"), "holds a list, expected an object"),
        "no model": (lambda: remove(paths.MODEL), "models/model.keras is missing"),
        "no test": (lambda: remove(paths.array("test")), "test.npy is missing"),
    },
    "audit": {
        "no answers": (lambda: remove(paths.PREDICTIONS), "data/predictions.csv is missing"),
        "empty": (lambda: put(paths.PREDICTIONS), "data/predictions.csv cannot be read"),
        "other table": (lambda: put(paths.PREDICTIONS, "a\n1\n"), "has no column 'image_id'"),
        "fewer": (
            partial(of_one_split, paths.PREDICTIONS, "test"),
            "of other pictures than data/arr",
        ),
        "a word": (lambda: edit(paths.PREDICTIONS, ",0.", ",x."), "predictions.csv cannot be read"),
        "no arrays": (lambda: folder(paths.ARRAYS), "validation.csv is missing"),
    },
    "report": {
        "no figures": (lambda: remove(EVALUATION), "metrics/evaluation.json is missing"),
        "cut": (lambda: cut(EVALUATION), "evaluation.json cannot be read as JSON"),
        "no split": (lambda: put(EVALUATION, "{}"), "evaluation.json: Dictionary should have at"),
        "no protocol": (
            lambda: put(EVALUATION, '{"test": {}}'),
            "evaluation.json.test: Dictionary",
        ),
        "no rows": (lambda: put(paths.DATA_METRICS, '{"mine": {}}'), "data.json.mine.rows: Field"),
        "half a card": (lambda: put(CARD, '{"name": "x"}'), "model.json.classes: Field required"),
        "no card": (lambda: remove(CARD), "models/export/model.json is missing"),
        "no picture": (lambda: remove(paths.HISTORY / "curves.png"), "curves.png cannot be read"),
        "a word": (lambda: put(paths.HISTORY / "curves.png", "x"), "curves.png is no PNG"),
        "no history": (lambda: put(paths.HISTORY / "history.csv"), "history.csv cannot be read"),
        "no raw folder": (lambda: remove(paths.RAW), "data/raw/fer2013 is no folder"),
        "no shards": (lambda: remove(paths.IMAGES), "holds no shards"),
        "no scores": (lambda: put(paths.PER_CLASS_METRICS, "a\n"), "per_class.csv has no column"),
        "answers": (
            lambda: put(
                paths.EVALUATION / "test.majority.confusion.csv", "actual,predicted\nfear,x\n"
            ),
            "'x' is none of neutral",
        ),
        "no model": (lambda: remove(paths.MODEL), "models/model.keras is missing"),
    },
}


@pytest.mark.parametrize(("command", "change", "message"), by_command(STAGES))
def test_a_bad_input_of_a_stage_ends_with_one_message(in_copy, refused, command, change, message):
    change()
    refused(command, message)

"""Bad files and arguments through the commands: each ends with its one message."""

import json
import os
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import pytest
from bad_files import (
    Change,
    by_command,
    claiming_png,
    cut,
    edit,
    folder,
    link,
    pipe,
    put,
    remove,
    zipped,
)
from helpers import export, write_fer2013_tables
from onnx import TensorProto, helper, numpy_helper
from small_run import PNG, write_model

from expressions.pipeline import paths

CARD, NETWORK = paths.EXPORT / paths.CARD, paths.EXPORT / paths.ONNX
PARAMS = "params.yaml"


def card(**values: object) -> None:
    """Change the card of the exported model."""
    content = json.loads(CARD.read_text(encoding="utf-8"))
    put(CARD, json.dumps(content | values))


def net(
    weight: float = 0.0, side: int = 48, inputs: int = 1, kind: int = TensorProto.FLOAT
) -> None:
    """Write `net.onnx`: one layer, seven outputs, all weights alike."""
    taken = [
        helper.make_tensor_value_info(f"faces{number}", kind, ["n", side, side, 1])
        for number in range(inputs)
    ]
    nodes = [
        helper.make_node("Cast", ["faces0"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["real"], ["flat"], axes=[1, 2], keepdims=0),
        helper.make_node("MatMul", ["flat", "weights"], ["scores"]),
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        taken,
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 7])],
        [numpy_helper.from_array(np.full((1, 7), weight, np.float32), "weights")],
    )
    opset = [helper.make_opsetid("", 13)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), "net.onnx")


def photos(*names: str) -> None:
    for name in names or ("happy/a.png", "sad/b.png"):
        put(f"photos/{name}", PNG)


def table(text: str, *names: str) -> None:
    photos(*names or ("a.png", "b.png"))
    put("photos/t.csv", text)


def fer2013() -> None:
    folder("given")
    write_fer2013_tables(Path("given"), [("Training", 1, {"fear": 10})])


def kept_model() -> None:
    """Put a folder in place that `expressions keep` might have made."""
    export(Path("models/mine"), temperature=1.5, sha256={"model.tflite": "0"})
    write_model(Path("models/mine/model.keras"))
    put("models/mine/params.yaml", "arrays: {low: -1.0, high: 1.0}")


def after(*changes: Change) -> Change:
    """One change after the other."""
    return lambda: [change() for change in changes]


def nothing() -> None:
    """Change nothing: the arguments are the mistake."""


BAD_NAMES = ("../data", ".", "..", "/etc/x", "a/b", "''", "é", "a.b", "'a\\n'", "a" * 65)
SEVEN = "neutral,happiness,surprise,sadness,anger,disgust,fear"
TAKEN = "measure photos --model"


def served(**options) -> Change:
    """Put `net.onnx` where the exported model is."""
    return after(partial(net, **options), lambda: Path("net.onnx").replace(NETWORK))


def changed_card(text: str) -> Change:
    return after(kept_model, partial(put, "models/mine/model.json", text))


CASES: dict[str, dict[str, tuple[Change, str]]] = {
    **{f"keep {name}": {"": (nothing, "is no name for a model")} for name in BAD_NAMES},
    "keep history": {"": (nothing, "models/history has a meaning of its own")},
    "keep None": {"": (nothing, "models/None has a meaning of its own")},
    "keep other": {"not ours": (partial(put, "models/other/a"), "not made by .expressions keep.")},
    "keep file": {"a file": (partial(put, "models/file"), "models/file is no folder")},
    "keep dead": {"a dead link": (partial(link, "models/dead", "no"), "models/dead is no folder")},
    "export nowhere": {"": (nothing, "nowhere holds no model.json")},
    "export models/mine": {
        "no temperature": (changed_card("{}"), "model.json.temperature: Field required"),
        "half a card": (changed_card("{"), "model.json cannot be read"),
        "0": (changed_card('{"temperature": 0, "sha256": {}}'), "greater than 0"),
        "parameters": (
            after(kept_model, partial(put, "models/mine/params.yaml", "a: 1")),
            "params.yaml.arrays: Field required",
        ),
        "half a model": (
            after(kept_model, partial(cut, "models/mine/model.keras")),
            "cannot be read as a Keras model",
        ),
    },
    "verify": {
        "no lock": (nothing, "There is no dvc.lock in"),
        "empty": (partial(put, "dvc.lock"), "dvc.lock is damaged. .git restore dvc.lock"),
        "open": (partial(put, "dvc.lock", "stages: ["), "dvc.lock is damaged"),
        "no stages": (partial(put, "dvc.lock", "stages:\n"), "dvc.lock is damaged"),
        "a list": (partial(put, "dvc.lock", "stages: [1]\n"), "dvc.lock is damaged"),
        "no hash": (partial(put, "dvc.lock", "stages: {a: {outs: [{path: x}]}}\n"), "damaged"),
    },
    "use nowhere": {"": (nothing, "nowhere is no folder. Name the one that holds the data")},
    "use given": {
        "empty": (partial(folder, "given"), "fer2013.csv is missing in given"),
        "a page": (partial(put, "given/fer2013.csv", "<html>"), "a web page in place of the file"),
        "rar": (partial(put, "given/fer2013.csv.zip", "Rar!\x1a\x07\0"), "is a RAR archive"),
        "half": (partial(put, "given/fer2013.csv", "a"), "fer2013new.csv is missing in given"),
    },
    "use data/source/files/fer2013": {
        "a list": (partial(put, PARAMS, "[1]"), "is no mapping of keys to values"),
        "no source": (partial(put, PARAMS, "datasets: [a]\n"), "there is no source"),
        "twice": (partial(put, PARAMS, "source: a\nsource: b\ndatasets: []\n"), "duplicate"),
        "an alias": (partial(put, PARAMS, "a: &a x\nsource: *a\ndatasets: []\n"), "alone"),
        "a tab": (partial(put, PARAMS, "source:\n\t- a\n"), "params.yaml, line 2"),
        "cp1252": (partial(put, PARAMS, "é: 1".encode("cp1252")), "is no UTF-8 text"),
        "missing": (partial(remove, PARAMS), "params.yaml cannot be read"),
        "large": (partial(put, PARAMS, "#" * (2 << 20)), "larger than 1048576 bytes"),
        "a pipe": (partial(pipe, PARAMS), "params.yaml is a device or pipe"),
    },
    "predict": {"": (nothing, "There is nothing to look at")},
    "predict a.png --json --csv": {"": (nothing, "--json and --csv exclude each other")},
    "predict a.png --fps 1 --every 2": {"": (nothing, "--fps and --every exclude each other")},
    "predict photos": {
        "empty": (partial(folder, "photos"), "There is no picture and no video in photos"),
        "words": (partial(put, "photos/a.txt", "x"), "passed over: 1 .neither picture"),
        "hidden": (partial(photos, ".a.png"), "passed over: 1 .hidden"),
    },
    "predict a.png --model nowhere": {"": (partial(put, "a.png", PNG), "holds no model.json")},
    "predict a.png --model models/export": {
        "no network": (partial(remove, NETWORK), "models/export holds no model.onnx"),
        "no card": (partial(remove, CARD), "models/export holds no model.json"),
        "an empty card": (partial(put, CARD), "model.json"),
        "a list": (partial(put, CARD, "[]"), "model.json"),
        "half a card": (partial(cut, CARD), "model.json cannot be read"),
        "a card without framing": (partial(card, framing=None), "model.json.framing"),
        "one class": (partial(card, classes=["fear"]), "model.json.classes"),
        "a wild margin": (partial(card, framing={"margin": 99}), "model.json.framing.margin"),
        "other classes": (partial(card, classes=["a", "b"]), "7 outputs, model.json names 2"),
        "a large card": (partial(put, CARD, b" " * (2 << 20)), "larger than 1048576 bytes"),
        "an endless card": (partial(link, CARD, "/dev/zero"), "holds no model.json"),
        "a pipe for a card": (partial(pipe, CARD), "holds no model.json"),
        "an empty network": (partial(put, NETWORK), "model.onnx is damaged"),
        "words": (partial(put, NETWORK, "no network"), "model.onnx is damaged"),
        "half a network": (partial(cut, NETWORK), "model.onnx is damaged"),
        "two inputs": (served(inputs=2), "takes 2 inputs"),
        "large faces": (served(side=64), "Expected are one input"),
        "bytes": (served(kind=TensorProto.UINT8), "Expected are one input"),
        "nan": (served(weight=np.nan), "gives .nan, .* for a black face"),
        "no probabilities": (served(), "expected are probabilities"),
    },
    "measure nowhere": {"": (nothing, "nowhere is missing. Name a folder by emotion")},
    "measure photos": {
        "empty": (partial(folder, "photos"), "photos holds no picture with the label"),
        "in no folder": (partial(photos, "a.png"), "photos/a.png lies in no folder"),
        "a folder": (partial(photos, "bored/a.png"), "'bored' is no known emotion"),
    },
    "measure photos/t.csv": {
        "a column": (partial(table, "file,mood\na.png,sad\n"), "column 'label' is missing"),
        "a label": (partial(table, "file,label\na.png,bored\n"), "row 2: 'bored' is no"),
        "twice": (partial(table, "file,label\na.png,sad\na.png,sad\n"), "row 3: 'a.png' stands"),
        "up": (partial(table, "file,label\n../a.png,sad\n"), "expected a path below"),
        "absolute": (partial(table, "file,label\n/etc/a.png,sad\n"), "expected a path below"),
        "none there": (partial(table, "file,label\nx.png,sad\n"), "holds no picture with"),
    },
    "measure given --split training": {
        "": (fer2013, "'training' is no part of FER-2013 to measure on")
    },
    f"{TAKEN} nowhere": {"": (nothing, "nowhere is no folder of an exported model, no network")},
    f"{TAKEN} nowhere.onnx": {"": (nothing, "nowhere.onnx is missing")},
    f"{TAKEN} a.csv --model a.csv": {"": (nothing, "--model names a.csv twice")},
    f"{TAKEN} net.onnx": {"no classes": (net, "which emotions its outputs are is not known")},
    f"{TAKEN} net.onnx --classes a,b": {"": (net, "'a' is no emotion or stands twice")},
    f"{TAKEN} net.onnx --classes sad,sad": {"": (net, "'sad' is no emotion or stands twice")},
    f"{TAKEN} net.onnx --classes {SEVEN} --range nan 1": {"": (net, "--range is nan 1, expected")},
    f"{TAKEN} net.onnx --classes {SEVEN}": {
        "nan": (partial(net, np.nan), "gives values that are infinite or no numbers")
    },
    f"{TAKEN} net.onnx --classes sad,fear": {
        "outputs": (net, "has 7 outputs, but 2 classes are named"),
        "large": (partial(net, side=9999), "larger than 2048 pixels"),
        "inputs": (partial(net, inputs=2), "takes 2 inputs and gives 1 outputs"),
        "words": (partial(put, "net.onnx", "x"), "cannot be read as a network"),
    },
    f"{TAKEN} net.keras --classes sad,fear": {
        "words": (partial(put, "net.keras", "x"), "cannot be read as a network"),
        "a zip": (
            partial(put, "net.keras", zipped(b"x", "config.json")),
            "cannot be read as a",
        ),
    },
    **{
        f"{TAKEN} net.{suffix} --classes sad,fear": {
            "words": (partial(put, f"net.{suffix}", "x"), "cannot be read as a network")
        }
        for suffix in ("h5", "tflite")
    },
    f"{TAKEN} t.csv": {
        "columns": (partial(put, "t.csv", "a,b\n1,2\n"), "t.csv has the columns a, b; expected"),
        "empty": (partial(put, "t.csv"), "expected one of pictures"),
        "a cell": (partial(put, "t.csv", "file,sad,fear\nphotos/happy/a.png,x,1\n"), "holds 'x'"),
        "a pipe": (partial(pipe, "t.csv"), "it is no file"),
        "endless": (partial(link, "t.csv", "/dev/zero"), "it is no file"),
        "large": (lambda: os.truncate(put("t.csv", "file"), 1 << 30), "more than 128 MiB"),
    },
}


@pytest.mark.parametrize(("command", "change", "message"), by_command(CASES))
def test_a_bad_command_ends_with_one_message(in_copy, refused, command, change, message):
    put("a.png", PNG)
    if command.startswith(TAKEN):
        photos()
    change()
    refused(f"expressions {command}", message)


PICTURES = {
    "empty.png": (put, "an empty file"),
    "words.jpg": (lambda path: put(path, "x"), "no picture that can be read"),
    "half.png": (lambda path: put(path, PNG[: len(PNG) // 2]), "cut or damaged"),
    "large.png": (
        lambda path: put(path, claiming_png(32_000, 32_000)),
        "than the 150 million that are",
    ),
    "wide.png": (
        lambda path: put(path, claiming_png(10**6, 1000)),
        "than the 150 million that are",
    ),
    "a.heic": (lambda path: put(path, b"\0\0\0\x18ftypheic" + bytes(40)), "convert it"),
    "pipe.png": (pipe, "a device, pipe or socket and no file"),
    "zero.png": (lambda path: link(path, "/dev/zero"), "a device, pipe or socket and no file"),
    "dead.png": (lambda path: link(path, "nowhere"), "No such file"),
    "loop.png": (lambda path: link(path, "loop.png"), "symbolic links"),
    "sparse.png": (
        lambda path: os.truncate(put(path, PNG), 2 << 30),
        "2147 MB, more than the 1000",
    ),
    "folder.mp4": (lambda path: put(path, "x"), "video"),
}


def test_bad_pictures_are_a_line_of_error_each(in_copy, outcome_of):
    for name, (make, _) in PICTURES.items():
        make(name)
    found = outcome_of(f"expressions predict --json {' '.join(PICTURES)} --model models/export")
    told = [json.loads(line) for line in found.output.splitlines()]
    assert [line["source"] for line in told] == list(PICTURES)
    for line, (_, message) in zip(told, PICTURES.values(), strict=True):
        assert message in line["error"], line
    assert found.code == 1
    assert "Traceback" not in found.errors


def test_what_is_named_beside_a_bad_file_is_looked_at(in_copy, outcome_of):
    put("a.png", PNG)
    put("b.png", "x")
    found = outcome_of("expressions predict a.png b.png --model models/export")
    assert found.code == 1
    assert "a.png" in found.output
    assert "no picture that can be read" in found.output


def test_edited_files_stay_as_they_were(in_copy, refused):
    edit("params.yaml", "source: files", "source: demo")
    before = Path("params.yaml").read_bytes()
    put("half/fer2013.csv", "emotion,Usage,pixels\n")
    refused("expressions use half", "fer2013new.csv is missing")
    assert Path("params.yaml").read_bytes() == before

"""Files in the place of `model.onnx` that are no network for faces: one message each."""

import json

import numpy as np
import pytest
from helpers import CLASSES, export
from onnx import TensorProto, helper, numpy_helper

from expressions.errors import InputError
from expressions.pipeline.runtimes import network_run
from expressions.prediction.exported_model import ExportedModel

FLOAT, FACES = TensorProto.FLOAT, ["n", 48, 48, 1]


def network(nodes, inputs, outputs, **weights) -> bytes:
    """An ONNX file; inputs and outputs are `(name, shape)` or `(name, shape, type)`."""

    def described(entry):
        name, shape, kind = (*entry, FLOAT)[:3]
        return helper.make_tensor_value_info(name, kind, shape)

    graph = helper.make_graph(
        nodes,
        "network",
        [described(entry) for entry in inputs],
        [described(entry) for entry in outputs],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opset, ir_version=9).SerializeToString()


def dense(shape=FACES, bias=0.0, softmax=True, classes=7, kind=FLOAT, outputs=1, side=48, depth=1):
    """One layer and a softmax, which takes faces of `shape`."""
    nodes = [
        helper.make_node("Cast", ["faces"], ["real"], to=FLOAT),
        helper.make_node("Flatten", ["real"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["product"]),
        helper.make_node("Add", ["product", "bias"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["probabilities"]),
        helper.make_node("Identity", ["scores"], ["more"]),
    ]
    names = ("probabilities" if softmax else "scores", "more")[:outputs]
    return network(
        nodes,
        [("faces", shape, kind)],
        [(name, ["n", classes]) for name in names],
        weights=np.zeros((side * side * depth, classes), np.float32),
        bias=np.full(classes, bias, np.float32),
    )


def endless() -> bytes:
    """A loop whose condition stays true."""
    on, still_on = (
        helper.make_tensor_value_info(name, TensorProto.BOOL, []) for name in ("on", "still_on")
    )
    turn = helper.make_tensor_value_info("turn", TensorProto.INT64, [])
    before, after = (helper.make_tensor_value_info(name, FLOAT, FACES) for name in "xy")
    same = [helper.make_node("Identity", pair[:1], pair[1:]) for pair in (["on", "still_on"], "xy")]
    body = helper.make_graph(same, "body", [turn, on, before], [still_on, after])
    nodes = [
        helper.make_node("Loop", ["turns", "start", "faces"], ["looped"], body=body),
        helper.make_node("Flatten", ["looped"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["probabilities"]),
    ]
    return network(
        nodes,
        [("faces", FACES)],
        [("probabilities", ["n", 7])],
        turns=np.array(2**62, np.int64),
        start=np.array(True),
        weights=np.zeros((2304, 7), np.float32),
    )


def two_inputs() -> bytes:
    nodes = [
        helper.make_node("Add", ["faces", "others"], ["both"]),
        helper.make_node("Flatten", ["both"], ["probabilities"]),
    ]
    inputs = [("faces", FACES), ("others", FACES)]
    return network(nodes, inputs, [("probabilities", ["n", 2304])])


def without_rank() -> bytes:
    nodes = [helper.make_node("Identity", ["faces"], ["probabilities"])]
    return network(nodes, [("faces", FACES)], [("probabilities", None)])


def folder(path, content: bytes, **card):
    export(path, **card)
    (path / "model.onnx").write_bytes(content)
    return path


@pytest.mark.parametrize(
    "shape",
    [FACES, ["n", "height", "width", 1], [None, 48, 48, 1]],
)
def test_a_network_for_faces_is_taken_whatever_its_sizes_are_called(tmp_path, shape):
    model = ExportedModel(folder(tmp_path / "model", dense(shape)))
    found = model.probabilities(np.zeros((3, 48, 48), np.uint8))
    assert found == pytest.approx(np.full((3, 7), 1 / 7))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is damaged"),
        (b"no network", "is damaged"),
        (dense()[:500], "is damaged"),
        (dense(["n", 48, 48]), r"takes 1 inputs, tensor\(float\) \['n', 48, 48\]"),
        (dense(["n", 64, 64, 1], side=64), r"\['n', 64, 64, 1\]"),
        (dense(["n", 1, 48, 48]), r"\['n', 1, 48, 48\]"),
        (dense(["n", 48, 48, 3], depth=3), r"\['n', 48, 48, 3\]"),
        (dense([1, 48, 48, 1]), r"\[1, 48, 48, 1\]"),
        (dense(kind=TensorProto.DOUBLE), r"tensor\(double\)"),
        (dense(kind=TensorProto.UINT8), r"tensor\(uint8\)"),
        (dense(outputs=2), "gives 2 outputs"),
        (two_inputs(), "takes 2 inputs"),
        (dense(classes=5), "has 5 outputs, model.json names 7 classes"),
        (without_rank(), "has 1 outputs, model.json names 7 classes"),
        (dense(bias=np.nan), "gives .*nan.* for a black face"),
        (dense(bias=np.inf, softmax=False), "gives .*inf.* for a black face"),
        (dense(bias=0.5, softmax=False), r"gives \[0\.5, .* add up to 1"),
        (dense(["n", "height", "width", 1], side=40), "does not answer for 2 faces"),
    ],
)
def test_another_network_is_an_error(tmp_path, content, message):
    with pytest.raises(InputError, match=message):
        ExportedModel(folder(tmp_path / "model", content))


def test_an_endless_network_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(network_run, "MOST_SECONDS", 0.5)
    with pytest.raises(InputError, match=r"does not answer for 2 faces: ended after 0\.5 s"):
        ExportedModel(folder(tmp_path / "model", endless()))


@pytest.mark.parametrize(
    "content",
    ["", "[1, 2]", "7", "{", json.dumps({"name": "a"}), json.dumps({"classes": CLASSES})],
)
def test_a_card_of_something_else_is_an_error(tmp_path, content):
    path = export(tmp_path / "model")
    (path / "model.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"model\.json"):
        ExportedModel(path)

"""Networks out of files of every kind: the shapes they read, and their answers."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from expressions.errors import InputError
from expressions.network.exports import network_file
from expressions.network.exports.conversion import convert_tflite, to_tflite
from expressions.network.exports.network_file import InputShape, open_network
from expressions.network.runtime import keras, tf


def write_onnx(path: Path, shape: list, kind: int = TensorProto.FLOAT, inputs: int = 1) -> Path:
    """A network that gives the mean of the picture's first and of its last row."""
    names = [f"picture{number}" for number in range(inputs)]
    last = 2 if shape[1] in (1, 3) else 1
    nodes = [helper.make_node("Cast", [names[0]], ["float"], to=TensorProto.FLOAT)]
    for name, start in (("first", 0), ("last", -1)):
        nodes += [
            helper.make_node("Constant", [], [f"{name}_row"], value_ints=[start]),
            helper.make_node("Gather", ["float", f"{name}_row"], [f"{name}_cut"], axis=last),
            helper.make_node("ReduceMean", [f"{name}_cut"], [f"{name}_flat"], axes=[1, 2, 3],
                             keepdims=0),
            helper.make_node("Constant", [], [f"{name}_end"], value_ints=[1]),
            helper.make_node("Unsqueeze", [f"{name}_flat", f"{name}_end"], [name]),
        ]  # fmt: skip
    nodes.append(helper.make_node("Concat", ["first", "last"], ["answers"], axis=1))
    taken = [helper.make_tensor_value_info(name, kind, shape) for name in names]
    given = [helper.make_tensor_value_info("answers", TensorProto.FLOAT, [shape[0], 2])]
    graph = helper.make_graph(nodes, "rows", taken, given)
    opset = [helper.make_opsetid("", 13)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    return path


def pictures(count: int, height: int = 4, width: int = 4, channels: int = 1) -> np.ndarray:
    """The rows of picture `n` are `n`, `n + 1`, …"""
    rows = np.arange(count)[:, None] + np.arange(height)
    every = np.broadcast_to(rows[:, :, None, None], (count, height, width, channels))
    return every.astype(np.float32)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (["n", 4, 6, 1], InputShape(4, 6, 1, channels_first=False)),
        (["n", 4, 6, 3], InputShape(4, 6, 3, channels_first=False)),
        (["n", 1, 4, 6], InputShape(4, 6, 1, channels_first=True)),
        ([1, 3, 4, 6], InputShape(4, 6, 3, channels_first=True)),
        ([4, 4, 6, 1], InputShape(4, 6, 1, channels_first=False)),
    ],
)
def test_an_onnx_file_reads_pictures_in_its_own_shape(tmp_path, shape, expected):
    network = open_network(write_onnx(tmp_path / "net.onnx", shape))
    assert network.input == expected
    answers = network.answer(pictures(7, 4, 6, expected.channels))
    # Also where it takes one at a time, or four, of which the last batch is not full.
    assert answers.tolist() == [[n, n + 3] for n in range(7)]


def test_whole_numbers_are_rounded_not_cut(tmp_path):
    path = write_onnx(tmp_path / "net.onnx", ["n", 4, 4, 1], TensorProto.UINT8)
    answers = open_network(path).answer(pictures(2) + np.float32(0.6))
    assert answers.tolist() == [[1, 4], [2, 5]]


@pytest.mark.parametrize(
    ("shape", "kind", "inputs", "message"),
    [
        (["n", 4], TensorProto.FLOAT, 1, "expected pictures of a fixed size"),
        (["n", 4, 4, 2], TensorProto.FLOAT, 1, "1 or 3 channels"),
        (["n", "h", "w", 1], TensorProto.FLOAT, 1, r"\['n', 'h', 'w', 1\]"),
        (["n", 4, 4, 1], TensorProto.FLOAT, 2, "takes 2 inputs"),
        (["n", 4, 4, 1], TensorProto.DOUBLE, 1, r"takes a tensor\(double\)"),
    ],
)
def test_what_reads_no_pictures_is_refused(tmp_path, shape, kind, inputs, message):
    path = tmp_path / "net.onnx"
    if len(shape) == 2:
        taken = helper.make_tensor_value_info("x", kind, shape)
        given = helper.make_tensor_value_info("y", kind, shape)
        node = helper.make_node("Identity", ["x"], ["y"])
        graph = helper.make_graph([node], "same", [taken], [given])
        onnx.save(helper.make_model(graph, ir_version=8), path)
    else:
        write_onnx(path, shape, kind, inputs)
    with pytest.raises(InputError, match=message):
        open_network(path)


@pytest.mark.parametrize("suffix", [".onnx", ".tflite", ".keras", ".h5"])
def test_a_damaged_file_is_named(tmp_path, suffix):
    path = tmp_path / f"net{suffix}"
    path.write_bytes(b"no network")
    with pytest.raises(InputError, match=f"net{suffix} cannot be read as a network"):
        open_network(path)
    path.unlink()
    with pytest.raises(InputError, match=f"net{suffix} is missing"):
        open_network(path)


@pytest.fixture(scope="module")
def model():
    faces = keras.Input((48, 48, 1))
    flat = keras.layers.Flatten()(keras.layers.AveragePooling2D(16)(faces))
    scores = keras.layers.Dense(3, kernel_initializer=keras.initializers.RandomNormal(seed=1))(flat)
    return keras.Model(faces, keras.layers.Softmax()(scores))


def test_keras_and_tflite_files_give_the_models_answers(model, tmp_path):
    rng = np.random.default_rng(0)
    faces = rng.uniform(0, 1, (70, 48, 48, 1)).astype(np.float32)
    expected = model.predict(faces, verbose=0)
    model.save(tmp_path / "net.keras")
    to_tflite(model, tmp_path / "net.tflite")
    for name, tolerance in (("net.keras", 1e-6), ("net.tflite", 1e-3)):
        network = open_network(tmp_path / name)
        assert network.input == InputShape(48, 48, 1, channels_first=False)
        np.testing.assert_allclose(network.answer(faces), expected, atol=tolerance)


def test_a_tflite_file_of_whole_numbers_alone_gives_probabilities(model, tmp_path):
    rng = np.random.default_rng(0)
    faces = rng.integers(0, 256, (70, 48, 48, 1)).astype(np.float32)
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([face[None]] for face in faces)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.uint8
    convert_tflite(converter, tmp_path / "net.tflite")
    answers = open_network(tmp_path / "net.tflite").answer(faces)
    assert answers.dtype == np.float32
    np.testing.assert_allclose(answers, model.predict(faces, verbose=0), atol=0.05)


@pytest.mark.parametrize("suffix", [".keras", ".tflite"])
def test_a_file_of_two_outputs_is_an_error(model, tmp_path, suffix):
    path = tmp_path / f"net{suffix}"
    two = keras.Model(model.inputs, [*model.outputs, model.layers[-2].output])
    if suffix == ".keras":
        two.save(path)
    else:
        convert_tflite(tf.lite.TFLiteConverter.from_keras_model(two), path)
    with pytest.raises(InputError, match="takes 1 inputs and gives 2 outputs, expected one"):
        open_network(path)


def test_a_network_that_never_ends_or_gives_no_numbers_is_an_error(tmp_path, monkeypatch):
    def run_for(answer):
        return lambda *_: answer()

    def endless():
        raise TimeoutError("ended after 60 s")

    for answer, told in (
        (endless, "does not answer for 1 pictures: ended after 60 s"),
        (lambda: np.array([[np.nan, 1]]), "gives values that are infinite or no numbers"),
    ):
        monkeypatch.setattr(network_file, "run_network", run_for(answer))
        with pytest.raises(InputError, match=told):
            open_network(write_onnx(tmp_path / "net.onnx", ["n", 4, 4, 1]))

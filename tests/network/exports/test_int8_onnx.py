"""int8 ONNX: close to the model, small, and the same bytes each time."""

import numpy as np
import onnx
import pytest
from helpers import folded_network

from expressions.network.exports import conversion, network_file
from expressions.network.exports.int8_onnx import to_int8_onnx

FACES = np.random.default_rng(0).integers(0, 256, (70, 48, 48, 1)).astype(np.float32)


# One of each kind: residuals, flat layers, squeeze and excitation.
@pytest.fixture(scope="module", params=["thin_residual", "original", "big_squeeze"])
def plain(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("plain") / "model.onnx"
    network = folded_network(request.param)
    conversion.to_onnx(conversion.with_preprocessing(network, -1.0, 1.0), path)
    return path


def test_int8_is_close_to_the_float_network_and_smaller(plain, tmp_path):
    path = tmp_path / "model.int8.onnx"
    to_int8_onnx(plain, path, FACES[:32])
    answers = network_file.answers(path, FACES)
    assert answers.dtype == np.float32
    assert np.abs(answers - network_file.answers(plain, FACES)).mean() < 0.05
    assert path.stat().st_size < 0.7 * plain.stat().st_size


def test_every_convolution_but_the_first_has_int8_weights_of_seven_bits(plain, tmp_path):
    path = tmp_path / "model.int8.onnx"
    to_int8_onnx(plain, path, FACES[:4])
    network = onnx.load(path)
    graph = network.graph
    # Any runtime knows them, not only that which made the file.
    assert [domain.domain for domain in network.opset_import] == [""]
    kinds = {name: node.op_type for node in graph.node for name in node.output}
    first, *others = [node for node in graph.node if node.op_type == "Conv"]
    assert not {kinds.get(name) for name in first.input} & {"DequantizeLinear"}
    assert {kinds[name] for node in others for name in node.input} == {"DequantizeLinear"}
    values = [onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer]
    weights = [value for value in values if value.dtype == np.int8 and value.ndim == 4]
    assert weights
    assert max(np.abs(value.astype(int)).max() for value in weights) <= 64


def test_a_face_of_little_contrast_is_answered_as_closely_as_others(plain, tmp_path):
    """Its spread is nothing beside that of the examples, and of 256 levels none would be left."""
    path = tmp_path / "model.int8.onnx"
    to_int8_onnx(plain, path, FACES[:32])
    faint = 120 + np.rint((FACES[32:] - 128) / 40)
    plain_answers, answers = (network_file.answers(one, faint) for one in (plain, path))
    assert np.abs(answers - plain_answers).mean() < 0.003


def test_the_same_examples_give_the_same_bytes_and_others_other_ones(plain, tmp_path):
    contents = []
    for examples in (FACES[:40], FACES[:40], FACES[40:] / 4):
        to_int8_onnx(plain, tmp_path / "model.int8.onnx", examples)
        contents.append((tmp_path / "model.int8.onnx").read_bytes())
    assert contents[0] == contents[1] != contents[2]
    assert {path.name for path in tmp_path.iterdir()} == {"model.int8.onnx"}


def test_the_library_gives_no_advice(plain, tmp_path, capfd, caplog):
    to_int8_onnx(plain, tmp_path / "model.int8.onnx", FACES[:4])
    assert capfd.readouterr() == ("", "")
    assert not caplog.records

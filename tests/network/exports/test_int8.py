"""int8 TFLite: close to the model, and the same bytes from the ranges as from the examples."""

import numpy as np
import pytest
from helpers import folded_network

from expressions.errors import InputError
from expressions.network.exports import conversion, int8, network_file
from expressions.network.exports.int8 import (
    activation_ranges,
    read_ranges,
    to_int8_tflite,
    write_int8_export,
    write_ranges,
)
from expressions.network.runtime import tf
from expressions.pipeline import paths

FACES = np.random.default_rng(0).integers(0, 256, (70, 48, 48, 1)).astype(np.float32)


@pytest.fixture(scope="module")
def served():
    return conversion.with_preprocessing(folded_network("thin_residual"), -1.0, 1.0)


@pytest.fixture(scope="module")
def folder(served, tmp_path_factory):
    folder = tmp_path_factory.mktemp("int8")
    write_int8_export(served, folder, FACES[:32])
    return folder


def test_the_int8_export_is_close_and_half_the_size(served, folder):
    answers = network_file.answers(folder / paths.INT8_TFLITE, FACES)
    assert answers.dtype == np.float32
    assert np.abs(answers - served.predict(FACES, verbose=0)).mean() < 0.05
    conversion.to_tflite(served, folder / "model.tflite")
    half = (folder / "model.tflite").stat().st_size / 2
    assert (folder / paths.INT8_TFLITE).stat().st_size == pytest.approx(half, rel=0.1)


def test_a_face_of_little_contrast_is_answered_as_closely_as_others(served, folder):
    faint = 120 + np.rint((FACES[32:] - 128) / 40)
    answers = network_file.answers(folder / paths.INT8_TFLITE, faint)
    assert np.abs(answers - served.predict(faint, verbose=0)).mean() < 0.003


# One of each kind: flat layers, a stem of strides, of pooling, squeeze and excitation.
@pytest.mark.parametrize("name", ["original", "big_squeeze"])
def test_the_ranges_alone_give_the_bytes_that_the_examples_give(name, tmp_path, monkeypatch):
    # The converter has no switch for what stays float32.
    monkeypatch.setattr(int8, "_first_layers", lambda _: set())
    model = conversion.with_preprocessing(folded_network(name), -1.0, 1.0)
    examples = FACES[:4]
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([example[None]] for example in examples)
    write_ranges(tmp_path / paths.INT8_RANGES, activation_ranges(model, examples))
    to_int8_tflite(model, tmp_path / paths.INT8_TFLITE, read_ranges(tmp_path / paths.INT8_RANGES))
    assert (tmp_path / paths.INT8_TFLITE).read_bytes() == converter.convert()


def test_the_table_brings_every_float32_back(tmp_path):
    values = np.random.default_rng(1).normal(0, 3, 200).astype(np.float32)
    ranges = {f"tensor_{n}": (float(-abs(v)), float(abs(v))) for n, v in enumerate(values)}
    write_ranges(tmp_path / paths.INT8_RANGES, ranges)
    read = read_ranges(tmp_path / paths.INT8_RANGES)
    assert list(read) == list(ranges)
    for name, pair in ranges.items():
        assert tuple(np.float32(value) for value in read[name]) == pair


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read"),
        ("tensor,low\na,1\n", "has the columns tensor, low"),
        ("tensor,low,high\na,1,nan\n", "two finite numbers"),
        ("tensor,low,high\na,1,much\n", "cannot be read"),
    ],
)
def test_a_table_of_something_else_is_an_error(tmp_path, text, message):
    (tmp_path / paths.INT8_RANGES).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_ranges(tmp_path / paths.INT8_RANGES)


def test_a_missing_table_is_an_error(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_ranges(tmp_path / paths.INT8_RANGES)


def test_ranges_of_another_network_are_an_error(served, folder, tmp_path):
    ranges = read_ranges(folder / paths.INT8_RANGES)
    for other in (dict(list(ranges.items())[1:]), ranges | {"another": (0.0, 1.0)}):
        with pytest.raises(InputError, match="those of another network"):
            to_int8_tflite(served, tmp_path / paths.INT8_TFLITE, other)
    assert not (tmp_path / paths.INT8_TFLITE).exists()

"""ONNX and TFLite: grey values in, the model's answers out, the same bytes each time."""

import numpy as np
import pytest
from helpers import folded_network

from expressions.network import architectures, keras_file
from expressions.network.calibration import calibrate
from expressions.network.exports import conversion, network_file
from expressions.network.runtime import keras

FACES = np.random.default_rng(0).integers(0, 256, (70, 48, 48, 1)).astype(np.float32)


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    """A folded network with its exports: the folder, and the network's own answers."""
    folder = tmp_path_factory.mktemp("export")
    served = conversion.with_preprocessing(folded_network("thin_residual"), -1.0, 1.0)
    conversion.write_float_exports(served, folder)
    return folder, served.predict(FACES, verbose=0)


@pytest.mark.parametrize("file", ["model.onnx", "model.tflite"])
def test_float_exports_take_grey_values_and_answer_alike(exports, file):
    folder, expected = exports
    answers = network_file.answers(folder / file, FACES)
    assert answers.dtype == np.float32
    assert np.abs(answers - expected).max() < 1e-5
    # Batches of any size, down to one picture.
    assert network_file.answers(folder / file, FACES[:1]) == pytest.approx(answers[:1], abs=1e-6)


def test_float_exports_hold_two_bytes_a_weight(exports):
    folder, _ = exports
    weights = architectures.build("thin_residual", 8, dropout=0.2, folded=True).count_params()
    for file in ("model.onnx", "model.tflite"):
        assert (folder / file).stat().st_size < 2.1 * weights


def test_exporting_twice_gives_the_same_bytes(exports, tmp_path):
    folder, _ = exports
    served = conversion.with_preprocessing(folded_network("thin_residual"), -1.0, 1.0)
    conversion.write_float_exports(served, tmp_path)
    for file in ("model.onnx", "model.tflite"):
        assert (tmp_path / file).read_bytes() == (folder / file).read_bytes()


def test_what_a_process_built_before_is_not_seen_in_an_export(tmp_path):
    model = folded_network("small_residual")
    keras_file.save(model, tmp_path / "model.keras")
    for name in ("first", "second"):
        served = conversion.read_served(tmp_path / "model.keras", 0.8, -1.0, 1.0)
        (tmp_path / name).mkdir()
        conversion.write_float_exports(served, tmp_path / name)
    for file in ("model.onnx", "model.tflite"):
        first, second = ((tmp_path / name / file).read_bytes() for name in ("first", "second"))
        assert first == second


def test_a_served_model_is_calibrated_and_takes_grey_values(tmp_path):
    model = folded_network("thin_residual")
    keras_file.save(model, tmp_path / "model.keras")
    served = conversion.read_served(tmp_path / "model.keras", 2.0, 0.0, 1.0)
    expected = keras.models.load_model(tmp_path / "model.keras", compile=False)
    calibrate(expected, 2.0)
    found = served.predict(FACES, verbose=0)
    assert found == pytest.approx(expected.predict(FACES / 255, verbose=0), abs=1e-5)

"""Folded networks, calibration and exports answer as the trained network does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from expressions.errors import InputError
from expressions.network import architectures as networks
from expressions.network import exporting
from expressions.network.calibration import calibrate, fit_temperature
from expressions.network.folding import fold, half_precision
from expressions.network.runtime import keras
from expressions.network.shapes import NETWORKS, SHAPES
from stages.export import Export, check_float, check_int8

FACES = np.random.default_rng(0).integers(0, 256, (70, 48, 48, 1)).astype(np.float32)


def trained(name: str):
    """A network whose norms have seen pictures."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(3)
    model = networks.build(name, 8, dropout=0.2)
    rng = np.random.default_rng(1)
    for layer in model.layers:
        if layer.name.endswith("_norm"):
            layer.set_weights([rng.uniform(0.5, 1.5, w.shape) for w in layer.get_weights()])
    return model


def folded(name: str):
    before = trained(name)
    model = networks.build(name, 8, dropout=0.2, folded=True)
    fold(before, model)
    return model


@pytest.mark.parametrize("name", NETWORKS)
def test_folding_changes_no_more_than_half_precision_does(name):
    before = trained(name).predict(FACES / 255, verbose=0)
    after = folded(name).predict(FACES / 255, verbose=0)
    assert np.abs(before - after).max() < 3e-3
    assert (before.argmax(axis=1) == after.argmax(axis=1)).mean() > 0.98


@pytest.mark.parametrize("name", SHAPES)
def test_residual_networks_fold_all_norms_into_half_precision(name):
    model = folded(name)
    assert not [
        layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)
    ]
    assert all(np.array_equal(half_precision(w), w) for w in model.get_weights())


@settings(deadline=None, max_examples=30)
@given(st.floats(0.3, 3.0), st.integers(1, 2), st.integers(0, 2**32 - 1))
def test_the_fitted_temperature_brings_back_the_true_one(temperature, views, seed):
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (1, 4000, 5)) + rng.normal(0, 1, (views, 4000, 5))
    truth = softmax(logits, axis=2).mean(axis=0)
    labels = (truth.cumsum(axis=1) > rng.random((4000, 1))).argmax(axis=1)
    fitted = fit_temperature(softmax(logits * temperature, axis=2), labels)
    assert fitted == pytest.approx(temperature, rel=0.15)


def test_calibration_scales_the_logits_and_keeps_the_classes():
    model = folded("thin_residual")
    before = model.predict(FACES, verbose=0)
    calibrate(model, 2.0)
    after = model.predict(FACES, verbose=0)
    expected = np.sqrt(before) / np.sqrt(before).sum(axis=1, keepdims=True)
    assert after == pytest.approx(expected, abs=1e-3)
    assert np.array_equal(after.argmax(axis=1), before.argmax(axis=1))


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    """A folded network with its exports: the folder, and the network's own answers."""
    folder = tmp_path_factory.mktemp("export")
    served = exporting.with_preprocessing(folded("thin_residual"), -1.0, 1.0)
    exporting.to_onnx(served, folder / "model.onnx")
    exporting.to_tflite(served, folder / "model.tflite")
    exporting.to_int8_tflite(served, folder / "model.int8.tflite", FACES[:32])
    return folder, served.predict(FACES, verbose=0)


@pytest.mark.parametrize("file", ["model.onnx", "model.tflite"])
def test_float_exports_take_grey_values_and_answer_alike(exports, file):
    folder, expected = exports
    answers = exporting.answers(folder / file, FACES)
    assert answers.dtype == np.float32
    assert np.abs(answers - expected).max() < 1e-5
    # Batches of any size, down to one picture.
    assert exporting.answers(folder / file, FACES[:1]) == pytest.approx(answers[:1], abs=1e-6)


def test_float_exports_hold_two_bytes_a_weight(exports):
    folder, _ = exports
    weights = networks.build("thin_residual", 8, dropout=0.2, folded=True).count_params()
    for file in ("model.onnx", "model.tflite"):
        assert (folder / file).stat().st_size < 2.1 * weights


def test_the_int8_export_is_close(exports):
    folder, expected = exports
    answers = exporting.answers(folder / "model.int8.tflite", FACES)
    assert answers.dtype == np.float32
    assert np.abs(answers - expected).mean() < 0.05


def test_exporting_twice_gives_the_same_bytes(exports, tmp_path):
    folder, _ = exports
    served = exporting.with_preprocessing(folded("thin_residual"), -1.0, 1.0)
    exporting.to_onnx(served, tmp_path / "model.onnx")
    exporting.to_tflite(served, tmp_path / "model.tflite")
    for file in ("model.onnx", "model.tflite"):
        assert (tmp_path / file).read_bytes() == (folder / file).read_bytes()


LIMITS = Export(framed_as="iefdb", int8=True, same_class=0.99, difference=1e-4, int8_loss=0.003)


def test_an_export_that_answers_otherwise_is_an_error():
    expected = np.tile(np.array([[0.6, 0.4]], np.float32), (100, 1))
    check_float(expected + np.float32(5e-5), expected, LIMITS, "model.onnx")
    with pytest.raises(InputError, match="gives other answers"):
        check_float(expected + np.float32(2e-4), expected, LIMITS, "model.onnx")
    swapped = expected.copy()
    swapped[:2] = swapped[:2, ::-1]
    with pytest.raises(InputError, match="same class on 98"):
        check_float(swapped, expected, LIMITS.model_copy(update={"difference": 1.0}), "model.onnx")


def test_an_int8_export_that_loses_accuracy_is_an_error():
    labels = np.zeros(1000, np.int64)
    right = np.tile(np.array([[0.9, 0.1]], np.float32), (1000, 1))
    three, four = right.copy(), right.copy()
    three[:3], four[:4] = three[:3, ::-1], four[:4, ::-1]
    check_int8(three, right, labels, LIMITS)
    with pytest.raises(InputError, match=r"loses 0\.40% of accuracy"):
        check_int8(four, right, labels, LIMITS)

"""Exports that answer otherwise than the model are refused."""

import numpy as np
import pytest
from helpers import folded_network

from expressions.errors import InputError
from expressions.network.exports import conversion, proofs
from expressions.network.exports.proofs import Export, check_exports, check_float, check_int8

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


def test_an_export_that_gives_no_numbers_is_an_error():
    expected = np.tile(np.array([[0.6, 0.4]], np.float32), (100, 1))
    found = expected.copy()
    found[7, 1] = np.nan
    with pytest.raises(InputError, match="gives other answers"):
        check_float(found, expected, LIMITS, "model.onnx")


def test_an_int8_export_that_loses_accuracy_is_an_error():
    labels = np.zeros(1000, np.int64)
    right = np.tile(np.array([[0.9, 0.1]], np.float32), (1000, 1))
    three, four = right.copy(), right.copy()
    three[:3], four[:4] = three[:3, ::-1], four[:4, ::-1]
    check_int8(three, right, labels, LIMITS, "model.int8.onnx")
    with pytest.raises(InputError, match=r"loses 0\.40% of accuracy"):
        check_int8(four, right, labels, LIMITS, "model.int8.onnx")
    check_int8(three[:250], right[:250], labels[:250], LIMITS, "model.int8.onnx")
    with pytest.raises(InputError, match=r"loses 1\.60% of accuracy"):
        check_int8(four[:250], right[:250], labels[:250], LIMITS, "model.int8.onnx")


def test_every_file_of_the_folder_is_checked(tmp_path, monkeypatch):
    model = conversion.with_preprocessing(folded_network("thin_residual"), -1.0, 1.0)
    conversion.write_float_exports(model, tmp_path)
    faces = np.random.default_rng(0).integers(0, 256, (8, 48, 48, 1)).astype(np.float32)
    labels = model.predict(faces, verbose=0).argmax(axis=1)
    check_exports(model, tmp_path, faces, labels, LIMITS)
    own = proofs.answers
    for kind in ("onnx", "tflite"):
        (tmp_path / f"model.int8.{kind}").write_bytes((tmp_path / f"model.{kind}").read_bytes())
    for wrong in ("model.onnx", "model.tflite", "model.int8.onnx", "model.int8.tflite"):
        monkeypatch.setattr(
            proofs,
            "answers",
            lambda path, faces, wrong=wrong: (
                np.roll(own(path, faces), 1, axis=1) if path.name == wrong else own(path, faces)
            ),
        )
        with pytest.raises(InputError, match=wrong):
            check_exports(model, tmp_path, faces, labels, LIMITS)

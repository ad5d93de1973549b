"""Model files: the same bytes for the same model, and one message for any that is no model."""

import json
import zipfile

import numpy as np
import pytest
from helpers import faces

from expressions.errors import InputError
from expressions.network import architectures, keras_file
from expressions.network.runtime import keras
from expressions.network.shapes import NETWORKS

layers = keras.layers


@pytest.fixture(autouse=True)
def in_float32():
    keras.config.set_dtype_policy("float32")


@pytest.fixture(scope="module")
def model():
    keras.config.set_dtype_policy("float32")
    return architectures.build("thin_residual", 7, dropout=0.3, folded=True)


@pytest.fixture(scope="module")
def saved(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "model.keras"
    keras_file.save(model, path)
    return path


def test_the_model_file_is_plain_keras_without_a_date(model, saved):
    with zipfile.ZipFile(saved) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"date_saved" not in archive.read("metadata.json")
    loaded = keras.models.load_model(saved, compile=False)
    batch = faces(2)[..., None]
    assert np.array_equal(loaded.predict(batch, verbose=0), model.predict(batch, verbose=0))
    again = keras_file.load(saved)
    assert np.array_equal(again.predict(batch, verbose=0), model.predict(batch, verbose=0))


# What Keras 3.10 reads in the descriptions of the layers and initializers that the networks have.
KEYS_OF_KERAS_3_10 = """
activation activity_regularizer axis batch_shape beta_constraint beta_initializer
beta_regularizer bias_constraint bias_initializer bias_regularizer center data_format
dilation_rate dtype epsilon filters gamma_constraint gamma_initializer gamma_regularizer groups
input_layers keepdims keras_history kernel_constraint kernel_initializer kernel_regularizer
kernel_size l2 layers max_value momentum moving_mean_initializer moving_variance_initializer
name negative_slope noise_shape optional output_layers padding pool_size ragged rate
rms_scaling scale seed shape sparse strides synchronized threshold trainable units use_bias
"""


@pytest.mark.parametrize("name", NETWORKS)
def test_keras_3_10_knows_all_that_a_file_says_of_a_network(name, tmp_path):
    keras_file.save(architectures.build(name, 7, dropout=0.2, folded=True), tmp_path / "a.keras")
    with zipfile.ZipFile(tmp_path / "a.keras") as archive:
        description = json.loads(archive.read("config.json"))
    assert keys(description) <= set(KEYS_OF_KERAS_3_10.split())


def keys(node) -> set[str]:
    """All keys of the configurations in a description of Keras."""
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    found = set().union(*map(keys, inner))
    if isinstance(node, dict) and "class_name" in node:
        found |= set(node["config"])
    return found


def test_what_only_newer_versions_do_is_said(tmp_path):
    face = keras.Input((48, 48, 1))
    norm = layers.BatchNormalization(renorm=True)
    keras_file.save(keras.Model(face, norm(face)), tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        assert json.loads(archive.read("config.json"))["config"]["layers"][1]["config"]["renorm"]


def test_a_file_that_unpacks_to_too_much_is_an_error(saved, tmp_path, monkeypatch):
    monkeypatch.setattr(keras_file, "_MOST_BYTES", saved.stat().st_size)
    with pytest.raises(InputError, match=r"model\.keras unpacks to .* bytes"):
        keras_file.load(saved)


def changed(saved, path, change):
    """A copy of the model file with one entry's bytes changed by `change(name, content)`."""
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(path, "w") as sink:
        for name in source.namelist():
            content = change(name, source.read(name))
            if content is not None:
                sink.writestr(name, content)
    return path


def with_lambda(name, content):
    if name != "config.json":
        return content
    description = json.loads(content)
    description["config"]["layers"][-1]["class_name"] = "Lambda"
    return json.dumps(description).encode()


DAMAGES = {
    "empty": lambda content: b"",
    "no archive": lambda content: b"no archive",
    "cut off": lambda content: content[: len(content) // 2],
    "flipped": lambda content: content[:2000] + bytes([content[2000] ^ 255]) + content[2001:],
    "a page": lambda content: b"<!DOCTYPE html><html></html>",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_an_error(saved, tmp_path, damage):
    path = tmp_path / "model.keras"
    path.write_bytes(DAMAGES[damage](saved.read_bytes()))
    with pytest.raises(InputError, match=r"model\.keras cannot be read as a Keras model"):
        keras_file.load(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda name, content: None if name == "config.json" else content,
        lambda name, content: None if name == "model.weights.h5" else content,
        lambda name, content: b"{}" if name == "config.json" else content,
        lambda name, content: b"[1" if name == "config.json" else content,
        lambda name, content: content[:100] if name == "model.weights.h5" else content,
        with_lambda,
    ],
)
def test_an_archive_with_other_entries_is_an_error(saved, tmp_path, change):
    path = changed(saved, tmp_path / "model.keras", change)
    with pytest.raises(InputError, match=r"model\.keras cannot be read as a Keras model"):
        keras_file.load(path)


def test_a_missing_file_and_a_folder_are_errors(tmp_path):
    for path in (tmp_path / "none.keras", tmp_path):
        with pytest.raises(InputError, match="is missing, or no file"):
            keras_file.load(path)


def stranger(kind: str):
    """A model of other inputs or outputs."""
    side, channels = (64 if kind == "large" else 48), (3 if kind == "colour" else 1)
    face = keras.Input((side, side, channels))
    if kind == "a map":
        return keras.Model(face, layers.Conv2D(7, 3)(face))
    if kind == "flat":
        return keras.Sequential([keras.Input((2304,)), layers.Dense(7)])
    classes = layers.Dense(7)(layers.Flatten()(face))
    if kind == "two inputs":
        return keras.Model([face, keras.Input((48, 48, 1))], classes)
    return keras.Model(face, [classes, classes] if kind == "two outputs" else classes)


@pytest.mark.parametrize("kind", ["two outputs", "two inputs", "a map", "large", "colour", "flat"])
def test_a_model_of_other_inputs_or_outputs_is_an_error(tmp_path, kind):
    stranger(kind).save(tmp_path / "model.keras")
    with pytest.raises(InputError, match=r"Expected is one input \(None, 48, 48, 1\)"):
        keras_file.load(tmp_path / "model.keras")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_no_numbers_are_an_error(model, tmp_path, value):
    broken = keras.models.clone_model(model)
    *inner, bias = model.get_weights()
    broken.set_weights([*inner, np.full_like(bias, value)])
    keras_file.save(broken, tmp_path / "model.keras")
    with pytest.raises(InputError, match="infinite or no numbers"):
        keras_file.load(tmp_path / "model.keras")

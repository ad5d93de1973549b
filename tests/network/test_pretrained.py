"""Models that a training builds on: found, read, and refused where they do not fit."""

from pathlib import Path

import numpy as np
import pytest
from helpers import faces

from expressions.errors import InputError
from expressions.network import architectures, keras_file
from expressions.network.pretrained import (
    PretrainedModels,
    Teachers,
    find_pretrained,
    take_weights,
)
from expressions.network.runtime import keras


@pytest.fixture(autouse=True)
def in_float32():
    keras.config.set_dtype_policy("float32")


def network(path: Path, name: str = "thin_residual", classes: int = 7):
    model = architectures.build(name, classes, 0, folded=True)
    keras_file.save(model, path)
    return model


def test_several_teachers_teach_their_mean(tmp_path):
    beliefs = np.array([[0.94] + 6 * [0.01], 7 * [1 / 7]], dtype=np.float32)
    paths = tmp_path / "sure.keras", tmp_path / "unsure.keras"
    for path, belief in zip(paths, beliefs, strict=True):
        teacher = architectures.build("thin_residual", 7, 0, folded=True)
        *inner, kernel, _ = teacher.get_weights()
        teacher.set_weights([*inner, np.zeros_like(kernel), np.log(belief)])
        keras_file.save(teacher, path)
    votes = np.random.default_rng(0).dirichlet(np.ones(7), 32).astype(np.float32)
    targets = Teachers(paths, 7, weight=0.7).blend_targets(faces(32)[..., None], votes)
    np.testing.assert_allclose(targets, 0.3 * votes + 0.7 * beliefs.mean(0), atol=1e-6)


def test_without_teachers_the_votes_are_the_targets():
    votes = np.eye(7, dtype=np.float32)
    assert Teachers((), 7, weight=0.7).blend_targets(faces(7)[..., None], votes) is votes


def test_folders_of_models_are_found_by_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = Path("models/teachers")
    folder.mkdir(parents=True)
    with pytest.raises(InputError, match=r"models/teachers holds no \.keras file"):
        find_pretrained("none", "teachers")
    with pytest.raises(InputError, match=r"models/teachers/model\.keras is missing"):
        find_pretrained("teachers", "none")
    for name in ("second.keras", "first.keras", "model.onnx", "model.keras"):
        (folder / name).touch()
    assert find_pretrained("none", "none") == PretrainedModels(None, ())
    files = (folder / "first.keras", folder / "model.keras", folder / "second.keras")
    assert find_pretrained("teachers", "teachers") == PretrainedModels(
        folder / "model.keras", files
    )


def test_a_start_of_the_same_network_gives_all_its_weights(tmp_path):
    start = network(tmp_path / "start.keras")
    model = architectures.build("thin_residual", 7, 0, folded=True)
    take_weights(model, tmp_path / "start.keras")
    for found, expected in zip(model.get_weights(), start.get_weights(), strict=True):
        assert np.array_equal(found, expected)


def test_a_start_with_other_widths_than_the_table_says_is_an_error(tmp_path, monkeypatch):
    network(tmp_path / "start.keras")
    model = architectures.build("small_residual", 7, 0, folded=True)
    model.name = "thin_residual"
    with pytest.raises(InputError, match=r"is a thin_residual of another shape than"):
        take_weights(model, tmp_path / "start.keras")


def test_a_teacher_that_no_table_names_is_an_error(tmp_path):
    face = keras.Input((48, 48, 1))
    flat = keras.layers.Flatten()(face)
    stranger = keras.Model(face, keras.layers.Dense(7, activation="softmax")(flat), name="mine")
    keras_file.save(stranger, tmp_path / "mine.keras")
    with pytest.raises(InputError, match="is a mine, which"):
        Teachers((tmp_path / "mine.keras",), 7, weight=0.5)


def test_a_teacher_for_fewer_classes_is_an_error(tmp_path):
    network(tmp_path / "six.keras", classes=6)
    with pytest.raises(InputError, match=r"is for 6 classes, but params\.yaml asks for 7"):
        Teachers((tmp_path / "six.keras",), 7, weight=0.5)

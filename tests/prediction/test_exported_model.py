"""Which model is taken where none is named, what its card says, and whose mean its answers are."""

import numpy as np
import onnx
import pytest
from helpers import export

from expressions import InputError, Recognizer
from expressions.pipeline.hashes import sha256
from expressions.prediction import exported_model
from expressions.prediction.exported_model import default_folder


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A clone without any model, which is not installed either."""
    monkeypatch.setattr(exported_model, "_CLONE", tmp_path)
    monkeypatch.setattr(exported_model, "_installed", list)
    return tmp_path


def test_the_reference_comes_first_then_the_installed_one_then_the_clones_own(clone, monkeypatch):
    with pytest.raises(InputError, match=r"There is no model yet\. Name the folder"):
        default_folder()
    own = export(clone / "models/export")
    assert default_folder() == own
    installed = export(clone / "installed")
    monkeypatch.setattr(exported_model, "_installed", lambda: [installed])
    assert default_folder() == installed
    reference = export(clone / "models/reference")
    assert default_folder() == reference
    assert Recognizer().folder == reference


def test_where_nothing_is_installed_there_is_no_installed_model(monkeypatch):
    def missing(_: str) -> None:
        raise exported_model.importlib.metadata.PackageNotFoundError

    monkeypatch.setattr(exported_model.importlib.metadata, "files", missing)
    assert exported_model._installed() == []


@pytest.mark.parametrize(
    ("card", "real"), [({"source": "files"}, True), ({"source": "demo"}, False), ({}, False)]
)
def test_the_card_says_whether_a_model_is_of_real_data(tmp_path, card, real):
    # The folder's name does not.
    model = Recognizer(export(tmp_path / "reference", **card))
    assert model.card.trained_on_real_data is real


def test_answers_are_the_mean_of_a_face_and_its_mirror_image_where_the_card_says_so(tmp_path):
    faces = np.random.default_rng(0).integers(0, 256, (3, 48, 48), dtype=np.uint8)
    plain = Recognizer(export(tmp_path / "plain"))
    flipping = Recognizer(export(tmp_path / "flipping", flip=True))
    both = [plain.probabilities(view) for view in (faces, faces[:, :, ::-1])]
    assert not np.allclose(*both, atol=1e-3)
    assert flipping.probabilities(faces) == pytest.approx(np.mean(both, axis=0), abs=1e-6)


def test_the_network_with_int8_answers_while_it_belongs_to_the_other_one(tmp_path):
    faces = np.random.default_rng(0).integers(0, 256, (3, 48, 48), dtype=np.uint8)
    folder = export(tmp_path / "model")
    plain, faster = folder / "model.onnx", folder / "model.int8.onnx"
    expected = Recognizer(folder).probabilities(faces)
    network = onnx.load(plain)
    weights = onnx.numpy_helper.to_array(network.graph.initializer[0])
    network.graph.initializer[0].CopyFrom(onnx.numpy_helper.from_array(-weights, "weights"))
    onnx.save(network, faster)
    assert np.array_equal(Recognizer(folder).probabilities(faces), expected)  # no card names it
    hashes = {path.name: sha256(path) for path in (plain, faster)}
    export(folder, sha256=hashes)
    assert not np.allclose(Recognizer(folder).probabilities(faces), expected, atol=1e-3)
    for name in hashes:
        export(folder, sha256=hashes | {name: 64 * "0"})
        assert np.array_equal(Recognizer(folder).probabilities(faces), expected)
    export(folder, sha256=hashes)
    faster.unlink()
    assert np.array_equal(Recognizer(folder).probabilities(faces), expected)

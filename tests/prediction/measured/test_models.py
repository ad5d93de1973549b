"""Models of every kind on pictures and on faces that are cut out."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from helpers import CLASSES, export

from expressions import Recognizer
from expressions.datasets.synthetic.layouts import draw_photograph
from expressions.prediction.measured.models import (
    ExportedFolder,
    InputDescription,
    NetworkDescription,
    NetworkInFile,
    Pictures,
)


class Corner:
    """Says the first class by the value of the left upper pixel; keeps what it was given."""

    def __init__(self, height=4, width=4, channels=1, logits=False) -> None:
        self.input = SimpleNamespace(height=height, width=width, channels=channels)
        self.seen: list[np.ndarray] = []
        self._logits = logits

    def answer(self, pictures: np.ndarray) -> np.ndarray:
        self.seen.append(pictures)
        first = pictures[:, 0, 0, 0]
        if self._logits:
            return np.stack([first, np.zeros_like(first)], axis=1)
        return np.stack([first, 1 - first], axis=1)


def network(corner: Corner, **description) -> NetworkInFile:
    described = NetworkDescription(classes=("happiness", "anger"), **description)
    return NetworkInFile(corner, described)


GREY = InputDescription(range=(0, 1))


def test_pictures_that_are_taken_for_a_face_count_and_are_told(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (60, 60, 3)).astype(np.uint8)
    paths = [tmp_path / "noise.png", tmp_path / "nobody.png"]
    for path, picture in zip(paths, (noise, np.zeros_like(noise)), strict=True):
        path.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    for model in (network(Corner()), ExportedFolder(export(tmp_path / "model"))):
        answers = model.answer(Pictures([path.name for path in paths], paths), quiet=True)
        assert np.isnan(answers.probabilities[:, 0]).tolist() == [False, True]
        assert answers.notes == ("1 pictures without a face are taken for one as a whole",)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory) -> list:
    """One of one person, one of nobody, a file that is no picture, one of two persons."""
    folder = tmp_path_factory.mktemp("photographs")
    rng = np.random.default_rng(3)
    first, second = (draw_photograph(emotion, False, rng) for emotion in ("happiness", "anger"))
    both = np.hstack([cv2.resize(first, None, fx=0.6, fy=0.6)] * 2)
    both = np.vstack([both, np.zeros_like(both)])
    one = cv2.resize(second, (both.shape[1], both.shape[0]))
    pictures = [first, np.full_like(first, 90), None, one]
    paths = []
    for number, picture in enumerate(pictures):
        paths.append(folder / f"{number}.png")
        content = b"none" if picture is None else cv2.imencode(".png", picture)[1].tobytes()
        paths[-1].write_bytes(content)
    return paths


def test_an_exported_folder_answers_as_predict_does(tmp_path, photographs):
    folder = export(tmp_path / "model")
    asked = Pictures([path.name for path in photographs], photographs)
    found = ExportedFolder(folder).answer(asked, quiet=True)
    recognizer = Recognizer(folder)
    expected = recognizer.recognize([cv2.imread(str(photographs[place])) for place in (0, 3)])
    assert found.classes == CLASSES
    for place, faces in zip((0, 3), expected, strict=True):
        np.testing.assert_allclose(found.probabilities[place], faces[0].probabilities, atol=1e-6)
        assert found.boxes[place].x == faces[0].face.x
    assert np.isnan(found.probabilities[1:3]).all()
    assert found.unreadable == {2: "no picture that can be read"}
    assert found.faces_per_second == pytest.approx(2 / found.seconds)


def test_an_exported_folder_answers_faces_that_are_cut_out(tmp_path):
    folder = export(tmp_path / "model")
    faces = np.random.default_rng(0).integers(0, 256, (3, 48, 48), np.uint8)
    found = ExportedFolder(folder).answer(Pictures(list("abc"), faces=faces), quiet=True)
    expected = Recognizer(folder).probabilities(list(faces))
    np.testing.assert_allclose(found.probabilities, expected)


def test_a_network_in_a_file_sees_the_same_faces(photographs):
    corner = Corner(height=48, width=48)
    asked = Pictures([path.name for path in photographs], photographs)
    found = network(corner, input=GREY).answer(asked, quiet=True)
    assert sorted(found.boxes) == [0, 3]
    assert np.isnan(found.probabilities[1:3]).all()
    assert found.unreadable == {2: "no picture that can be read"}
    seen = np.concatenate(corner.seen)
    assert seen.shape == (2, 48, 48, 1)
    np.testing.assert_allclose(sorted(found.probabilities[[0, 3], 0]), sorted(seen[:, 0, 0, 0]))


def test_faces_get_the_size_and_the_range_that_a_network_reads():
    corner = Corner(height=2, width=2)
    face = np.zeros((48, 48), np.uint8)
    face[:24, :24] = 255
    found = network(corner, input=InputDescription(range=(-1, 1))).classify([face])
    np.testing.assert_allclose(corner.seen[0][0, :, :, 0], [[1, -1], [-1, -1]], atol=1e-6)
    assert found.shape == (1, 2)


@pytest.mark.parametrize(("order", "seen"), [("rgb", [3, 2, 1]), ("bgr", [1, 2, 3])])
def test_colours_come_in_the_order_that_a_network_reads(order, seen):
    corner = Corner(channels=3, logits=True)
    crop = np.full((10, 10, 3), (1, 2, 3), np.uint8)
    network(corner, input=InputDescription(colour=order)).classify([crop])
    assert corner.seen[0].shape == (1, 4, 4, 3)
    assert corner.seen[0][0, 0, 0].tolist() == seen


def test_a_grey_face_is_shown_to_a_network_of_colours():
    corner = Corner(channels=3, logits=True)
    network(corner).classify([np.full((48, 48), 7, np.uint8)])
    assert corner.seen[0][0, 0, 0].tolist() == [7, 7, 7]


def test_logits_become_probabilities():
    faces = np.full((1, 48, 48), 2, np.uint8)
    found = network(Corner(logits=True)).answer(Pictures(["a"], faces=faces), quiet=True)
    assert found.probabilities[0] == pytest.approx([np.exp(2) / (np.exp(2) + 1), 1 / (np.e**2 + 1)])


def test_a_face_and_its_mirror_image_are_averaged_where_the_description_says_so():
    face = np.zeros((4, 4), np.uint8)
    face[:, :2] = 255
    assert network(Corner(), input=GREY).classify([face])[0, 0] == 1
    assert network(Corner(), input=GREY, flip=True).classify([face])[0, 0] == 0.5


def test_no_faces_have_no_answers():
    corner = Corner()
    assert network(corner).classify([]).shape == (0, 2)
    assert corner.seen == []

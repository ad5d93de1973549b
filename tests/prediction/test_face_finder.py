"""Every face a person sees: small ones, those that fill the picture, and pictures that are one."""

import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data
from click.testing import Result
from helpers import export
from typer.testing import CliRunner

from expressions import InputError, Recognizer
from expressions.commands.cli import app
from expressions.faces.framing import Framing
from expressions.pictures.decoding import read_picture
from expressions.pictures.files import Picture
from expressions.prediction.face_finder import CutOutFaces, FaceFinder, map_in_batches
from expressions.prediction.frames import Frame, recognize_frames
from expressions.prediction.sources import Medium, Source

ASTRONAUT = cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2BGR)
HEAD = ASTRONAUT[0:220, 120:340]
FACE = ASTRONAUT[70:150, 176:256]
"""From the brow to the mouth."""


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder(Framing())


@pytest.fixture(scope="module")
def recognizer(tmp_path_factory) -> Recognizer:
    return Recognizer(export(tmp_path_factory.mktemp("model")))


def scene(height: int, width: int, head: int) -> Picture:
    """A grey wall with one head, of so many pixels, in the middle."""
    frame = np.full((height, width, 3), 90, np.uint8)
    top, left = (height - head) // 2, (width - head) // 2
    frame[top : top + head, left : left + head] = cv2.resize(
        HEAD, (head, head), interpolation=cv2.INTER_AREA
    )
    return frame


def test_a_far_head_in_a_large_picture_and_one_in_a_panorama_are_found(finder):
    """Of 48 pixels a side, the face some 24: far below a tenth of the shorter side."""
    pictures = [scene(1500, 2000, 60), scene(200, 6000, 60), scene(3000, 4000, 120)]
    for picture, faces in zip(pictures, finder.find(pictures), strict=True):
        [found] = faces
        x, y = found.face.x + found.face.width / 2, found.face.y + found.face.height / 2
        assert abs(x - picture.shape[1] / 2) < 20
        assert abs(y - picture.shape[0] / 2) < 20
        assert not found.whole_picture


@pytest.mark.parametrize("side", [480, 1200])
def test_a_face_without_anything_around_it_is_found_in_pixels_of_its_picture(
    finder, monkeypatch, side
):
    """The second one is larger than what is looked at again, so places are moved back."""
    picture = cv2.resize(FACE, (side, side), interpolation=cv2.INTER_CUBIC)
    if side == 480:
        assert finder._detector.detect([picture]) == [[]], "the border would not be needed"
    monkeypatch.setattr(finder._detector, "detect", lambda pictures: [[] for _ in pictures])
    [[found]] = finder.find([picture])
    assert not found.whole_picture
    face = found.face
    assert face.confidence >= 0.8
    assert 0 <= face.x < face.x + face.width <= side - 1
    assert 0 <= face.y < face.y + face.height <= side - 1
    assert face.width * face.height > 0.8 * side**2
    # The eyes of the astronaut, by hand.
    np.testing.assert_allclose(face.landmarks[:2] / side, [[0.35, 0.39], [0.86, 0.41]], atol=0.03)


def noise(height: int, width: int) -> Picture:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3)).astype(np.uint8)


@pytest.mark.parametrize(
    ("picture", "taken"),
    [
        pytest.param(noise(100, 100), True, id="square"),
        pytest.param(noise(100, 125), True, id="nearly-square"),
        pytest.param(noise(100, 126), False, id="wide"),
        pytest.param(noise(126, 100), False, id="high"),
        pytest.param(noise(400, 400), True, id="at-most"),
        pytest.param(noise(401, 401), False, id="large"),
        pytest.param(noise(24, 24), True, id="at-least"),
        pytest.param(noise(23, 23), False, id="tiny"),
        pytest.param(np.full((100, 100, 3), 90, np.uint8), False, id="flat"),
        pytest.param(noise(100, 100)[..., 0], True, id="grey"),
    ],
)
def test_a_small_and_nearly_square_picture_is_taken_as_a_whole(finder, picture, taken):
    [faces] = finder.find([picture])
    assert [found.whole_picture for found in faces] == [True] * taken
    for found in faces:
        assert found.face[:5] == (0, 0, picture.shape[1], picture.shape[0], 0)
        assert np.isnan(found.face.landmarks).all()
        assert (found.crop == picture).all()


def test_the_answers_of_a_batch_stay_with_their_pictures(finder):
    pictures = [noise(100, 100), scene(300, 400, 120), noise(90, 200), FACE]
    batch = finder.find(pictures * 2)
    for picture, faces in zip(pictures * 2, batch, strict=True):
        [alone] = finder.find([picture])
        assert [found.face[:5] for found in faces] == [found.face[:5] for found in alone]


@pytest.mark.parametrize("smallest", [11.9, 0, -5, float("nan"), float("inf")])
def test_a_smallest_face_that_no_network_sees_is_refused(smallest):
    with pytest.raises(InputError, match=r"smallest face is .* Expected is a number from 12 on"):
        FaceFinder(Framing(), smallest)


def test_the_smallest_face_can_be_changed(tmp_path):
    folder = export(tmp_path)
    pictures = [scene(300, 400, 60)]
    assert len(Recognizer(folder).recognize(pictures)[0]) == 1
    assert Recognizer(folder, smallest_face=70).recognize(pictures) == [[]]


def test_faces_that_are_cut_out_are_taken_as_they_are(tmp_path):
    pictures = [scene(300, 400, 120), np.full((30, 50), 7, np.uint8)]
    found = Recognizer(export(tmp_path), cut_out=True).recognize(pictures)
    assert [[one.whole_picture for one in faces] for faces in found] == [[True], [True]]
    assert found[0][0].face[:4] == (0, 0, 400, 300)
    assert CutOutFaces().find(pictures)[1][0].crop is pictures[1]


def test_what_is_not_looked_for_is_said_once_a_picture_and_once_a_film(recognizer):
    large, small = np.zeros((3000, 4000, 3), np.uint8), np.zeros((60, 80, 3), np.uint8)
    picture, film = Source("a.jpg", "a"), Source("b.mp4", "b", Medium.VIDEO)
    frames = [
        Frame(picture, large, note="the first of 2"),
        Frame(Source("c.jpg", "c"), small),
        *(Frame(film, large, number=number, time=number / 25) for number in range(3)),
    ]
    notes = [result.frame.note for result in recognize_frames(recognizer, frames)]
    said = "looked through with 4 of its 12 megapixels: faces below 42 pixels are not looked for"
    assert notes == [f"the first of 2; {said}", "", said, "", ""]


@pytest.mark.photographs
def test_nearly_every_photograph_of_a_person_has_a_face(finder):
    """Of 524 photographs two are without one; it was 14 by the search of the stage `crop`."""
    folder = os.environ.get("PHOTOGRAPHS")
    if not folder:
        pytest.skip("PHOTOGRAPHS does not name the folder of development photographs")
    files = sorted(Path(folder).glob("google/*/*"))
    assert len(files) == 524
    frames = ((path, read_picture(path)[0]) for path in files)
    found = map_in_batches(finder.find, frames, lambda frame: frame[1])
    without = [path.name for (path, _), faces in found if not faces]
    assert len(without) <= 4, without


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["predict", "--quiet", "--json", *map(str, arguments)])


def test_the_command_takes_a_smallest_face_and_faces_that_are_cut_out(tmp_path):
    model = export(tmp_path / "model")
    photograph = tmp_path / "photograph.png"
    photograph.write_bytes(cv2.imencode(".png", scene(300, 500, 60))[1].tobytes())
    [face] = json.loads(run("--model", model, photograph).stdout)["faces"]
    assert "whole_picture" not in face
    none = run("--model", model, "--smallest-face", 70, photograph)
    assert json.loads(none.stdout)["faces"] == []
    [whole] = json.loads(run("--model", model, "--faces", photograph).stdout)["faces"]
    assert (whole["box"], whole["whole_picture"]) == ([0, 0, 500, 300], True)
    refused = run("--model", model, "--faces", "--smallest-face", 70, photograph)
    assert isinstance(refused.exception, InputError)
    assert "--faces and --smallest-face exclude each other" in str(refused.exception)
    assert run("--model", model, "--smallest-face", 11, photograph).exit_code == 2

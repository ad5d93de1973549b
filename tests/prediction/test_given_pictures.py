"""Programs give paths and arrays, one or many; what is misunderstood is never an empty answer."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers import ROOT, export
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from expressions import InputError, Recognizer
from expressions.faces.detection.mtcnn import Detector
from expressions.faces.detection.search import RelativeSearch
from expressions.prediction.given_pictures import checked_picture

SAMPLE = ROOT / "samples/group.jpg"


@pytest.fixture(scope="module")
def recognizer(tmp_path_factory) -> Recognizer:
    return Recognizer(export(tmp_path_factory.mktemp("model")))


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return cv2.imread(str(SAMPLE))


def boxes(faces) -> list[tuple]:
    return [face.face[:4] for face in faces]


def test_a_path_a_picture_and_a_sequence_give_the_same_faces(recognizer, picture):
    expected = boxes(recognizer.recognize(picture))
    assert len(expected) == 3
    assert boxes(recognizer.recognize(SAMPLE)) == expected
    assert boxes(recognizer.recognize(str(SAMPLE))) == expected
    for several in (
        [picture, SAMPLE], (str(SAMPLE), picture), iter([SAMPLE, SAMPLE]),
        np.stack([picture, picture]),
    ):  # fmt: skip
        assert [boxes(faces) for faces in recognizer.recognize(several)] == [expected] * 2


def test_grey_pictures_in_all_their_shapes(recognizer, picture):
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    expected = boxes(recognizer.recognize(grey))
    assert len(expected) == 3
    assert boxes(recognizer.recognize(grey[..., None])) == expected
    assert [boxes(faces) for faces in recognizer.recognize(np.stack([grey, grey]))] == [
        expected
    ] * 2
    assert boxes(recognizer.recognize(np.asfortranarray(picture))) == boxes(
        recognizer.recognize(picture)
    )


def test_a_picture_without_a_face_and_no_pictures(recognizer, picture):
    nobody = np.full_like(picture, 90)
    assert recognizer.recognize(nobody) == []
    assert recognizer.recognize([nobody, picture])[0] == []
    assert recognizer.recognize([]) == []


@pytest.mark.parametrize(
    ("misread", "words"),
    [
        (lambda picture: None, ["None, which cv2.imread gives"]),
        (
            lambda picture: picture / 255,
            ["float64 [440, 1080, 3] from 0.0", "to 1.", "(255 * picture)"],
        ),
        (lambda picture: picture.astype(np.float32), ["float32 [440, 1080, 3] from 9 to 255"]),
        (lambda picture: picture.astype(np.uint16) << 8, ["uint16", ">> 8"]),
        (lambda picture: picture.astype(int), ["int64"]),
        (lambda picture: picture > 90, ["bool [440, 1080, 3]"]),
        (lambda picture: picture[..., :2], ["uint8 [440, 1080, 2]"]),
        (lambda picture: cv2.cvtColor(picture, cv2.COLOR_BGR2BGRA), ["1080, 4]", "BGRA2BGR"]),
        (lambda picture: picture[:0], ["uint8 [0, 1080, 3]"]),
        (lambda picture: picture[0, 0], ["uint8 [3]"]),
        (lambda picture: np.array(3, np.uint8), ["uint8 []"]),
        (Image.fromarray, ["a PIL.Image.Image"]),
        (lambda picture: 7, ["a int"]),
        (lambda picture: b"\xff\xd8", ["a int"]),
        (lambda picture: "missing.jpg", ["missing.jpg: No such file"]),
        (lambda picture: ROOT / "pyproject.toml", ["no picture that can be read"]),
        (lambda picture: ROOT, ["Is a directory"]),
    ],
)
def test_what_is_misread_says_what_it_is_and_what_is_wanted(recognizer, picture, misread, words):
    wrong = misread(picture)
    # Bytes are a sequence, of numbers.
    for given_, name in ((wrong, "the picture is"), ([picture, wrong], "pictures[1] is")):
        with pytest.raises(InputError) as told:
            recognizer.recognize(given_)
        message = str(told.value)
        if not isinstance(wrong, str | Path | bytes):
            assert message.startswith(name)
            assert "Wanted: an array as cv2.imread gives it" in message
        assert isinstance(wrong, bytes) or all(word in message for word in words), message


@given(
    hnp.arrays(
        st.sampled_from([np.uint8, np.uint16, np.float32, np.int8, np.bool_, np.complex64, "U3"]),
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
    )
)
def test_any_array_is_a_picture_or_one_kind_of_error(array):
    try:
        picture = checked_picture(array)
    except InputError:
        return
    assert picture.dtype == np.uint8
    assert picture.ndim == 2 or picture.shape[2] == 3
    assert picture.size > 0


@pytest.mark.parametrize(
    "faces",
    [
        [np.zeros((48, 48), np.float32)],
        [np.zeros((48, 47), np.uint8)],
        [np.zeros((48, 48, 1), np.uint8)],
        np.zeros((48, 48), np.uint8),
        [None],
    ],
)
def test_faces_that_are_cut_out_are_checked(recognizer, faces):
    with pytest.raises(InputError, match=r"faces\[0\] is .*Wanted: an array, uint8"):
        recognizer.probabilities(faces)


def test_faces_that_are_cut_out_come_as_a_list_or_an_array(recognizer):
    faces = np.random.default_rng(1).integers(0, 256, (3, 48, 48), np.uint8)
    expected = recognizer.probabilities(faces)
    assert expected.shape == (3, 7)
    assert np.array_equal(recognizer.probabilities(list(faces)), expected)
    assert recognizer.probabilities([]).shape == (0, 7)


def test_a_picture_that_is_very_long_has_its_faces(recognizer, picture):
    """OpenCV's transforms refuse sides of more than 32,767 pixels."""
    long = np.full((440, 33_000, 3), 90, np.uint8)
    long[:, -1080:] = picture
    whole = recognizer._finder._detector
    recognizer._finder._detector = Detector(RelativeSearch(min_face=0, longest_side=33_000))
    try:
        faces = recognizer.recognize(long)
    finally:
        recognizer._finder._detector = whole
    assert len(faces) == 3
    assert all(one.face.x > 31_900 for one in faces)

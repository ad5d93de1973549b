"""Finding faces: the package's faces, the same in any company, and fast pyramids."""

import subprocess
import sys
import tracemalloc
from collections.abc import Sequence

import cv2
import numpy as np
import pytest
import skimage.data
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_sample_images

from expressions.datasets.synthetic import layouts as synthetic
from expressions.datasets.synthetic.layouts import draw_face, draw_photograph
from expressions.faces.cropping import choose_face
from expressions.faces.detection.boxes import overlaps
from expressions.faces.detection.mtcnn import Detector, Face, eye_angle
from expressions.faces.detection.search import AbsoluteSearch, RelativeSearch
from expressions.pictures.files import Picture, colour

# Boxes are rounded to two decimals; beside that, pictures are resized in another order of sums.
PIXELS = 0.02


def photograph(number: int, tilted: bool = False) -> Picture:
    return draw_photograph("happiness", tilted, np.random.default_rng([5, number]))


def astronaut() -> Picture:
    return cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2BGR)


def four_astronauts() -> Picture:
    """Four faces of different sizes in one picture."""
    frame = np.full((480, 640, 3), 90, np.uint8)
    face = astronaut()[0:220, 120:340]
    for x, y, side in ((20, 10, 260), (400, 20, 160), (60, 320, 120), (400, 220, 200)):
        frame[y : y + side, x : x + side] = cv2.resize(face, (side, side))
    return frame


def small_pictures(count: int) -> list[Picture]:
    rng = np.random.default_rng(3)
    return [draw_face({"happiness": 1.0}, rng) for _ in range(count)]


def real_small_pictures() -> list[Picture]:
    """Faces of Labeled Faces in the Wild, 25×25, enlarged; the second half are no faces."""
    subset = skimage.data.lfw_subset()
    grey = np.clip(subset[[*range(30), *range(100, 110)]] * 255, 0, 255).astype(np.uint8)
    return [cv2.resize(picture, (100, 100), interpolation=cv2.INTER_CUBIC) for picture in grey]


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(RelativeSearch())


@pytest.fixture(scope="module")
def package():
    """`mtcnn`'s own detector; for one picture, `[n, 16]`: 0, x1, y1, x2, y2, score, points."""
    from expressions.network.runtime import tf  # noqa: F401, I001
    from mtcnn import MTCNN

    networks = MTCNN()

    def detect(picture: Picture) -> np.ndarray:
        rgb = cv2.cvtColor(colour(picture), cv2.COLOR_BGR2RGB)
        try:
            return networks.detect_faces(rgb, box_format="xyxy", output_type="numpy")
        except ValueError:
            # How the package says that there is no candidate.
            return np.empty((0, 16))

    return detect


def corners(faces: Sequence[Face]) -> np.ndarray:
    return np.array([(f.x, f.y, f.x + f.width, f.y + f.height) for f in faces]).reshape(-1, 4)


def tilt(points: np.ndarray) -> float:
    """The eyes' angle in the package's order of numbers: five x, then five y."""
    return eye_angle(points.reshape(2, 5).T)


def assert_same_faces(ours: Sequence[Face], theirs: np.ndarray) -> None:
    assert len(ours) == len(theirs)
    if not ours:
        return
    theirs = theirs[np.lexsort(theirs[:, 1:5].T)]
    ours = [ours[index] for index in np.lexsort(corners(ours).T)]
    np.testing.assert_allclose(corners(ours), theirs[:, 1:5], atol=PIXELS)
    upright = [row for row, points in enumerate(theirs[:, 6:]) if abs(tilt(points)) < 5]
    points = np.array([face.landmarks.T.ravel() for face in ours]).reshape(-1, 10)
    np.testing.assert_allclose(points[upright], theirs[upright, 6:], atol=PIXELS)
    np.testing.assert_allclose([f.confidence for f in ours], theirs[:, 5], atol=0.01)


@pytest.mark.parametrize(
    ("pictures", "faces"),
    [
        pytest.param([photograph(n, tilted=n % 2 == 0) for n in range(6)], 6, id="demo"),
        pytest.param([astronaut()], 1, id="astronaut"),
        pytest.param([four_astronauts()], 4, id="four-astronauts"),
        pytest.param([skimage.data.camera()], None, id="camera"),
        pytest.param(real_small_pictures(), None, id="faces-in-the-wild"),
        pytest.param(small_pictures(12), None, id="48"),
        # A temple in which the package sees a face.
        pytest.param([load_sample_images().images[0][..., ::-1]], 1, id="china"),
        pytest.param(
            [
                load_sample_images().images[1][..., ::-1],
                cv2.cvtColor(skimage.data.chelsea(), cv2.COLOR_RGB2BGR),
                skimage.data.coins(),
                skimage.data.page(),
            ],
            0,
            id="no-faces",
        ),
    ],
)
def test_the_faces_are_the_packages(detector, package, pictures, faces):
    """With the default `min_face` and `longest_side`, so neither loses a face here."""
    theirs = [package(picture) for picture in pictures]
    for ours, found in zip(detector.detect(pictures), theirs, strict=True):
        assert_same_faces(ours, found)
    total = sum(map(len, theirs))
    assert total == faces if faces is not None else total > 0


@pytest.mark.real
def test_the_faces_of_fer2013_are_the_packages(detector, package, fer2013_pictures):
    some = list(fer2013_pictures[:8192:80])
    found = detector.detect(some)
    assert sum(map(len, found)) > 80
    for ours, picture in zip(found, some, strict=True):
        assert_same_faces(ours, package(picture))


@pytest.fixture(scope="module")
def company() -> list[Picture]:
    """Pictures of several sizes, with and without faces, grey and in colour."""
    crops = [photograph(n)[40:340, 20:340] for n in range(6)]
    faces = [cv2.resize(astronaut()[0:220, 120:340], (n, n)) for n in (48, 96, 96, 150)]
    empty = [np.full((48, 48), 80, np.uint8), skimage.data.coins()[:150, :150]]
    return [*crops, *faces, *empty, *small_pictures(8), *real_small_pictures()[::4]]


@pytest.fixture(scope="module")
def alone(detector, company) -> list[list[Face]]:
    return [detector.detect([picture])[0] for picture in company]


def bits(faces: Sequence[Face]) -> list[tuple]:
    return [(*face[:5], face.landmarks.tobytes()) for face in faces]


@given(st.data())
def test_a_pictures_faces_do_not_depend_on_the_pictures_beside_it(detector, company, alone, data):
    """Any pictures, repeated or not, in any order and any number: the same to the bit."""
    chosen = data.draw(st.lists(st.sampled_from(range(len(company))), min_size=1, max_size=40))
    found = detector.detect([company[index] for index in chosen])
    assert sum(map(len, alone)) > 10
    assert [bits(faces) for faces in found] == [bits(alone[index]) for index in chosen]


def test_faces_come_largest_first(detector):
    areas = [face.width * face.height for face in detector.detect([four_astronauts()])[0]]
    assert len(areas) == 4
    assert areas == sorted(areas, reverse=True)


def face(width: float, confidence: float) -> Face:
    return Face(0, 0, width, width, confidence, np.zeros((5, 2)))


def test_the_largest_face_that_is_confident_enough_is_taken():
    faces = [face(50, 0.7), face(40, 0.9), face(30, 0.99)]
    assert choose_face(faces, 0.8) is faces[1]
    assert choose_face(faces, 0.5) is faces[0]
    assert choose_face(faces[:1], 0.8) is None
    assert choose_face([], 0.0) is None


def test_faces_below_the_smallest_are_not_looked_for(detector):
    frame = np.full((900, 900, 3), 90, np.uint8)
    frame[100:160, 100:160] = cv2.resize(astronaut()[0:220, 120:340], (60, 60))
    assert len(Detector(RelativeSearch(min_face=0, longest_side=900)).detect([frame])[0]) == 1
    assert detector.detect([frame]) == [[]]
    assert len(Detector(AbsoluteSearch(24)).detect([frame])[0]) == 1
    assert Detector(AbsoluteSearch(90)).detect([frame]) == [[]]


def test_a_shrunk_picture_gives_boxes_in_its_own_pixels(detector):
    large = cv2.resize(astronaut(), (1536, 1536), interpolation=cv2.INTER_CUBIC)
    ours, whole = detector.detect([large, astronaut()])
    assert len(ours) == 1
    np.testing.assert_allclose(corners(ours) / 3, corners(whole), atol=6)


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (11, 11), (13, 40, 3), (20, 20), (30, 2000)])
def test_pictures_too_small_for_a_face_have_none(detector, shape):
    assert detector.detect([np.full(shape, 100, np.uint8)]) == [[]]
    assert Detector(AbsoluteSearch()).detect([np.full(shape, 100, np.uint8)]) == [[]]


def test_halved_views_show_the_same_faces(monkeypatch):
    """Small faces and such as fill much of the picture, with views of a half, a quarter, …."""
    picture = cv2.resize(four_astronauts(), (1280, 960), interpolation=cv2.INTER_CUBIC)
    halved = Detector(AbsoluteSearch()).detect([picture])[0]
    monkeypatch.setattr(AbsoluteSearch, "quick", False)
    whole = Detector(AbsoluteSearch()).detect([picture])[0]
    assert len(halved) == len(whole) == 4
    for one, other in zip(corners(halved), corners(whole), strict=True):
        # A few pixels of a face of 80 to 200.
        assert overlaps(one[None], other[None])[0, 0] > 0.88


def test_a_crowd_is_found_in_little_memory():
    """Thousands of candidates, each of which overlaps a few others."""
    head = cv2.resize(astronaut()[0:220, 120:340], (60, 60), interpolation=cv2.INTER_AREA)
    frame = np.full((1260, 1680, 3), 90, np.uint8)
    for top in range(0, 1260, 70):
        for left in range(0, 1680, 70):
            frame[top : top + 60, left : left + 60] = head
    tracemalloc.start()
    found = Detector(AbsoluteSearch()).detect([frame])[0]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found) == 18 * 24
    # Twelve bytes a pixel in each of a few copies; every pair of candidates would take gigabytes.
    assert peak < 400e6


def test_eyes_of_tilted_photographs_are_level_after_alignment(detector, monkeypatch):
    """Measured against the angle by which each head was painted."""
    angles = []
    paste = synthetic._paste_head

    def note(frame, emotion, place, *rest):
        angles.append(place[2])
        paste(frame, emotion, place, *rest)

    monkeypatch.setattr(synthetic, "_paste_head", note)
    pictures = [photograph(number, tilted=True) for number in range(24)]
    found = np.array([eye_angle(faces[0].landmarks) for faces in detector.detect(pictures)])
    painted = -np.array(angles)
    assert abs(painted).min() > 8
    # What is left of the painted angle after a turn by the found one.
    assert abs(painted - found).max() < 1.5


def test_no_tensorflow_is_loaded_to_find_faces():
    code = (
        "import sys, numpy; from expressions.faces.detection.mtcnn import Detector;"
        "from expressions.faces.detection.search import RelativeSearch;"
        "Detector(RelativeSearch()).detect([numpy.zeros((48, 48), numpy.uint8)]);"
        "assert not {'tensorflow', 'keras', 'mtcnn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

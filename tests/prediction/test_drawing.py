"""Boxes and bars on pictures: nothing hides a face where there is room elsewhere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expressions.faces.detection.boxes import common_areas
from expressions.faces.detection.mtcnn import Face
from expressions.labels.emotions import EMOTIONS
from expressions.prediction import drawing
from expressions.prediction.drawing import annotate
from expressions.prediction.frames import FaceResult
from expressions.prediction.recognizer import Recognition

CLASSES = EMOTIONS[:7]
PANEL = (130.0, 110.0)
FEAR = np.eye(7, dtype=np.float32)[6]
CORNER = st.tuples(st.integers(0, 500), st.integers(0, 300))


def shown(x: float, y: float) -> FaceResult:
    face = Face(x, y, 100, 120, 1.0, np.zeros((5, 2)))
    return FaceResult(Recognition(face, "fear", np.eye(7, dtype=np.float32)[6]))


@given(st.lists(CORNER, min_size=1, max_size=5))
def test_bars_stay_in_the_picture_and_leave_a_lone_face_free(corners):
    boxes = [(x, y, x + 100.0, y + 100.0) for x, y in corners]
    panel = drawing._free_panel((640, 480), boxes[0], PANEL, boxes[:1])
    assert common_areas(np.array(panel), np.array(boxes[0])) == 0
    panel = drawing._free_panel((640, 480), boxes[0], PANEL, boxes)
    assert 0 <= panel[0] < panel[2] <= 640
    assert 0 <= panel[1] < panel[3] <= 480


def crowd(side: int, step: int) -> list[FaceResult]:
    return [
        FaceResult(Recognition(Face(x, y, side, side, 1.0, np.zeros((5, 2))), "fear", FEAR))
        for y in range(40, 2000, step)
        for x in range(40, 2000, step)
    ]


def test_in_a_crowd_no_face_is_hidden():
    """Neither by bars, which have no room, nor by the labels of those beside it."""
    blank = np.full((2040, 2040, 3), 90, np.uint8)
    drawn = annotate(blank, crowd(60, 110), CLASSES)
    for one in crowd(60, 110):
        x, y = int(one.recognition.face.x), int(one.recognition.face.y)
        assert (drawn[y + 8 : y + 52, x + 8 : x + 52] == 90).all()
        # Its label.
        assert (drawn[y - 10 : y, x : x + 40] != 90).any()


def test_bars_stand_beside_each_of_several_faces_that_have_room():
    faces = [shown(30, 60), shown(400, 60)]
    bars = annotate(np.full((300, 900), 90, np.uint8), faces, CLASSES)
    plain = annotate(np.full((300, 900), 90, np.uint8), faces, CLASSES, bars=False)
    for left in (140, 510):
        area = np.s_[60:160, left : left + 100]
        assert (bars[area] != 90).mean() > 0.9
        assert (plain[area] == 90).all()


def test_bars_go_below_where_both_sides_are_taken():
    left, middle, right = ((x, 50.0, x + 100.0, 150.0) for x in (0.0, 130.0, 260.0))
    panel = drawing._free_panel((640, 480), middle, PANEL, [left, middle, right])
    assert panel == (130, 155, 260, 265)


def test_the_picture_itself_stays_and_the_emotions_colour_is_on_the_copy():
    picture = np.full((300, 500), 90, np.uint8)
    drawn = annotate(picture, [shown(30, 60), shown(250, 60)], CLASSES)
    assert (picture == 90).all()
    assert drawn.shape == (300, 500, 3)
    tint = drawing.COLOURS["fear"][::-1]
    # The box's left edge, its label, and the bar of the emotion.
    assert (drawn == tint).all(axis=2).sum() > 1500
    plain = annotate(picture, [shown(30, 60)], CLASSES, bars=False)
    assert (plain == 90).all(axis=2).sum() > (drawn == 90).all(axis=2).sum()


def test_a_picture_without_faces_is_only_coloured():
    drawn = annotate(np.full((20, 30), 7, np.uint8), [], CLASSES)
    assert (drawn == 7).all()


def crop_of(drawn: np.ndarray, emotion: str) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the pixels that have an emotion's colour."""
    return np.nonzero((drawn == drawing.colour_of(emotion)[::-1]).all(axis=2))


def result(x: float, y: float, shares: list[float], **more) -> FaceResult:
    face = Face(x, y, 100, 120, 1.0, np.zeros((5, 2)))
    row = np.array(shares, np.float32)
    return FaceResult(Recognition(face, CLASSES[int(row.argmax())], row), **more)


def test_the_box_lies_on_the_face_and_the_label_above_it():
    picture = np.full((400, 600), 90, np.uint8)
    drawn = annotate(picture, [result(200, 150, [0, 0, 0, 0, 1, 0, 0])], CLASSES, bars=False)
    tint = np.array(drawing.COLOURS["anger"][::-1])
    for x, y in ((200, 150), (300, 150), (200, 270), (300, 270), (250, 150), (200, 200)):
        assert abs(drawn[y, x].astype(int) - tint).max() < 8
    rows, columns = crop_of(drawn, "anger")
    # The label stands on the box, from its left edge on.
    assert 120 < rows.min() < 135
    assert 198 <= columns.min() <= 200
    assert rows.max() <= 273
    inside = drawn[160:260, 210:290]
    assert (inside == 90).all()


def test_a_label_that_has_no_room_above_stands_inside():
    drawn = annotate(
        np.full((400, 600), 90, np.uint8), [result(200, 3, [0, 1, 0, 0, 0, 0, 0])], CLASSES, False
    )
    rows, _ = crop_of(drawn, "happiness")
    assert rows.min() >= 1
    assert (drawn[8:20, 202] == drawing.COLOURS["happiness"][::-1]).all()


def test_bars_are_as_long_as_the_probabilities():
    shares = [0.5, 0.25, 0.0, 0.0, 0.25, 0.0, 0.0]
    drawn = annotate(np.full((480, 640), 90, np.uint8), [result(100, 100, shares)], CLASSES)
    lengths = {}
    for emotion in ("neutral", "happiness", "anger"):
        rows, columns = crop_of(drawn, emotion)
        # Beside the box, which ends at 200.
        beside = columns > 205
        lengths[emotion] = np.ptp(columns[beside]) + 1
        assert np.ptp(rows[beside]) + 1 >= 8
    assert lengths["neutral"] == pytest.approx(29, abs=1)
    assert lengths["happiness"] == lengths["anger"] == pytest.approx(14.5, abs=1.5)


def test_a_video_shows_what_is_smoothed_and_the_persons_number():
    smoothed = np.array([0, 0, 0, 1, 0, 0, 0], np.float32)
    shown = result(200, 150, [0, 1, 0, 0, 0, 0, 0], person=3, smoothed=smoothed)
    drawn = annotate(np.full((400, 600), 90, np.uint8), [shown], CLASSES, bars=False)
    assert len(crop_of(drawn, "sadness")[0]) > 500
    assert len(crop_of(drawn, "happiness")[0]) == 0
    assert drawing._label(shown, CLASSES) == "3  sadness 100%"
    plain = result(0, 0, [0, 1, 0, 0, 0, 0, 0])
    assert drawing._label(plain, CLASSES) == "happiness 100%"
    whole = plain._replace(recognition=plain.recognition._replace(whole_picture=True))
    assert drawing._label(whole, CLASSES) == "happiness 100%, whole picture"


def test_the_largest_face_is_in_front():
    faces = [result(200, 150, [0, 1, 0, 0, 0, 0, 0]), result(240, 190, [0, 0, 0, 0, 0, 0, 1])]
    drawn = annotate(np.full((400, 600), 90, np.uint8), faces, CLASSES, bars=False)
    # Where the lower edge of the first crosses the left edge of the second.
    assert drawn[270, 240].tolist() == list(drawing.COLOURS["happiness"][::-1])


def test_a_class_of_another_model_has_a_colour_of_its_own():
    assert drawing.colour_of("boredom") == drawing.OTHER not in drawing.COLOURS.values()

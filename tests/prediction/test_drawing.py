"""Boxes and bars on pictures: nothing hides a face where there is room elsewhere."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from expressions.faces.boxes import common_areas
from expressions.faces.mtcnn import Face
from expressions.labels.emotions import EMOTIONS
from expressions.prediction import drawing
from expressions.prediction.drawing import annotate
from expressions.prediction.frames import FaceResult
from expressions.prediction.recognizer import Recognition

CLASSES = EMOTIONS[:7]
PANEL = (130.0, 110.0)
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

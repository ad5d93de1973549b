"""Boxes and landmarks stand where the face is, and nowhere else."""

import numpy as np

from expressions.faces.detection.mtcnn import Face
from expressions.faces.marks import BLUE, ORANGE, with_marks

POINTS = np.array([[40.0, 50], [60, 50], [50, 60], [42, 70], [58, 70]])


def nearly(pixel: np.ndarray, colour: tuple[int, int, int]) -> bool:
    """Whether a pixel of an anti-aliased line has the line's colour."""
    return bool(abs(pixel.astype(int) - colour).max() < 50)


def test_the_box_and_all_five_landmarks_are_drawn_on_a_copy():
    picture = np.full((100, 120), 200, np.uint8)
    marked = with_marks(picture, Face(30, 40, 40, 45, 0.9, POINTS), thickness=1, radius=2)
    assert (picture == 200).all()
    assert marked.shape == (100, 120, 3)
    for x, y in ((30, 40), (70, 40), (30, 85), (70, 85), (50, 40), (30, 60)):
        assert nearly(marked[y, x], ORANGE)
    for x, y in POINTS.astype(int):
        assert marked[y, x].tolist() == list(BLUE)
    changed = (marked != 200).any(axis=2)
    assert not changed[:39].any()
    assert not changed[87:].any()
    assert not changed[:, :29].any()
    assert not changed[:, 72:].any()


def test_a_face_beyond_the_edge_is_drawn_as_far_as_it_goes():
    marked = with_marks(np.zeros((50, 50), np.uint8), Face(-10, -10, 30, 30, 1, POINTS), 1, 1)
    assert nearly(marked[20, 10], ORANGE)
    assert nearly(marked[10, 20], ORANGE)
    assert not marked[:9, :19].any()


def test_landmarks_that_are_not_known_are_not_drawn():
    points = POINTS.copy()
    points[1:] = np.nan
    marked = with_marks(np.zeros((100, 120), np.uint8), Face(30, 40, 40, 45, 0, points), 1, 2)
    assert (marked == BLUE).all(axis=2).sum() > 5
    assert marked[50, 40].tolist() == list(BLUE)
    assert not (marked[48:53, 57:64] == BLUE).all(axis=2).any()

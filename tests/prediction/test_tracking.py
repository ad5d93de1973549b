"""Persons in videos: numbers that stay, smoothed probabilities, curves in bounded memory."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from expressions.faces.detection.boxes import overlaps
from expressions.faces.detection.mtcnn import Face
from expressions.prediction.persons import Curve, Persons
from expressions.prediction.tracking import Tracker


def face(x: float, y: float = 0, side: float = 100) -> Face:
    return Face(x, y, side, side, 1.0, np.zeros((5, 2)))


def test_overlap_by_hand():
    boxes = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30]], np.float64)
    assert overlaps(boxes[:1], boxes).tolist() == [[1.0, 50 / 150, 0.0]]
    assert overlaps(boxes, np.empty((0, 4))).shape == (3, 0)


@given(
    st.lists(
        st.lists(st.integers(-20, 20), min_size=3, max_size=3),
        min_size=1,
        max_size=30,
    ),
    st.permutations([0, 1, 2]),
)
def test_persons_who_move_a_little_keep_their_numbers_in_any_order(steps, order):
    tracker = Tracker()
    at = [0.0, 500.0, 1000.0]
    first = tracker.follow([face(x) for x in at], 0.0)
    assert first == [1, 2, 3]
    for number, moves in enumerate(steps, start=1):
        at = [x + move for x, move in zip(at, moves, strict=True)]
        numbers = tracker.follow([face(at[place]) for place in order], number / 25)
        assert numbers == [first[place] for place in order]


def test_the_better_overlap_wins():
    tracker = Tracker()
    tracker.follow([face(0), face(60)], 0.0)
    assert tracker.follow([face(55), face(5)], 0.04) == [2, 1]


def test_two_faces_are_never_one_person():
    tracker = Tracker()
    tracker.follow([face(0)], 0.0)
    assert tracker.follow([face(20), face(5)], 0.04) == [2, 1]


def test_a_person_who_is_away_for_long_comes_back_as_a_new_one():
    tracker = Tracker()
    tracker.follow([face(0)], 0.0)
    tracker.follow([], 0.5)
    assert tracker.follow([face(3)], 0.9) == [1]
    for step in range(4):
        tracker.follow([], 1.0 + step / 3)
    assert tracker.follow([face(3)], 2.4) == [2]


def test_a_video_with_few_frames_a_second_loses_nobody_between_two():
    tracker = Tracker()
    assert [tracker.follow([face(step)], 10.0 * step) for step in range(5)] == [[1]] * 5


def test_smoothing_starts_at_the_first_value_and_follows():
    persons = Persons()
    sad, happy = np.array([1, 0], np.float32), np.array([0, 1], np.float32)
    assert persons.see(1, 0.0, sad).smoothed.tolist() == [1, 0]
    for step in range(1, 11):
        person = persons.see(1, step / 25, happy)
    # After one time constant, 0.4 s.
    assert np.allclose(person.smoothed, [np.exp(-1), 1 - np.exp(-1)], atol=1e-5)
    assert np.allclose(person.mean, [1 / 11, 10 / 11])
    assert (person.frames, person.first, person.last) == (11, 0.0, 0.4)


@given(st.integers(1, 5000))
def test_a_curve_of_any_length_has_few_points_in_order(length):
    curve = Curve()
    for step in range(length):
        curve.add(float(step), np.array([step], np.float32))
    times, values = curve.points()
    assert 1 <= len(times) < 512
    assert (np.diff(times) > 0).all()
    # Means of neighbours: each value still stands at its time.
    assert np.allclose(values[:, 0], times)


def test_a_crowd_has_few_curves():
    persons = Persons()
    row = np.array([0.5, 0.5], np.float32)
    for step in range(2):
        for number in range(200):
            persons.see(number, float(step), row)
    everybody = persons.most_seen()
    assert len(everybody) == 200
    assert {person.frames for person in everybody} == {2}
    assert sum(len(person.curve) > 1 for person in everybody) <= 33

"""Which of several boxes stay, against the rule written out pair by pair."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expressions.faces.detection import boxes as module
from expressions.faces.detection.boxes import Boxes, non_maximum_suppression, overlaps


def kept_by_the_rule(boxes: Boxes, groups: np.ndarray, overlap: float, of_smaller: bool) -> list:
    """A box goes if a better one of its group overlaps it by more than `overlap`."""
    order = sorted(range(len(groups)), key=lambda i: (groups[i], -boxes.scores[i], -i))
    sizes = [(c[2] - c[0]) * (c[3] - c[1]) for c in boxes.corners]
    stay = []
    for place, worse in enumerate(order):
        for better in order[:place]:
            if groups[better] != groups[worse]:
                continue
            (a, b, c, d), (e, f, g, h) = boxes.corners[better], boxes.corners[worse]
            common = max(0, min(c, g) - max(a, e)) * max(0, min(d, h) - max(b, f))
            union = sizes[better] + sizes[worse] - common
            whole = min(sizes[better], sizes[worse]) if of_smaller else union
            if common > overlap * whole:
                break
        else:
            stay.append(worse)
    return stay


BOX = st.tuples(*[st.integers(0, 12)] * 2, *[st.integers(0, 9)] * 2)


@given(
    st.lists(st.tuples(BOX, st.integers(0, 3), st.integers(-2, 3)), max_size=40),
    st.sampled_from([0.0, 0.3, 0.5, 0.7]),
    st.booleans(),
    st.integers(1, 50),
)
@settings(max_examples=60)
def test_those_stay_that_no_better_one_overlaps(made, overlap, of_smaller, pairs):
    corners = np.array([[x, y, x + w, y + h] for (x, y, w, h), _, _ in made], float).reshape(-1, 4)
    scores = np.array([score for _, score, _ in made], np.float32)
    groups = np.array([group for _, _, group in made], np.int64)
    boxes = Boxes(groups, corners, scores)
    with pytest.MonkeyPatch.context() as patch:
        # However few pairs are held against each other at once.
        patch.setattr(module, "_PAIRS_AT_ONCE", pairs)
        found = non_maximum_suppression(boxes, groups, overlap, of_smaller=of_smaller)
    assert found.tolist() == kept_by_the_rule(boxes, groups, overlap, of_smaller)


def test_overlaps_are_intersections_over_unions():
    first = np.array([[0.0, 0, 10, 10], [50, 50, 60, 60]])
    second = np.array([[5.0, 0, 15, 10], [0, 0, 10, 10]])
    np.testing.assert_allclose(overlaps(first, second), [[1 / 3, 1], [0, 0]])

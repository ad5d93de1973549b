"""Twins: no picture of one part of the rows equals one of the other part."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from expressions.pictures.twins import find_twins


@given(st.lists(st.tuples(st.sampled_from([None, b"a", b"b", b"c"]), st.booleans()), max_size=12))
def test_no_picture_inside_is_left_that_equals_one_outside(rows):
    digests, inside = [row[0] for row in rows], np.array([row[1] for row in rows], bool)
    gone = find_twins(digests, inside)
    assert not gone[~inside].any()
    outside = {d for d, here in zip(digests, inside, strict=True) if not here and d is not None}
    for digest, here, twin in zip(digests, inside, gone, strict=True):
        assert twin == (here and digest in outside)


def test_pictures_without_a_face_equal_nothing():
    assert find_twins([None, None, b"a"], np.array([True, False, False])).tolist() == [False] * 3

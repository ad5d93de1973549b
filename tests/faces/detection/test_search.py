"""Which sizes are looked at: enough for the faces that are asked for, and no more."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from expressions.faces.detection.search import MOST_PIXELS, AbsoluteSearch, RelativeSearch

SIDE = st.integers(1, 20_000)


@given(st.integers(1, 900), st.integers(1, 900), st.floats(0, 1))
def test_a_relative_search_leaves_out_the_finest_levels_and_nothing_else(height, width, share):
    everything = RelativeSearch(0, 900).scales(height, width)
    kept = RelativeSearch(share, 900).scales(height, width)
    left_out = len(everything) - len(kept)
    assert kept.tolist() == everything[left_out:].tolist()
    if left_out:
        # The finest kept level still looks for faces as small as that.
        assert len(kept) == 0 or 12 / kept[0] <= share * min(height, width)
    # P-Net needs 12 pixels.
    assert all(int(min(height, width) * scale) >= 12 for scale in kept)


@given(SIDE, SIDE, st.floats(12, 900))
@example(339, 15_660, 24.0)
@example(3000, 4000, 24.0)
def test_an_absolute_search_begins_with_the_smallest_face_and_ends_with_the_picture(
    height, width, smallest_face
):
    search = AbsoluteSearch(smallest_face)
    shrunk = search.size(height, width)
    assert shrunk[0] * shrunk[1] <= MOST_PIXELS * 1.01 or min(shrunk) == 1
    if height * width <= MOST_PIXELS:
        assert shrunk == (height, width)
    found = search.scales(height, width)
    factor = min(1.0, (MOST_PIXELS / (height * width)) ** 0.5)
    if len(found):
        assert 12 / found[0] == pytest.approx(search.smallest(height, width) * factor)
        # No level is missing, and the next one would be too small for P-Net.
        assert found[1:] / found[:-1] == pytest.approx(0.709)
        assert int(min(shrunk) * found[-1]) >= 12 > int(min(shrunk) * found[-1] * 0.709)
    else:
        assert int(min(shrunk) * 12 / (search.smallest(height, width) * factor)) < 12


@pytest.mark.parametrize(
    ("asked", "size", "smallest"),
    [
        (24, (1000, 4000), 24),
        # Twelve megapixels become four: 24 of those that are left.
        (24, (3000, 4000), 24 * 3**0.5),
        (100, (3000, 4000), 100),
        (12, (3000, 4000), 12 * 3**0.5),
        (12, (300, 400), 12),
    ],
)
def test_what_is_not_looked_for_is_known(asked, size, smallest):
    assert AbsoluteSearch(asked).smallest(*size) == pytest.approx(smallest)


def test_a_panorama_is_shrunk_by_its_area():
    assert AbsoluteSearch().size(300, 12_000) == (300, 12_000)
    assert AbsoluteSearch().size(600, 26_666)[0] == 300


def test_a_close_look_is_for_large_faces_alone():
    assert AbsoluteSearch(24, 0.25).smallest(400, 600) == 100
    assert len(AbsoluteSearch(24, 0.25).scales(400, 600)) < len(AbsoluteSearch(24).scales(400, 600))
    assert np.isclose(12 / AbsoluteSearch(24, 0.25).scales(400, 600)[0], 100)

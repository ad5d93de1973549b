"""Other photographs of a face: what each kind does, in which bounds, and how often."""

import cv2
import numpy as np
import pytest
from helpers import faces
from hypothesis import given
from hypothesis import strategies as st

from expressions.network.augmentation.camera import Camera, photograph

KINDS = tuple(Camera.model_fields)


def photographed(given_faces: np.ndarray, seed: int = 1, **kinds: float) -> np.ndarray:
    before = given_faces.copy()
    views = photograph(given_faces, Camera(**kinds), np.random.default_rng(seed))
    assert np.array_equal(given_faces, before), "what teachers see stays as it is"
    return views


def detail(face: np.ndarray) -> float:
    """How much neighbouring pixels differ."""
    return float(np.abs(np.diff(face, axis=-1)).mean())


def test_kinds_that_are_off_change_nothing_and_draw_nothing():
    rng = np.random.default_rng(1)
    assert np.array_equal(photograph(faces(4), Camera(), rng), faces(4))
    assert rng.random() == np.random.default_rng(1).random()


@given(
    st.fixed_dictionaries({kind: st.floats(0, 1) for kind in KINDS}),
    st.integers(0, 2**32),
    st.sampled_from([(-1.0, 1.0), (0.0, 1.0), (0.0, 255.0), (-3.0, -2.0)]),
)
def test_faces_keep_their_own_range_and_follow_from_the_seed(kinds, seed, bounds):
    low, high = bounds
    before = (faces(3) + 1) / 2 * (high - low) + low
    after = photographed(before, seed, **kinds)
    assert np.array_equal(after, photographed(before, seed, **kinds))
    assert after.dtype == np.float32
    tiny = 1e-4 * (high - low)
    for old, new in zip(before, after, strict=True):
        assert old.min() - tiny <= new.min() <= new.max() <= old.max() + tiny


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_changes_as_many_faces_as_it_says(kind):
    before = np.tile(faces(8), (50, 1, 1))
    changed = (photographed(before, **{kind: 0.3}) != before).any(axis=(1, 2)).mean()
    assert 0.22 < changed < 0.38
    assert (photographed(before, **{kind: 1.0}) != before).any(axis=(1, 2)).all()


def test_a_face_of_one_colour_stays():
    grey = np.full((2, 48, 48), 0.25, np.float32)
    assert np.array_equal(photographed(grey, **dict.fromkeys(KINDS, 1.0)), grey)


def test_resolution_takes_detail_away_and_noise_adds_some():
    before = faces(30)
    for old, new in zip(before, photographed(before, resolution=1.0), strict=True):
        assert detail(new) < 0.95 * detail(old)
    smooth = np.array([cv2.GaussianBlur(face, (0, 0), 3) for face in before])
    for old, new in zip(smooth, photographed(smooth, noise=1.0), strict=True):
        assert detail(new) > 1.02 * detail(old)


def test_jpeg_leaves_blocks_of_eight():
    before = np.array([cv2.GaussianBlur(face, (0, 0), 2) for face in faces(30)])
    after = photographed(before, jpeg=1.0)
    steps = np.abs(np.diff(after, axis=2)).mean(axis=(0, 1))
    between = np.arange(47) % 8 == 7
    assert steps[between].mean() > 1.2 * steps[~between].mean()

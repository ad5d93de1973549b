"""Random views of faces: in range, repeatable, and mixed as their targets are."""

import numpy as np
import pytest
from helpers import faces
from hypothesis import given
from hypothesis import strategies as st

from expressions.network.augmentation.views import Augmentation, Views, augment, mix

STILL = Augmentation(mirror=0, rotation=0, shift=0, scale=0, erase=0, mixup=0)


def test_nothing_turned_on_changes_nothing():
    assert np.array_equal(augment(faces(5), STILL, np.random.default_rng(1)).faces, faces(5))


def test_a_mirrored_face_is_the_mirror_image():
    all_mirrored = STILL.model_copy(update={"mirror": 1.0})
    mirrored = augment(faces(3), all_mirrored, np.random.default_rng(1))
    assert np.array_equal(mirrored.faces, faces(3)[:, :, ::-1])


@given(
    st.builds(
        Augmentation,
        mirror=st.floats(0, 1),
        rotation=st.floats(0, 90),
        shift=st.floats(0, 0.5),
        scale=st.floats(0, 0.5),
        erase=st.floats(0, 1),
        mixup=st.just(0),
        jpeg=st.floats(0, 1),
    ),
    st.integers(0, 2**32),
)
def test_views_stay_in_range_and_follow_from_the_seed(augmentation, seed):
    views = augment(faces(4), augmentation, np.random.default_rng(seed))
    again = augment(faces(4), augmentation, np.random.default_rng(seed))
    for seen, seen_again in zip(views, again, strict=True):
        assert np.array_equal(seen, seen_again)
        assert -1.001 <= seen.min() <= seen.max() <= 1.001


def test_erasing_leaves_the_brightness_and_covers_a_part():
    all_erased = STILL.model_copy(update={"erase": 1.0})
    before, after = faces(20), augment(faces(20), all_erased, np.random.default_rng(1)).faces
    changed = (before != after).mean(axis=(1, 2))
    assert changed.min() > 0.02
    assert changed.max() < 0.22
    assert np.abs(before.mean(axis=(1, 2)) - after.mean(axis=(1, 2))).max() < 0.05


@given(st.floats(0.05, 8), st.integers(0, 2**32))
def test_mixed_faces_have_targets_mixed_in_the_same_shares(alpha, seed):
    # Each face is all of its own target, so its mixture says how much of whom is in it.
    own = np.eye(16, dtype=np.float32)
    both = Views(own.reshape(16, 4, 4), 2 * own.reshape(16, 4, 4))
    views, targets = mix(both, own, alpha, np.random.default_rng(seed))
    assert np.array_equal(views.faces.reshape(16, 16), targets)
    assert np.array_equal(views.plain, 2 * views.faces)
    assert targets.sum(axis=1) == pytest.approx(1, abs=1e-6)
    assert targets.min() >= 0


def test_a_larger_alpha_mixes_more_and_none_mixes_nothing():
    own = np.eye(256, dtype=np.float32)
    views = Views(own.reshape(256, 16, 16), own.reshape(256, 16, 16))

    def purity(alpha):
        _, targets = mix(views, own, alpha, np.random.default_rng(1))
        return targets.max(axis=1).mean()

    assert purity(0) == 1
    assert 0.95 > purity(0.2) > purity(1) + 0.05 > purity(8) + 0.1


def test_teachers_see_the_same_framing_before_it_was_photographed_otherwise():
    settings = STILL.model_copy(update={"shift": 0.2, "erase": 0.5})
    blurred = settings.model_copy(update={"resolution": 1.0})
    sharp = augment(faces(9), settings, np.random.default_rng(1))
    views = augment(faces(9), blurred, np.random.default_rng(1))
    assert np.array_equal(views.plain, sharp.plain)
    assert np.array_equal(sharp.faces, sharp.plain)
    assert (views.faces != views.plain).any(axis=(1, 2)).all()

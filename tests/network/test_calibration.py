"""Temperature scaling: the temperature that is fitted, and what it does to a network."""

import numpy as np
import pytest
from helpers import folded_network
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax

from expressions.network.calibration import calibrate, fit_temperature

FACES = np.random.default_rng(0).integers(0, 256, (70, 48, 48, 1)).astype(np.float32)


@given(st.floats(0.3, 3.0), st.integers(1, 2), st.integers(0, 2**32 - 1))
def test_the_fitted_temperature_brings_back_the_true_one(temperature, views, seed):
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (1, 4000, 5)) + rng.normal(0, 1, (views, 4000, 5))
    truth = softmax(logits, axis=2).mean(axis=0)
    labels = (truth.cumsum(axis=1) > rng.random((4000, 1))).argmax(axis=1)
    fitted = fit_temperature(softmax(logits * temperature, axis=2), labels)
    assert fitted == pytest.approx(temperature, rel=0.15)


def test_calibration_scales_the_logits_and_keeps_the_classes():
    model = folded_network("thin_residual")
    before = model.predict(FACES, verbose=0)
    calibrate(model, 2.0)
    after = model.predict(FACES, verbose=0)
    expected = np.sqrt(before) / np.sqrt(before).sum(axis=1, keepdims=True)
    assert after == pytest.approx(expected, abs=1e-3)
    assert np.array_equal(after.argmax(axis=1), before.argmax(axis=1))

"""Folded networks answer as the trained ones do."""

import numpy as np
import pytest
from helpers import folded_network, trained_network

from expressions.network.folding import half_precision
from expressions.network.runtime import keras

# One of each kind: the other residual ones differ in how many and how wide their blocks are.
RESIDUAL = ("small_residual", "big_squeeze")
NETWORKS = ("original", *RESIDUAL)

FACES = np.random.default_rng(0).integers(0, 256, (70, 48, 48, 1)).astype(np.float32)


@pytest.mark.parametrize("name", NETWORKS)
def test_folding_changes_no_more_than_half_precision_does(name):
    before = trained_network(name).predict(FACES / 255, verbose=0)
    after = folded_network(name).predict(FACES / 255, verbose=0)
    assert np.abs(before - after).max() < 3e-3
    assert (before.argmax(axis=1) == after.argmax(axis=1)).mean() > 0.98


@pytest.mark.parametrize("name", RESIDUAL)
def test_residual_networks_fold_all_norms_into_half_precision(name):
    model = folded_network(name)
    assert not [
        layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)
    ]
    assert all(np.array_equal(half_precision(w), w) for w in model.get_weights())

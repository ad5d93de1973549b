"""What goes to a GPU and what comes back from it."""

import numpy as np
import pytest

from accelerator.convert import convert
from accelerator.pack import differences
from expressions.network import architectures as networks
from expressions.network.folding import fold


def test_differences_of_rows_add_up_to_the_faces_again():
    faces = np.random.default_rng(1).integers(0, 256, (5, 48, 48), dtype=np.uint8)
    assert np.array_equal(np.cumsum(differences(faces), axis=1, dtype=np.uint8), faces)


@pytest.mark.parametrize("network", ["deep_residual", "big_squeeze"])
def test_a_converted_network_answers_as_the_one_whose_weights_it_has(network, tmp_path):
    trained = networks.build(network, 8, dropout=0)
    rng = np.random.default_rng(2)
    weights = {}
    for layer in trained.layers:
        values = [rng.uniform(0.1, 0.4, value.shape) for value in layer.get_weights()]
        layer.set_weights(values)
        name, parts = layer.name.removesuffix("_norm"), ["kernel"]
        if name == "emotions":
            parts = ["kernel", "bias"]
            # Seven more outputs, for FER-2013's own labels.
            values = [np.concatenate([v, np.ones((*v.shape[:-1], 7))], axis=-1) for v in values]
        elif name.endswith(("_squeeze", "_excite")):
            parts = ["kernel", "bias"]
        elif name != layer.name:
            parts = ["gamma", "beta", "mean", "variance"]
        weights |= {f"{name}.{p}": v for p, v in zip(parts, values, strict=False)}
    np.savez(tmp_path / "trained.npz", **weights)
    folded = networks.build(network, 8, dropout=0, folded=True)
    fold(trained, folded)

    converted = convert(tmp_path / "trained.npz", network)

    for found, expected in zip(converted.get_weights(), folded.get_weights(), strict=True):
        assert np.array_equal(found, expected)

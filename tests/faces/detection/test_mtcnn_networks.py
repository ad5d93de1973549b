"""P-Net, rewritten and in strips: what the package's network says, and the same bits either way."""

import numpy as np
import pytest

from expressions.faces.detection import mtcnn_networks
from expressions.faces.detection.mtcnn_networks import networks

SIZES = [(12, 12), (13, 40), (40, 13), (41, 37), (64, 64), (101, 30)]


def noise(count, height, width):
    values = np.random.default_rng(height).uniform(-1, 1, (count, 3, height, width))
    return values.astype(np.float32)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [1, 3])
def test_strips_give_the_bits_of_the_whole(size, count, monkeypatch):
    pictures = noise(count, *size)
    monkeypatch.setattr(mtcnn_networks, "_PIXELS_IN_STRIP", 10**9)
    assert len(list(mtcnn_networks._strips(pictures))) == 1
    whole = networks().propose(pictures)
    monkeypatch.setattr(mtcnn_networks, "_PIXELS_IN_STRIP", 1)
    for rows in (1, 3, 16):
        monkeypatch.setattr(mtcnn_networks, "_LEAST_ROWS", rows)
        for expected, found in zip(whole, networks().propose(pictures), strict=True):
            assert np.array_equal(expected, found)
    assert size[0] < 60 or len(list(mtcnn_networks._strips(pictures))) > 1


def test_strips_of_wide_pictures_have_little_in_common():
    wide = np.empty((1, 3, 200, 20_000), np.float32)
    assert sum(strip.shape[2] for strip in mtcnn_networks._strips(wide)) < 1.3 * 200


@pytest.mark.parametrize("size", SIZES)
def test_p_net_says_what_its_layers_in_their_own_order_say(size):
    weights = iter(mtcnn_networks._weights("pnet"))
    graph = mtcnn_networks._Graph()
    x = graph.pool(graph.convolution(graph.PICTURES, weights), 2, padded=True)
    x = graph.convolution(graph.convolution(x, weights), weights)
    offsets = graph.convolve(x, next(weights), next(weights))
    scores = graph.convolve(x, next(weights), next(weights))
    outputs = [offsets, graph.add("Softmax", [scores], axis=1)]
    plain = mtcnn_networks._session(graph.model([mtcnn_networks._pictures()], outputs))
    pictures = 3 * noise(2, *size)
    offsets, probabilities = plain.run(None, {"pictures": pictures})
    found = networks().propose(pictures)
    assert found[0] == pytest.approx(probabilities[:, 1], abs=1e-5)
    assert found[1] == pytest.approx(offsets, abs=1e-5)

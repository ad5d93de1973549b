"""P-Net, rewritten, in strips and in tiles: what the package's says, the same bits either way."""

import numpy as np
import pytest

from expressions.faces.detection import mtcnn_networks
from expressions.faces.detection.mtcnn_networks import TILE, networks, tiles_of

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


@pytest.mark.parametrize("size", [*SIZES, (36, 60), (200, 35)])
def test_tiles_give_the_bits_of_the_whole_and_nothing_else(size):
    pictures = noise(3, *size)
    scores, offsets = networks().propose(pictures)
    # Without the windows that an odd picture's edge cuts.
    rows, columns = (np.array(size) - 12) // 2 + 1
    whole = scores[:, :rows, :columns], offsets[:, :, :rows, :columns]
    tiles = np.random.default_rng(size[1]).random((3, *tiles_of(*size))) < 0.5
    wanted = np.kron(tiles, np.ones((TILE, TILE)))[:, :rows, :columns] > 0
    found = networks().propose_in_tiles(pictures, tiles)
    assert np.array_equal(found[0], np.where(wanted, whole[0], 0))
    assert np.array_equal(found[1], np.where(wanted[:, None], whole[1], 0))


def test_many_tiles_take_several_passes(monkeypatch):
    pictures = noise(2, 120, 120)
    everywhere = np.ones((2, *tiles_of(120, 120)), np.bool_)
    at_once = networks().propose_in_tiles(pictures, everywhere)
    assert np.array_equal(at_once[0], networks().propose(pictures)[0])
    monkeypatch.setattr(mtcnn_networks, "_TILES_AT_ONCE", 7)
    for expected, found in zip(
        at_once, networks().propose_in_tiles(pictures, everywhere), strict=True
    ):
        assert np.array_equal(expected, found)


def test_no_wanted_tile_gives_zeros():
    scores, offsets = networks().propose_in_tiles(noise(1, 60, 60), np.zeros((1, 3, 3), np.bool_))
    assert scores.shape == (1, 25, 25)
    assert offsets.shape == (1, 4, 25, 25)
    assert not scores.any()


@pytest.mark.parametrize("size", SIZES)
def test_p_net_says_what_its_layers_in_their_own_order_say(size):
    weights = iter(mtcnn_networks._weights("pnet"))
    graph = mtcnn_networks._Graph()

    def layer(x):
        x = graph.convolve(x, next(weights), next(weights))
        return graph.add("PRelu", [x, graph.constant(next(weights).reshape(-1, 1, 1))])

    x = layer(layer(graph.pool(layer(graph.PICTURES), 2, padded=True)))
    offsets = graph.convolve(x, next(weights), next(weights))
    scores = graph.convolve(x, next(weights), next(weights))
    outputs = [offsets, graph.add("Softmax", [scores], axis=1)]
    plain = mtcnn_networks._session(graph.model([mtcnn_networks._pictures()], outputs))
    pictures = 3 * noise(2, *size)
    offsets, probabilities = plain.run(None, {"pictures": pictures})
    found = networks().propose(pictures)
    assert found[0] == pytest.approx(probabilities[:, 1], abs=1e-5)
    assert found[1] == pytest.approx(offsets, abs=1e-5)

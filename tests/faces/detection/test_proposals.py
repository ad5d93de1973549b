"""P-Net's proposals: around traces of faces alone, and the same faces as everywhere."""

from functools import cache

import cv2
import numpy as np
import pytest
import skimage.data
from sklearn.datasets import load_sample_images

from expressions.datasets.synthetic.layouts import draw_photograph
from expressions.faces.detection import proposals
from expressions.faces.detection.mtcnn import Detector, face_numbers
from expressions.faces.detection.mtcnn_networks import TILE, Networks
from expressions.faces.detection.search import AbsoluteSearch
from expressions.pictures.files import Picture

ASTRONAUT = cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2BGR)
HEAD = ASTRONAUT[0:220, 120:340]


def crowd(side: int, on: Picture) -> Picture:
    """As many heads as a picture holds, their faces 0.45 of `side` pixels wide."""
    head = cv2.resize(HEAD, (side, side), interpolation=cv2.INTER_AREA)
    frame, step = on.copy(), side + side // 6
    for top in range(0, frame.shape[0] - side, step):
        for left in range(0, frame.shape[1] - side, step):
            frame[top : top + side, left : left + side] = head
    return frame


@cache
def pictures() -> dict[str, Picture]:
    china, flower = (np.ascontiguousarray(one[..., ::-1]) for one in load_sample_images().images)
    rng = np.random.default_rng(3)
    return {
        "a large face": ASTRONAUT,
        "a painted one": draw_photograph("happiness", False, rng),
        # The smallest that are looked for: two sizes below, P-Net does not see them.
        "a crowd on a wall": crowd(56, np.full((601, 803, 3), 90, np.uint8)),
        "a crowd before a temple": crowd(58, china),
        "a larger crowd before a flower": crowd(75, flower),
        "nobody": china,
        "noise": rng.integers(0, 256, (333, 444, 3)).astype(np.uint8),
        "a panorama": crowd(60, np.full((70, 3001, 3), 120, np.uint8)),
    }


@pytest.mark.parametrize("name", pictures())
def test_a_quick_search_finds_the_faces_of_one_that_looks_everywhere(name, monkeypatch):
    detector, picture = Detector(AbsoluteSearch()), pictures()[name]
    quick = [face_numbers(face) for face in detector.detect([picture])[0]]
    monkeypatch.setattr(proposals, "_FEW", 10**9)
    everywhere = [face_numbers(face) for face in detector.detect([picture])[0]]
    assert np.array_equal(quick, everywhere, equal_nan=True)
    assert bool(quick) == (name not in {"nobody", "noise"})


def test_a_quick_search_leaves_most_of_a_portraits_largest_size_out(monkeypatch):
    shares = []
    real = Networks.propose_in_tiles

    def noted(self, level, tiles):
        shares.append(tiles.mean())
        return real(self, level, tiles)

    monkeypatch.setattr(Networks, "propose_in_tiles", noted)
    Detector(AbsoluteSearch()).detect([draw_photograph("anger", False, np.random.default_rng(1))])
    # The largest size comes last.
    assert 0 < shares[-1] < 0.5


def below(rows: int, columns: int, *traces: tuple[int, int]) -> proposals._Level:
    scores = np.zeros((2, rows, columns), np.float32)
    for row, column in traces:
        scores[1, row, column] = 0.06
    return proposals._Level(0.25, scores, np.zeros((2, 4, rows, columns), np.float32))


def test_a_trace_is_looked_for_in_the_tiles_around_it():
    """A window at step 20 has its middle at pixel 46; in twice the size 92, that of step 43."""
    level = below(40, 40, (20, 5))
    tiles = proposals._around_traces(level, 0.5, (200, 200))
    # Rows from 40 to 46, columns from 10 to 16, of tiles of 12.
    assert TILE == 12
    assert tiles.shape == (2, 8, 8)
    assert np.argwhere(tiles).tolist() == [[1, 3, 0], [1, 3, 1]]


def test_traces_at_the_edges_stay_in_the_picture():
    level = below(40, 40, (0, 0), (39, 39))
    tiles = proposals._around_traces(level, 0.5, (170, 170))
    assert np.argwhere(tiles).tolist() == [[1, 0, 0], [1, 6, 6]]

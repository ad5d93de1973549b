"""What stands in the diagrams, read from their axes and their pixels."""

import cv2
import numpy as np
import pytest
from helpers import keep_axes
from matplotlib.colors import to_rgb

from expressions.evaluation import diagrams, face_grid
from expressions.evaluation.reliability import Reliability
from expressions.pipeline.figures import BLUE, ORANGE

NAMES = ("neutral", "fear")
MATRIX = np.array([[6, 2], [0, 0]])


def texts(axis) -> list[str]:
    return [text.get_text() for text in axis.texts]


def pixel_at(path, axis, x: float, y: float) -> np.ndarray:
    """The colour, RGB from 0 to 1, of the written PNG at a point of the axis' own coordinates."""
    picture = cv2.imread(str(path))
    figure = axis.figure
    across, up = axis.transData.transform((x, y)) / (figure.get_size_inches() * figure.dpi)
    row, column = round((1 - up) * picture.shape[0]), round(across * picture.shape[1])
    return picture[row, column, ::-1] / 255


@pytest.mark.parametrize(
    ("normalised", "cells"),
    [(False, ["6", "2", "0", "0"]), (True, ["0.75", "0.25", "0.00", "0.00"])],
)
def test_a_confusion_matrix_shows_each_cell(tmp_path, monkeypatch, normalised, cells):
    axes = keep_axes(monkeypatch, diagrams)
    path = tmp_path / "confusion.png"
    diagrams.draw_confusion(path, MATRIX, NAMES, normalised, "test, majority")
    (axis,) = axes
    assert texts(axis) == cells
    # Row by row, the true emotion downwards.
    assert [text.get_position() for text in axis.texts] == [(0, 0), (1, 0), (0, 1), (1, 1)]
    assert [text.get_color() for text in axis.texts] == ["white", "black", "black", "black"]
    assert axis.images[0].get_array().tolist() == [[0.75, 0.25], [0, 0]]
    assert [label.get_text() for label in axis.get_xticklabels()] == list(NAMES)
    assert [label.get_text() for label in axis.get_yticklabels()] == list(NAMES)
    said = axis.get_xlabel(), axis.get_ylabel(), axis.get_title()
    assert said == ("predicted", "true", "test, majority")
    # Beside the numbers: the more of the row, the darker; an empty cell is nearly white.
    full, some, none = (pixel_at(path, axis, x + 0.4, y).sum() for x, y in [(0, 0), (1, 0), (1, 1)])
    assert full < some < none
    assert none > 2.8


def test_a_reliability_diagram_shows_filled_bins_and_their_error(tmp_path, monkeypatch):
    axes = keep_axes(monkeypatch, diagrams)
    path = tmp_path / "reliability.png"
    bins = Reliability(np.array([0, 0.3, 0.9]), np.array([0, 0.5, 0.7]), np.array([0, 1, 3]))
    diagrams.draw_reliability(path, bins, "test, majority")
    ((upper, lower),) = axes
    diagonal, curve = upper.lines
    assert np.asarray(diagonal.get_data()).tolist() == [[0, 1], [0, 1]]
    assert np.asarray(curve.get_data()).tolist() == [[0.3, 0.9], [0.5, 0.7]]
    # (1 * |0.5 - 0.3| + 3 * |0.7 - 0.9|) / 4
    legend = [text.get_text() for text in upper.get_legend().get_texts()]
    assert legend == ["perfectly calibrated", "model (ECE 0.200)"]
    (stairs,) = lower.patches
    assert stairs.get_data().values.tolist() == [0, 1, 3]
    assert stairs.get_data().edges == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert upper.get_title() == "test, majority"
    assert (upper.get_ylabel(), lower.get_ylabel(), lower.get_xlabel()) == (
        "accuracy", "pictures", "confidence"
    )  # fmt: skip
    assert pixel_at(path, upper, 0.9, 0.7) == pytest.approx(to_rgb(BLUE), abs=0.02)
    assert pixel_at(path, lower, 0.8, 2) == pytest.approx(to_rgb(ORANGE), abs=0.02)
    assert pixel_at(path, lower, 0.1, 2) == pytest.approx((1, 1, 1), abs=0.02)


def test_a_grid_shows_every_face_with_its_caption(tmp_path, monkeypatch):
    axes = keep_axes(monkeypatch, face_grid)
    faces = np.random.default_rng(0).uniform(-1, 1, (10, 48, 48)).astype(np.float32)
    captions = [f"id-{number}\n$x_{number}" for number in range(10)]
    path = tmp_path / "grid.png"
    face_grid.draw_face_grid(path, faces, captions, "Labels that look wrong")
    (grid,) = axes
    assert grid.shape == (2, 8)
    cells = list(grid.flat)
    assert grid[0, 0].figure.get_suptitle() == "Labels that look wrong"
    assert [text for axis in cells for text in texts(axis)] == captions
    # What Matplotlib would take for a formula is shown as it is.
    assert not any(text.get_parse_math() for axis in cells for text in axis.texts)
    shown = [axis.images[0] for axis in cells if axis.images]
    assert np.array_equal([image.get_array() for image in shown], faces)
    # From its darkest to its brightest value.
    assert shown[0].get_clim() == (faces[0].min(), faces[0].max())
    picture = cv2.imread(str(path))
    assert picture.min() < 20
    assert picture.shape[0] < picture.shape[1]


def test_a_grid_without_faces_says_so(tmp_path, monkeypatch):
    axes = keep_axes(monkeypatch, face_grid)
    path = tmp_path / "grid.png"
    face_grid.draw_face_grid(path, np.empty((0, 48, 48), np.float32), [], "test: errors")
    assert axes[0][0, 0].figure.get_suptitle() == "test: errors: none"
    assert not any(axis.images for axis in axes[0].flat)
    assert path.exists()

"""What is asked of a network, and in which order its answers are kept."""

import numpy as np
import pandas as pd
import pytest

from expressions.evaluation.arrays import (
    SplitArrays,
    number_rows,
    pick_faces,
    read_evaluation_splits,
)
from expressions.evaluation.predictions import predict_majority, predict_splits, predict_views
from expressions.pipeline import paths

NAMES = ("neutral", "happiness")


class Model:
    """Says happiness by the brightness of the left upper pixel."""

    def predict(self, faces: np.ndarray, **_: int) -> np.ndarray:
        happiness = faces[:, 0, 0, 0]
        return np.stack([1 - happiness, happiness], axis=1)


def arrays(*corners: tuple[float, float]) -> SplitArrays:
    """Faces by their left and right upper pixels; the second one has no majority."""
    faces = np.zeros((len(corners), 48, 48, 1), np.float32)
    faces[:, 0, 0, 0], faces[:, 0, -1, 0] = np.transpose(corners)
    table = pd.DataFrame({"image_id": [f"i-{row}" for row in range(len(corners))]})
    table["label"] = "happiness"
    table["majority"] = [row != 1 for row in range(len(corners))]
    return SplitArrays(table, faces)


def test_mirrored_faces_are_a_view_of_their_own():
    faces = arrays((0.25, 0.75), (0.5, 1)).faces
    assert predict_views(Model(), faces, flip=False)[..., 1].tolist() == [[0.25, 0.5]]
    assert predict_views(Model(), faces, flip=True)[..., 1].tolist() == [[0.25, 0.5], [0.75, 1]]


def test_the_temperature_is_fitted_on_the_views_of_pictures_with_a_majority():
    views, labels = predict_majority(Model(), arrays((0.25, 0.75), (0, 0), (1, 0)), NAMES, True)
    assert views.dtype == np.float64
    assert views[..., 1].tolist() == [[0.25, 1], [0.75, 0]]
    assert labels.tolist() == [1, 1]


def test_predictions_are_the_mean_of_both_views_in_the_order_of_the_arrays():
    both = {"validation": arrays((0.25, 0.75), (1, 0.5)), "test": arrays((0, 1))}
    table = predict_splits(Model(), both, NAMES, flip=True)
    assert list(table) == ["image_id", "split", "label", "majority", *NAMES, "row"]
    assert table["split"].tolist() == ["validation", "validation", "test"]
    assert table["happiness"].tolist() == [0.5, 0.75, 0.5]
    assert table["row"].tolist() == [0, 1, 0]
    plain = predict_splits(Model(), both, NAMES, flip=False)
    assert plain["happiness"].tolist() == [0.25, 1, 0]


def test_faces_are_picked_from_the_arrays_of_their_splits():
    both = {"validation": arrays((0.25, 0.75), (1, 0.5)), "test": arrays((0, 1))}
    rows = pd.DataFrame({"split": ["test", "validation"], "row": [0, 1]})
    picked = pick_faces(rows, both)
    assert picked.shape == (2, 48, 48)
    assert picked[:, 0, 0].tolist() == [0, 1]
    assert pick_faces(rows.head(0), both).shape == (0, 48, 48)


def test_rows_are_numbered_within_their_split():
    table = pd.DataFrame({"split": ["a", "b", "a"], "image_id": ["x", "y", "z"]})
    assert number_rows(table)["row"].tolist() == [0, 0, 1]


def test_every_split_but_training_is_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths.ARRAYS.mkdir(parents=True)
    for number, split in enumerate(["training", "mine", "test", "validation"]):
        np.save(paths.array(split), np.full((1, 48, 48, 1), number, np.float32))
        paths.array_table(split).write_text(f"image_id\n{split}-0\n", encoding="utf-8")
    paths.TWINS.write_text("image_id,split\n", encoding="utf-8")
    found = read_evaluation_splits()
    assert list(found) == ["validation", "test", "mine"]
    assert [its.table["image_id"].tolist() for its in found.values()] == [
        [f"{split}-0"] for split in found
    ]
    assert [its.faces.max() for its in found.values()] == pytest.approx([3, 2, 1])

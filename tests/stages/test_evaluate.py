"""The stage `evaluate`: the mean of a face and its mirror image, calibrated, without training."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax

from expressions.labels.ferplus import VOTE_COLUMNS
from expressions.network.calibration import fit_temperature
from expressions.pipeline import paths
from expressions.pipeline.outputs import write_csv
from stages import evaluate

PARAMETERS = """
labels: {classes: 7, target: majority}
evaluate: {flip: true, resamples: 20, seed: 1}
"""
NAMES = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear")
FACES = 12


class Head:
    """The last layer of a network, as `calibrate` sees it: one factor of the logits."""

    def __init__(self) -> None:
        self.weights = [np.array(1.0)]

    def get_weights(self) -> list[Any]:
        return self.weights

    def set_weights(self, weights: list[Any]) -> None:
        self.weights = weights


class Model:
    """Finds the classes in the first pixels of a face, and is too sure of them."""

    def __init__(self) -> None:
        self.layers = [Head()]
        self.output_shape = (None, len(NAMES))

    def predict(self, faces: np.ndarray, **_: Any) -> np.ndarray:
        return softmax(4 * faces[:, 0, : len(NAMES), 0] * self.layers[0].weights[0], axis=1)


@pytest.fixture
def model(tmp_path, monkeypatch) -> Model:
    """The network of a run with three splits of random faces."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(PARAMETERS, encoding="utf-8")
    rng = np.random.default_rng(1)
    paths.ARRAYS.mkdir(parents=True)
    samples = []
    for split in ("training", "validation", "test"):
        np.save(paths.array(split), rng.uniform(-1, 1, (FACES, 48, 48, 1)).astype(np.float32))
        table = pd.DataFrame({"image_id": [f"{split}-{number}" for number in range(FACES)]})
        table = table.assign(
            split=split, label=rng.choice(NAMES, FACES), majority=np.arange(FACES) % 3 > 0
        )
        write_csv(paths.array_table(split), table)
        samples.append(table)
    votes = dict.fromkeys(VOTE_COLUMNS, pd.NA)
    write_csv(paths.SAMPLES, pd.concat(samples).assign(**votes))
    write_csv(paths.TWINS, pd.DataFrame(columns=["image_id", "split"]))
    for draw in ("draw_confusion", "draw_reliability", "draw_face_grid"):
        monkeypatch.setattr(evaluate, draw, lambda *_: None)
    network = Model()
    monkeypatch.setattr(evaluate.keras_file, "load", lambda _: network)
    return network


def views(split: str) -> np.ndarray:
    """What the model says of a split before it is calibrated, as they are and mirrored."""
    faces = np.load(paths.array(split))
    return np.stack([Model().predict(faces), Model().predict(faces[:, :, ::-1])]).astype(float)


def test_probabilities_are_the_mean_of_both_views_calibrated_where_there_is_a_majority(model):
    evaluate.main()
    table = pd.read_csv(paths.array_table("validation"))
    sure = table["majority"].to_numpy()
    labels = np.array([NAMES.index(label) for label in table["label"]])
    temperature = fit_temperature(views("validation")[:, sure], labels[sure])
    assert temperature > 1.5
    written = json.loads(paths.CALIBRATION.read_text(encoding="utf-8"))
    assert written == {"temperature": temperature}
    found = pd.read_csv(paths.PREDICTIONS)
    assert found["split"].unique().tolist() == ["validation", "test"]
    calibrated = views("test") ** (1 / temperature)
    expected = (calibrated / calibrated.sum(axis=2, keepdims=True)).mean(axis=0)
    of_test = found.loc[found["split"] == "test", list(NAMES)].to_numpy()
    assert of_test == pytest.approx(expected, abs=2e-3)


def test_figures_are_of_the_evaluation_splits_alone(model):
    evaluate.main()
    figures = json.loads(paths.EVALUATION_METRICS.read_text(encoding="utf-8"))
    assert list(figures) == ["validation", "test"]
    counts = {name: its["n"] for name, its in figures["test"].items()}
    assert counts == {"most_votes": FACES, "majority": 8}

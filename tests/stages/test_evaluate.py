"""The stage `evaluate`: the mean of a face and its mirror image, calibrated, without training."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax
from small_run import draw_nothing, main_of

from expressions.errors import InputError
from expressions.evaluation import intention
from expressions.labels.ferplus import VOTE_COLUMNS
from expressions.labels.prior import (
    TrainingShares,
    choose_tempered_power,
    expecting,
    tempered_shares,
)
from expressions.network import keras_file
from expressions.network.calibration import fit_temperature
from expressions.pipeline import paths
from expressions.pipeline.outputs import write_csv

PARAMETERS = """
datasets: [fer2013, mine]
labels: {classes: 7, target: majority}
train: {epochs: 1, start_from: none}
evaluate: {flip: true, tempered_cost: 0.1, resamples: 20, seed: 1}
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
        targets = rng.dirichlet(np.arange(1, len(NAMES) + 1), FACES)
        columns = dict(zip(NAMES, targets.T, strict=True))
        write_csv(paths.array_table(split), table.assign(**columns))
        samples.append(table)
    votes = dict.fromkeys(VOTE_COLUMNS, pd.NA)
    write_csv(paths.SAMPLES, pd.concat(samples).assign(**votes))
    for name in ("fer2013", "mine"):
        write_csv(paths.intended_table(name), pd.DataFrame(columns=["image_id", "intended"]))
    write_csv(paths.TWINS, pd.DataFrame(columns=["image_id", "split"]))
    draw_nothing(monkeypatch)
    network = Model()
    monkeypatch.setattr(keras_file, "load", lambda _: network)
    return network


def views(split: str) -> np.ndarray:
    """What the model says of a split before it is calibrated, as they are and mirrored."""
    faces = np.load(paths.array(split))
    return np.stack([Model().predict(faces), Model().predict(faces[:, :, ::-1])]).astype(float)


def test_probabilities_are_the_mean_of_both_views_calibrated_where_there_is_a_majority(model):
    main_of("evaluate")()
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
    main_of("evaluate")()
    figures = json.loads(paths.EVALUATION_METRICS.read_text(encoding="utf-8"))
    assert list(figures) == ["validation", "test"]
    counts = {name: its["n"] for name, its in figures["test"].items()}
    assert counts == {"most_votes": FACES, "majority": 8}


def training_shares() -> np.ndarray:
    return pd.read_csv(paths.array_table("training"))[list(NAMES)].to_numpy().mean(axis=0)


def training(tempered_power: float = 0) -> TrainingShares:
    """What the model was trained with, as the stage should know it."""
    told = json.loads(paths.CALIBRATION.read_text(encoding="utf-8"))
    return TrainingShares(NAMES, training_shares(), tempered_power, told["temperature"])


def written_prior() -> dict[str, Any]:
    return json.loads(paths.PRIOR.read_text(encoding="utf-8"))


def test_the_tempered_prior_is_measured_with_the_power_that_validation_allows(model):
    """Of the model's own shares: the mean of its training targets."""
    main_of("evaluate")()
    np.testing.assert_allclose(written_prior()["prior"], training_shares(), atol=1e-6)
    found = pd.read_csv(paths.PREDICTIONS)
    found["number"] = found["label"].map(NAMES.index)
    validation = found[(found["split"] == "validation") & found["majority"]]
    power = choose_tempered_power(
        validation[list(NAMES)].to_numpy(), validation["number"].to_numpy(), training(), 0.1
    )
    assert written_prior()["tempered_power"] == power > 0
    test = found[found["split"] == "test"]
    figures = json.loads(paths.EVALUATION_METRICS.read_text(encoding="utf-8"))
    for prior, its_power in (("tempered", power), ("even", 1)):
        expected = tempered_shares(training_shares(), its_power)
        answers = expecting(test[list(NAMES)].to_numpy(), training(), expected)
        accuracy = (answers.argmax(axis=1) == test["number"]).mean()
        found = figures["test"]["most_votes"][prior]["accuracy"]
        assert found == pytest.approx(accuracy, abs=1e-6)


def test_what_was_meant_is_learnt_from_the_validation_pictures_that_tell_it(model, monkeypatch):
    told = pd.DataFrame(
        {
            "image_id": [f"{split}-{n}" for split in ("validation", "test") for n in range(FACES)],
            "intended": [*(("fear", "anger", "disgust") * 4), *(("neutral",) * FACES)],
        }
    )
    write_csv(paths.intended_table("mine"), told)
    main_of("evaluate")()
    assert "intended" not in written_prior()
    monkeypatch.setattr(intention, "FEWEST_PICTURES", 4)
    main_of("evaluate")()
    found = pd.read_csv(paths.PREDICTIONS)
    by_id = told.set_index("image_id")["intended"].iloc[:FACES]
    expected = intention.fit_intention(found[found["split"] == "validation"], by_id, NAMES)
    assert expected.classes == ("anger", "disgust", "fear")
    assert written_prior()["intended"] == expected.describe()
    test = found[found["split"] == "test"]
    answers = expected.of(test[list(NAMES)].to_numpy(), NAMES).argmax(axis=1)
    figures = json.loads(paths.EVALUATION_METRICS.read_text(encoding="utf-8"))
    right = (answers == test["label"].map(NAMES.index)).mean()
    assert figures["test"]["most_votes"]["intended"]["accuracy"] == pytest.approx(right, abs=1e-6)


def test_a_model_that_is_taken_as_it_is_keeps_the_shares_of_its_own_training(model, tmp_path):
    as_it_is = PARAMETERS.replace("epochs: 1, start_from: none", "epochs: 0, start_from: mine")
    (tmp_path / "params.yaml").write_text(as_it_is, encoding="utf-8")
    main_of("evaluate")()
    # Its folder does not tell them, so they are those of this run.
    np.testing.assert_allclose(written_prior()["prior"], training_shares(), atol=1e-6)
    told = [0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]
    card = paths.MODELS / "mine/model.json"
    card.parent.mkdir()
    card.write_text(json.dumps({"classes": NAMES, "prior": told}), encoding="utf-8")
    main_of("evaluate")()
    assert written_prior()["prior"] == pytest.approx(told)


def test_where_nothing_was_trained_on_nothing_is_expected(model):
    table = pd.read_csv(paths.array_table("training"))
    write_csv(paths.array_table("training"), table.iloc[:0])
    main_of("evaluate")()
    assert written_prior() == {}
    figures = json.loads(paths.EVALUATION_METRICS.read_text(encoding="utf-8"))
    assert not {"tempered", "even"} & set(figures["test"]["majority"])


@pytest.mark.parametrize("target", ["x", "-0.1", "", "2"])
def test_targets_that_are_no_shares_are_refused(model, target):
    path = paths.array_table("training")
    table = pd.read_csv(path).astype({"fear": str})
    table.loc[3, "fear"] = target
    write_csv(path, table)
    with pytest.raises(InputError, match=r"data/arrays/training\.csv (cannot be read|holds targe)"):
        main_of("evaluate")()

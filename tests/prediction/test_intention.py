"""What a face was meant to show, as a program, the command and a measurement say it."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from helpers import CLASSES, export
from typer.testing import CliRunner

from expressions import InputError, Recognizer
from expressions.commands.cli import app
from expressions.labels.intention import Intention
from expressions.labels.prior import Prior
from expressions.prediction.measured.models import ExportedFolder, NetworkDescription, Pictures

SHARES = [0.35, 0.27, 0.12, 0.14, 0.08, 0.01, 0.03]
TOLD: dict[str, Any] = {
    "classes": list(CLASSES),
    "weights": (0.5 * np.eye(7) - 0.1 * np.eye(7, k=1)).tolist(),
    "bias": [-2.0, -1, 0, 0, 0.5, 2.5, 0.5],
}
MEANT = Intention(CLASSES, np.array(TOLD["weights"]), np.array(TOLD["bias"]))
FACES = np.random.default_rng(7).integers(0, 256, (9, 48, 48)).astype(np.uint8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return export(tmp_path_factory.mktemp("model"), prior=SHARES, intended=TOLD)


@pytest.fixture(scope="module")
def without(tmp_path_factory) -> Path:
    """A model that knows the shares of its training, and not what was meant."""
    return export(tmp_path_factory.mktemp("without"), prior=SHARES)


@pytest.fixture(scope="module")
def expected(folder) -> np.ndarray:
    raw = Recognizer(folder, prior="training", cut_out=True).probabilities(FACES)
    return MEANT.of(raw, CLASSES)


def test_each_face_is_answered_by_itself(folder, expected):
    recognizer = Recognizer(folder, prior="intended", cut_out=True)
    assert recognizer.prior == recognizer.expects == recognizer.one_by_one().prior == "intended"
    np.testing.assert_allclose(recognizer.probabilities(FACES), expected, atol=1e-5)
    stream = recognizer.recognize_stream(FACES, lambda one: one)
    for found, row in zip(stream, expected, strict=True):
        [one] = found[1]
        assert (one.prior, one.emotion) == ("intended", CLASSES[row.argmax()])
        np.testing.assert_allclose(one.probabilities, row, atol=1e-5)


def test_the_command_says_it(folder, expected, tmp_path):
    path = tmp_path / "0.png"
    path.write_bytes(cv2.imencode(".png", FACES[0])[1].tobytes())
    wish = ["--model", str(folder), "--faces", "--prior", "intended", "--json", str(path)]
    done = CliRunner().invoke(app, ["predict", *wish])
    [face] = json.loads(done.stdout)["faces"]
    assert face["prior"] == "intended"
    np.testing.assert_allclose(list(face["probabilities"].values()), expected[0], atol=1e-5)


def test_a_model_that_does_not_know_it_says_so(without):
    with pytest.raises(InputError, match=r"model\.json does not say .* \(`intended`\).*Take even"):
        Recognizer(without, prior="intended")


def test_it_is_measured_or_all_emotions_are_expected_alike(folder, without, expected):
    faces = Pictures([str(number) for number in range(9)], faces=FACES)
    answers = ExportedFolder(folder, Prior.INTENDED).answer(faces, quiet=True)
    assert (answers.prior, answers.notes) == ("intended", ())
    np.testing.assert_allclose(answers.probabilities, expected, atol=1e-5)
    answers = ExportedFolder(without, Prior.INTENDED).answer(faces, quiet=True)
    why = "it is not known what faces were meant to show, the prior is even"
    assert (answers.prior, answers.notes) == ("even", (why,))
    even = ExportedFolder(without, Prior.EVEN).answer(faces, quiet=True)
    np.testing.assert_array_equal(answers.probabilities, even.probabilities)


@pytest.mark.parametrize(
    "wrong",
    [
        {"classes": [*CLASSES[:6], "joy"]},
        {"classes": CLASSES[:6]},
        {"classes": [*CLASSES[:6], CLASSES[0]]},
        {"classes": [], "weights": [], "bias": []},
        {"weights": TOLD["weights"][:6]},
        {"weights": [row[:6] for row in TOLD["weights"]]},
        {"weights": [*TOLD["weights"][:6], [0.0]]},
        {"bias": [0.0]},
    ],
)
def test_weights_that_do_not_fit_are_refused(wrong):
    described = {"classes": CLASSES, "prior": SHARES}
    assert NetworkDescription(**described, intended=TOLD).training_shares is not None
    with pytest.raises(ValueError, match=r"intended is of .* 7 weights and a bias"):
        NetworkDescription(**described, intended=TOLD | wrong)


@pytest.mark.parametrize("wrong", [{"bias": [float("nan")] * 7}, {"weights": 3}, {"classes": "x"}])
def test_a_card_that_tells_nothing_of_the_kind_is_refused(tmp_path, wrong):
    with pytest.raises(InputError, match=r"model\.json"):
        Recognizer(export(tmp_path, prior=SHARES, intended=TOLD | wrong))

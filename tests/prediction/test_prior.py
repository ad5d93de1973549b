"""What is expected of faces, as a program, the command and a measurement take it."""

import csv
import io
import json
import signal
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import Result
from helpers import CLASSES, export
from typer.testing import CliRunner

from expressions import InputError, Recognizer
from expressions.commands.cli import app
from expressions.labels.prior import Prior, TrainingShares, estimate, expecting, tempered_shares
from expressions.prediction.frames import FrameResult, recognize_frames
from expressions.prediction.measured.models import (
    ExportedFolder,
    NetworkDescription,
    NetworkInFile,
    Pictures,
)
from expressions.prediction.output import JsonLines
from expressions.prediction.predictor import Options, Predictor
from expressions.prediction.sources import find_sources
from expressions.prediction.video_file import write_video

SHARES = [0.35, 0.27, 0.12, 0.14, 0.08, 0.01, 0.03]
TRAINING = np.array(SHARES)
TEMPERATURE = 0.7
KNOWN = TrainingShares(CLASSES, TRAINING, 0.5, TEMPERATURE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return export(
        tmp_path_factory.mktemp("model"), prior=SHARES, tempered_power=0.5, temperature=TEMPERATURE
    )


@pytest.fixture(scope="module")
def without(tmp_path_factory) -> Path:
    """A model that does not say what it was trained with."""
    return export(tmp_path_factory.mktemp("without"))


def noise(count: int) -> list[np.ndarray]:
    """Small pictures that are taken for faces as a whole."""
    rng = np.random.default_rng(7)
    return list(rng.integers(0, 256, (count, 48, 48)).astype(np.uint8))


@pytest.fixture(scope="module")
def raw(folder) -> np.ndarray:
    return Recognizer(folder, prior="training", cut_out=True).probabilities(noise(60))


def rows(answers: list) -> np.ndarray:
    return np.array([one.probabilities for faces in answers for one in faces])


def test_by_default_shares_are_estimated_and_of_few_faces_nearly_those_of_training(folder, raw):
    recognizer = Recognizer(folder, cut_out=True)
    assert (recognizer.prior, recognizer.is_prior_asked) == ("estimated", False)
    estimated = expecting(raw, KNOWN, estimate(raw, KNOWN))
    answers = recognizer.recognize(noise(60))
    np.testing.assert_allclose(rows(answers), estimated, atol=1e-5)
    np.testing.assert_allclose(recognizer.probabilities(noise(60)), estimated, atol=1e-5)
    tempered = expecting(raw, KNOWN, tempered_shares(TRAINING, 0.5))
    for [one], row in zip(recognizer.recognize(noise(60)[:9]), tempered[:9], strict=True):
        assert (one.emotion, one.prior) == (CLASSES[row.argmax()], "tempered")
        np.testing.assert_allclose(one.probabilities, row, atol=1e-5)
    np.testing.assert_allclose(recognizer.probabilities(noise(60)[:9]), tempered[:9], atol=1e-5)


def test_faces_that_come_one_by_one_are_no_estimate(folder, raw):
    tempered = expecting(raw, KNOWN, tempered_shares(TRAINING, 0.5))
    for prior in (None, "estimated", "tempered"):
        recognizer = Recognizer(folder, prior=prior, cut_out=True)
        answers = [faces for _, faces in recognizer.recognize_stream(noise(60), lambda one: one)]
        np.testing.assert_allclose(rows(answers), tempered, atol=1e-5)
    assert Recognizer(folder).one_by_one().prior == "tempered"
    asked = Recognizer(folder, prior="estimated", cut_out=True)
    assert asked.one_by_one() is asked
    # What is estimated once stays, also for other faces than those.
    seen = asked.after(raw)
    expected = expecting(raw[:55], KNOWN, estimate(raw, KNOWN))
    np.testing.assert_allclose(rows(seen.recognize(noise(60)[:55])), expected, atol=1e-5)
    np.testing.assert_allclose(seen.probabilities(noise(60)[:55]), expected, atol=1e-5)


def test_the_prior_of_training_leaves_what_the_network_says(folder, raw):
    recognizer = Recognizer(folder, prior="training", cut_out=True)
    [[one]] = recognizer.recognize(noise(60)[:1])
    np.testing.assert_array_equal(one.probabilities, raw[0])
    assert one.prior == "training"


def test_shares_are_estimated_from_the_faces_that_are_given_together(folder, raw):
    recognizer = Recognizer(folder, prior="estimated", cut_out=True)
    expected = expecting(raw, KNOWN, estimate(raw, KNOWN))
    answers = recognizer.recognize(noise(60))
    np.testing.assert_allclose(rows(answers), expected, atol=1e-5)
    np.testing.assert_allclose(recognizer.probabilities(noise(60)), expected, atol=1e-5)
    assert {one.prior for faces in answers for one in faces} == {"estimated"}
    assert [faces[0].emotion for faces in answers] == [CLASSES[row.argmax()] for row in expected]
    # What was given before is forgotten, and too few are taken as by default.
    tempered = expecting(raw[:49], KNOWN, tempered_shares(TRAINING, 0.5))
    few = recognizer.recognize(noise(60)[:49])
    np.testing.assert_allclose(rows(few), tempered, atol=1e-5)
    assert {one.prior for faces in few for one in faces} == {"tempered"}
    [alone] = recognizer.recognize(noise(1)[0])
    assert alone.prior == "tempered"
    assert recognizer.recognize([]) == []


def test_a_model_that_does_not_say_what_it_was_trained_with_is_taken_as_it_is(without):
    recognizer = Recognizer(without)
    assert recognizer.prior == recognizer.expects == recognizer.one_by_one().prior == "training"
    for prior in ("tempered", "even", "estimated"):
        with pytest.raises(InputError, match=rf"model\.json does not name .* so {prior} cannot"):
            Recognizer(without, prior=prior)


def test_a_model_that_names_no_power_stays_with_the_shares_of_its_training(tmp_path, raw):
    recognizer = Recognizer(
        export(tmp_path, prior=SHARES, temperature=TEMPERATURE), prior="tempered", cut_out=True
    )
    expected = expecting(raw, KNOWN, TRAINING)
    np.testing.assert_allclose(recognizer.probabilities(noise(60)), expected, atol=1e-5)


def test_another_prior_is_refused(folder):
    with pytest.raises(
        InputError, match=r"prior is 'evn'\. Expected is one of training, tempered, even"
    ):
        Recognizer(folder, prior="evn")


@pytest.mark.parametrize("prior", [[1.0], [0.1] * 7, [-0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2]])
def test_a_card_whose_shares_are_none_is_refused(tmp_path, prior):
    with pytest.raises(InputError, match=r"model\.json.*(shares that add up to|greater than)"):
        Recognizer(export(tmp_path, prior=prior))


def run(*arguments: object) -> Result:
    done = CliRunner().invoke(app, ["predict", *map(str, arguments)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    """52 pictures, and a film that shows six more."""
    made = tmp_path_factory.mktemp("pictures")
    pictures = noise(60)
    for number, picture in enumerate(pictures[:52]):
        (made / f"{number:02}.png").write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    with write_video(made / "film.mp4", 25) as write:
        for number, picture in enumerate(pictures[52:58]):
            write(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), number / 25)
    return made


def test_the_command_says_of_each_face_what_was_expected(folder, files):
    pictures = sorted(files.glob("*.png"))
    done = run("--model", folder, "--json", "--faces", "--quiet", *pictures[:3])
    said = [json.loads(line)["faces"][0]["prior"] for line in done.stdout.splitlines()]
    assert said == ["tempered"] * 3
    done = run("--model", folder, "--json", "--prior", "training", "--quiet", *pictures[:1])
    # What the network says itself needs no word.
    assert list(json.loads(done.stdout)["faces"][0]) == [
        "box", "confidence", "emotion", "probabilities", "whole_picture"
    ]  # fmt: skip
    done = run("--model", folder, "--csv", "--prior", "training", "--quiet", *pictures[:3])
    assert [row["prior"] for row in csv.DictReader(io.StringIO(done.stdout))] == ["training"] * 3


def test_the_command_estimates_from_all_that_it_looks_at(folder, files, raw):
    film = files / "film.mp4"
    done = run("--model", folder, "--json", "--faces", "--prior", "estimated", files, film)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == 58
    assert {line["faces"][0]["prior"] for line in lines} == {"estimated"}
    assert "note: the prior is estimated from 58 faces." in done.stderr
    # The film's frames are not to the bit what went into it.
    found = np.array([list(line["faces"][0]["probabilities"].values()) for line in lines[:52]])
    expected = expecting(raw[:52], KNOWN, estimate(raw[:58], KNOWN))
    np.testing.assert_allclose(found, expected, atol=0.02)
    assert abs(found - raw[:52]).max() > 0.1


def test_by_default_the_command_estimates_from_the_pictures_alone(folder, files, raw):
    """The frames of a film are so alike that they are no estimate."""
    film = files / "film.mp4"
    names = [str(film), *map(str, sorted(files.glob("*.png")))]
    done = run("--model", folder, "--json", "--faces", *names)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["source"] for line in lines] == [names[0]] * 6 + names[1:]
    priors = [line["faces"][0]["prior"] for line in lines]
    assert priors == ["tempered"] * 6 + ["estimated"] * 52
    assert "note: the prior is estimated from 52 faces." in done.stderr
    found = np.array([list(line["faces"][0]["probabilities"].values()) for line in lines[6:]])
    np.testing.assert_allclose(
        found, expecting(raw[:52], KNOWN, estimate(raw[:52], KNOWN)), atol=1e-5
    )
    few = run("--model", folder, "--json", "--faces", *names[:9])
    assert {json.loads(line)["faces"][0]["prior"] for line in few.stdout.splitlines()} == {
        "tempered"
    }
    assert "too few" not in few.stderr
    table = run("--model", folder, "--faces", *names[1:])
    found = [line.split()[3] for line in table.stdout.splitlines() if " whole " in line]
    assert found == [line["faces"][0]["emotion"] for line in lines[6:]]


def test_what_is_estimated_is_drawn_and_errors_stand_in_their_place(folder, files, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes((files / "00.png").read_bytes()[:60])
    names = [*map(str, sorted(files.glob("*.png"))), str(broken)]
    plain = run("--model", folder, "--json", "--faces", *names)
    drawn = run("--model", folder, "--json", "--faces", "--annotate", tmp_path / "out", *names)
    assert plain.exit_code == drawn.exit_code == 1
    assert plain.stdout == drawn.stdout
    last = json.loads(plain.stdout.splitlines()[-1])
    assert list(last) == ["source", "error"]
    assert len(list((tmp_path / "out").glob("*.jpg"))) == 52


def test_on_ctrl_c_what_was_seen_until_then_is_written(folder, files, monkeypatch, capsys):
    """And estimated from; what comes after it is not looked at, not even a film."""
    recognizer = Recognizer(folder, cut_out=True)
    predictor = Predictor(recognizer, JsonLines(recognizer.classes), Options(quiet=True))
    looked = []

    def recognize(*arguments: object) -> Iterator[FrameResult]:
        for result in recognize_frames(*arguments):
            looked.append(result)
            if len(looked) == 51:
                predictor.stop()
            yield result

    monkeypatch.setattr("expressions.prediction.predictor.recognize_frames", recognize)
    names = [*map(str, sorted(files.glob("*.png"))), str(files / "film.mp4")]
    sources = find_sources(names, None).files
    before = signal.getsignal(signal.SIGINT)
    try:
        with pytest.raises(KeyboardInterrupt):
            predictor.run(sources)
    finally:
        signal.signal(signal.SIGINT, before)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == len(looked) == 51
    assert {line["faces"][0]["prior"] for line in lines} == {"estimated"}


def test_too_few_faces_are_said_and_taken_as_by_default(folder, files):
    pictures = sorted(files.glob("*.png"))[:3]
    done = run("--model", folder, "--json", "--faces", "--prior", "estimated", *pictures)
    assert "note: 3 faces are too few to estimate how often each emotion is expected" in done.stderr
    assert "which takes 50. The prior is tempered." in done.stderr
    for line in done.stdout.splitlines():
        assert json.loads(line)["faces"][0]["prior"] == "tempered"


def test_a_camera_cannot_be_looked_at_twice(folder):
    with pytest.raises(InputError, match="looks at everything once before"):
        run("--model", folder, "--prior", "estimated", "--camera", "0")


class Fixed:
    """Gives what it is told, whatever the pictures."""

    input = type("Input", (), {"height": 48, "width": 48, "channels": 1})()

    def __init__(self, answers: np.ndarray) -> None:
        self._answers = answers

    def answer(self, pictures: np.ndarray) -> np.ndarray:
        return self._answers[: len(pictures)].astype(np.float32)


def test_models_of_each_kind_are_measured_under_a_prior(folder, raw):
    faces = Pictures([str(number) for number in range(60)], faces=np.stack(noise(60)))
    described = NetworkDescription(
        classes=CLASSES, prior=tuple(SHARES), tempered_power=0.5, temperature=TEMPERATURE
    )
    estimated = (Prior.ESTIMATED, expecting(raw, KNOWN, estimate(raw, KNOWN)))
    expected = {
        None: estimated,
        Prior.TRAINING: (Prior.TRAINING, raw),
        Prior.TEMPERED: (Prior.TEMPERED, expecting(raw, KNOWN, tempered_shares(TRAINING, 0.5))),
        Prior.EVEN: (Prior.EVEN, expecting(raw, KNOWN, np.full(len(CLASSES), 1 / len(CLASSES)))),
        Prior.ESTIMATED: estimated,
    }
    for prior, (name, probabilities) in expected.items():
        for model in (ExportedFolder(folder, prior), NetworkInFile(Fixed(raw), described, prior)):
            answers = model.answer(faces, quiet=True)
            assert (answers.prior, answers.notes) == (name, ())
            np.testing.assert_allclose(answers.probabilities, probabilities, atol=1e-5)


def test_what_cannot_be_expected_is_said(folder, without, raw):
    few = Pictures(["a", "b"], faces=np.stack(noise(2)))
    answers = ExportedFolder(folder, Prior.ESTIMATED).answer(few, quiet=True)
    assert answers.prior == "tempered"
    assert answers.notes == ("2 faces are too few to estimate from, the prior is tempered",)
    answers = ExportedFolder(folder).answer(few, quiet=True)
    assert (answers.prior, answers.notes) == ("tempered", ())
    answers = ExportedFolder(without, Prior.EVEN).answer(few, quiet=True)
    assert answers.prior == "training"
    assert answers.notes == ("it is not known what it was trained with, so the prior is training",)
    assert ExportedFolder(without).answer(few, quiet=True).notes == ()

"""`expressions measure` as users run it."""

import json
import re
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from helpers import CLASSES, export, keep_axes, write_fer2013_tables
from typer.testing import CliRunner

from expressions.commands.cli import app
from expressions.datasets.synthetic.layouts import draw_photograph
from expressions.errors import InputError
from expressions.evaluation import diagrams

HOSTILE = "<script>alert(1)<∕script>&.png"


@pytest.fixture(scope="module")
def photographs(tmp_path_factory) -> Path:
    """Four painted persons, one empty studio, one file that is no picture, one of contempt."""
    folder = tmp_path_factory.mktemp("photographs") / "my photos"
    rng = np.random.default_rng(3)
    named = {"Happy/a.png": "happiness", "Happy/b.png": "happiness", "anger/c.png": "anger",
             f"anger/{HOSTILE}": "anger", "Contempt/d.png": "contempt"}  # fmt: skip
    for name, emotion in named.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        picture = draw_photograph(emotion, False, rng)
        (folder / name).write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    empty = np.full((300, 300, 3), 90, np.uint8)
    (folder / "anger/nobody.png").write_bytes(cv2.imencode(".png", empty)[1].tobytes())
    (folder / "anger/broken.jpg").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return export(tmp_path_factory.mktemp("model"))


def run(*arguments: object, code: int = 0):
    done = CliRunner().invoke(app, ["measure", *map(str, arguments), "--quiet"])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done


def test_a_folder_and_another_programs_table_are_measured_and_compared(
    photographs, model, tmp_path
):
    theirs = tmp_path / "theirs.csv"
    theirs.write_text(
        "file,happy,angry\nHappy/a.png,0.9,0.1\nHappy/b.png,0.2,0.8\nc.png,0.25,0.75\n"
        "nobody.png,,\nbroken.jpg,0,1\n",
        encoding="utf-8",
    )
    done = run(photographs, "--model", model, "--model", theirs, "--json")
    assert "broken.jpg: no picture that can be read; left out" in done.stderr
    assert "theirs.csv: 2 pictures have no row" in done.stderr
    content = json.loads(done.stdout)
    assert content["left_out"] == {"unreadable": 1}
    ours, others = content["models"][str(model)], content["models"][str(theirs)]
    assert (ours["n"], ours["no_face"], ours["left_out"]) == (5, 1, {"contempt": 1})
    assert ours["classes"] == list(CLASSES)
    assert ours["faces_per_second"] > 0
    assert (others["n"], others["no_face"]) == (5, 2)
    assert others["accuracy"] == 2 / 5
    assert others["classes"] == ["happiness", "anger"]
    # 0.9 and 0.75 right, 0.8 wrong: each in a bin of its own.
    assert others["ece"] == pytest.approx((0.1 + 0.25 + 0.8) / 3, abs=1e-6)
    (difference,) = content["differences"]
    assert difference["classes"] == ["happiness", "anger"]
    assert difference["accuracy_low"] <= difference["accuracy"] <= difference["accuracy_high"]


def test_the_answers_that_predict_writes_give_its_figures(photographs, model, tmp_path):
    written = CliRunner().invoke(
        app, ["predict", str(photographs), "--model", str(model), "--csv", "--quiet"]
    )
    answers = tmp_path / "answers.csv"
    answers.write_text(written.stdout, encoding="utf-8")
    done = run(photographs, "--model", model, "--model", answers, "--json")
    content = json.loads(done.stdout)
    first, second = content["models"].values()
    for key in ("n", "no_face", "accuracy", "macro_f1", "balanced_accuracy", "confusion"):
        assert first[key] == second[key], key
    assert first["ece"] == pytest.approx(second["ece"], abs=1e-5)
    assert content["differences"][0]["accuracy"] == 0


def test_a_network_in_a_file_needs_its_classes_named(photographs, tmp_path):
    # Without a description faces are framed as for photographs by default.
    model = export(tmp_path / "model", framing={"margin": -0.03})
    by_options = run(photographs, "--model", model / "model.onnx", "--json",
                     "--classes", ",".join(CLASSES))  # fmt: skip
    folder = json.loads(run(photographs, "--model", model, "--json").stdout)
    (ours,), (expected,) = (
        content["models"].values() for content in (json.loads(by_options.stdout), folder)
    )
    assert ours["confusion"] == expected["confusion"]
    assert ours["ece"] == pytest.approx(expected["ece"], abs=1e-5)
    # Without the option, by `model.json` beside it.
    beside = json.loads(run(photographs, "--model", model / "model.onnx", "--json").stdout)
    assert beside["models"][str(model / "model.onnx")]["confusion"] == expected["confusion"]


def test_the_reference_model_is_measured_where_none_is_named(photographs, model, monkeypatch):
    monkeypatch.setattr("expressions.commands.measure.default_folder", lambda: model)
    said = " ".join(run(photographs).stdout.split())
    assert str(model) in said
    assert "left out: 1 unreadable" in said


def test_the_page_holds_everything_and_no_name_as_markup(photographs, model, tmp_path, monkeypatch):
    axes = keep_axes(monkeypatch, diagrams)
    page = tmp_path / "page.html"
    # A name that moves the cursor, in no encoding.
    wrong = tmp_path / "wrong\x1b\udce9.csv"
    rows = [f"{path.name},0.1,0.9" for path in sorted((photographs / "Happy").iterdir())]
    rows += ["c.png,0.7,0.3", f"{HOSTILE},0.95,0.05"]
    wrong.write_text("\n".join(["file,happy,anger", *rows]), encoding="utf-8")
    told = run(photographs, "--model", model, "--model", wrong, "--html", page)
    assert told.output.replace("\n", "").isprintable()
    assert "wrong\\x1b\\udce9.csv" in told.stdout
    html = page.read_text("utf-8")
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    sources = re.findall(r'src="([^"]{0,30})', html)
    assert len(sources) == len(axes) + html.count("<figcaption>")
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    said = " ".join(re.sub(r"<[^>]*>", " ", html.split("<body>")[1]).split())
    assert "Left out: 1 unreadable." in said
    shown = str(wrong).replace("\udce9", "\\udce9")
    assert f"{shown} most votes training 5 1 0.0 % [0.0, 0.0]" in said
    # The surest first.
    captions = re.findall(r"<figcaption>([^<]*)<", html)[-4:]
    assert [caption.split(":")[0] for caption in captions] == [
        "anger, not happiness (95.0 %)",
        "happiness, not anger (90.0 %)",
        "happiness, not anger (90.0 %)",
        "anger, not happiness (70.0 %)",
    ]
    assert "happ ange none happiness 0 2 0 anger 2 0 1" in said
    assert "Not measured on emotions that it does not know: 1 contempt." in said
    assert "right alone on" in said
    # Four pictures in the bins of the second model: two at 0.9, one at 0.95, one at 0.7.
    stairs = axes[-1][1].patches[0].get_data().values
    assert stairs.sum() == 4
    assert stairs[[10, 13, 14]].tolist() == [1, 2, 1]


def test_an_error_on_a_picture_that_cannot_be_shown_is_still_named(photographs, tmp_path):
    """Where nobody looks at the pictures, nobody notices that one is none."""
    theirs = tmp_path / "theirs.csv"
    theirs.write_text("file,happy,anger\nbroken.jpg,0.75,0.25\n", encoding="utf-8")
    run(photographs, "--model", theirs, "--html", tmp_path / "page.html")
    html = (tmp_path / "page.html").read_text("utf-8")
    assert "anger, not happiness (75.0 %): anger/broken.jpg" in html
    assert html.count("<figcaption>") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "nowhere is missing"),
        (["{photos}", "--model", "{model}", "--model", "{model}"], "twice"),
        (["{photos}", "--model", "nowhere"], "nowhere is no folder of an exported model"),
        (["{photos}", "--model", "net.onnx"], "net.onnx is missing"),
        (["{photos}", "--model", "{bare}"], "--classes neutral,happiness"),
        (["{photos}", "--model", "{bare}", "--classes", "neutral,hapy"], "'hapy' is no emotion"),
        (["{photos}", "--model", "{bare}", "--classes", "sad,Sadness"], "stands twice among"),
        (["{photos}", "--model", "{bare}", "--classes", "sad,fear"], "7 outputs.*2 classes"),
    ],
)
def test_a_mistake_ends_with_its_message(photographs, model, tmp_path, arguments, message):
    bare = tmp_path / "bare.onnx"
    bare.write_bytes((model / "model.onnx").read_bytes())
    filled = [text.format(photos=photographs, model=model, bare=bare) for text in arguments]
    with pytest.raises(InputError, match=message):
        run(*filled)


def test_a_model_that_knows_none_of_the_emotions_is_refused(photographs, tmp_path):
    theirs = tmp_path / "theirs.csv"
    theirs.write_text("file,fear,sad\nc.png,0.5,0.5\n", encoding="utf-8")
    with pytest.raises(InputError, match="knows none of the emotions"):
        run(photographs, "--model", theirs)


def test_predictions_of_the_pipeline_can_be_measured(tmp_path):
    """`data/predictions.csv` has `image_id` and more columns."""
    table = pd.DataFrame({"image_id": ["a.jpg", "b.jpg"], "split": "test", "label": "fear"})
    table[["neutral", "fear"]] = [[0.9, 0.1], [0.2, 0.8]]
    table.to_csv(tmp_path / "predictions.csv", index=False)
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / "fear").mkdir(exist_ok=True)
        (tmp_path / "fear" / name).write_bytes(b"")
    done = run(tmp_path, "--model", tmp_path / "predictions.csv", "--json")
    (model,) = json.loads(done.stdout)["models"].values()
    assert (model["n"], model["accuracy"]) == (2, 0.5)


def test_fer2013_is_measured_by_its_protocols_with_twins_apart(model, tmp_path):
    rows = [
        ("Training", 10, {"fear": 10}),
        ("PrivateTest", 10, {"fear": 10}),
        ("PrivateTest", 20, {"fear": 5, "anger": 3, "sadness": 2}),
        ("PrivateTest", 30, {"neutral": 10}),
        ("PrivateTest", 40, {"NF": 10}),
    ]
    folder = write_fer2013_tables(tmp_path, rows)
    theirs = tmp_path / "theirs.csv"
    theirs.write_text(
        "image_id,fear,neutral,anger\nfer2013-00001,0.8,0.1,0.1\n"
        "fer2013-00002,0.6,0.4,0\nfer2013-00003,0.9,0.1,0\n",
        encoding="utf-8",
    )
    page = tmp_path / "page.html"
    done = run(folder, "--model", theirs, "--model", model, "--json", "--html", page)
    content = json.loads(done.stdout)
    assert content["left_out"] == {"not_a_face": 1}
    most, majority = content["models"][str(theirs)]["protocols"].values()
    assert (most["n"], most["accuracy"]) == (3, 0.666667)
    # Five of ten are no majority.
    assert (majority["n"], majority["accuracy"]) == (2, 0.5)
    assert most["twins"]["n"] == 1
    assert most["without_twins"]["accuracy"] == 0.5
    # All ten agree on two pictures; five of ten, against the others' most votes, on the third.
    assert most["human_accuracy"] == pytest.approx((10 + 5 + 10) / 30, abs=1e-6)
    assert [one["protocol"] for one in content["differences"]] == ["most_votes", "majority"]
    ours = content["models"][str(model)]
    assert (ours["n"], ours["no_face"]) == (3, 0)
    said = [" ".join(line.split()) for line in run(folder, "--model", theirs).stdout.splitlines()]
    assert any(line.startswith(f"{theirs}, most votes training 3 0 0.6667 [") for line in said)
    assert any(line.startswith("twins 1 1.0000 [") for line in said)
    assert any(line.startswith("without twins 2 0.5000 [") for line in said)
    assert f"{theirs}, majority: recall and precision, and what was answered" in said
    html = page.read_text("utf-8")
    assert "fear (90.0 %): fer2013-00003" in html
    assert "without twins" in html

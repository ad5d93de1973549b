"""`Recognizer` and `expressions predict` on pictures, videos and mistakes, as users run them."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers import CLASSES, export

from expressions import Recognizer
from expressions.datasets.synthetic.layouts import draw_photograph
from expressions.errors import InputError
from expressions.prediction.exported_model import ExportedModel


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return export(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def recognizer(model) -> Recognizer:
    return Recognizer(model)


@pytest.fixture(scope="module")
def photographs() -> list[np.ndarray]:
    """Two of one person, one of two persons, one of nobody."""
    rng = np.random.default_rng(3)
    first, second = (draw_photograph(emotion, False, rng) for emotion in ("happiness", "anger"))
    size = first.shape[1], first.shape[0]
    both = np.hstack([first, cv2.resize(second, size)])
    return [first, second, both, np.full_like(first, 90)]


@pytest.fixture(scope="module")
def pictures(photographs, tmp_path_factory) -> Path:
    """The photographs as files in a folder, and one file that is no picture."""
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "deeper").mkdir()
    names = ("a.png", "b.PNG", "deeper/both.png", "nobody.png")
    for name, picture in zip(names, photographs, strict=True):
        (folder / name).write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    (folder / "broken.jpg").write_bytes(b"no picture")
    (folder / "notes.txt").write_text("no picture either", encoding="utf-8")
    return folder


def write_video(path: Path, picture: np.ndarray, length: int) -> Path:
    """The picture swaying for `length` frames, 25 a second."""
    height, width = (side // 2 * 2 for side in picture.shape[:2])
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 25, (width, height))
    for number in range(length):
        move = np.array([[1, 0, 8 * np.sin(number / 5)], [0, 1, 0]], np.float32)
        moved = cv2.warpAffine(picture, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
        writer.write(moved)
    writer.release()
    return path


@pytest.fixture(scope="module")
def video(photographs, tmp_path_factory) -> Path:
    return write_video(tmp_path_factory.mktemp("video") / "two.mp4", photographs[2], 60)


def run(*arguments: str | Path, **options) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).parent / "expressions", "predict", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def lines(done: subprocess.CompletedProcess[str]) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_arrays_in_arrays_out(recognizer, photographs):
    found = recognizer.recognize(photographs)
    assert [len(faces) for faces in found] == [1, 1, 2, 0]
    for recognition in (one for faces in found for one in faces):
        assert recognition.probabilities.shape == (7,)
        assert recognition.probabilities.dtype == np.float32
        assert recognition.probabilities.sum() == pytest.approx(1, abs=1e-5)
        assert recognition.emotion == CLASSES[recognition.probabilities.argmax()]
    sizes = [one.face.width * one.face.height for one in found[2]]
    assert sizes == sorted(sizes, reverse=True)
    assert recognizer.recognize([]) == []


def test_a_picture_has_the_same_answer_in_any_company(recognizer, photographs):
    alone = [recognizer.recognize([picture])[0] for picture in photographs]
    together = recognizer.recognize(photographs * 12)
    for place, faces in enumerate(together):
        expected = alone[place % len(photographs)]
        assert [one.face[:5] for one in faces] == [one.face[:5] for one in expected]
        for one, other in zip(faces, expected, strict=True):
            np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-6)


def test_a_mirrored_face_counts_as_much_where_the_metrics_did_so(tmp_path):
    faces = np.random.default_rng(2).integers(0, 256, (3, 48, 48)).astype(np.uint8)
    plain = ExportedModel(export(tmp_path / "plain"))
    flipped = ExportedModel(export(tmp_path / "flipped", flip=True))
    both = (plain.probabilities(faces) + plain.probabilities(faces[:, :, ::-1])) / 2
    np.testing.assert_allclose(flipped.probabilities(faces), both, atol=1e-6)
    assert not np.allclose(plain.probabilities(faces), both, atol=1e-3)
    assert plain.probabilities(faces[:0]).shape == (0, 7)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / "model.json").unlink(), "holds no model.json"),
        (lambda folder: (folder / "model.onnx").unlink(), "holds no model.onnx"),
        (lambda folder: (folder / "model.onnx").write_bytes(b"x"), "model.onnx is damaged"),
        (lambda folder: (folder / "model.json").write_text("{}"), "model.json.name: Field requi"),
        (lambda folder: export(folder, classes=["a", "b"]), "has 7 outputs, model.json names 2"),
    ],
)
def test_a_folder_that_is_no_model_is_named(tmp_path, damage, message):
    damage(export(tmp_path))
    with pytest.raises(InputError, match=message):
        ExportedModel(tmp_path)


def test_json_has_one_line_a_picture_and_the_exit_code_tells_of_errors(model, pictures):
    done = run("--json", "--model", model, pictures, "missing.png")
    assert done.returncode == 1
    by_name = {Path(line["source"]).name: line for line in lines(done)}
    assert list(by_name) == ["a.png", "b.PNG", "broken.jpg", "both.png", "nobody.png",
                             "missing.png"]  # fmt: skip
    assert by_name["nobody.png"]["faces"] == []
    assert len(by_name["both.png"]["faces"]) == 2
    assert by_name["broken.jpg"].keys() == {"source", "error"}
    assert by_name["missing.png"]["error"] == "No such file or directory"
    face = by_name["a.png"]["faces"][0]
    assert list(face) == ["box", "confidence", "emotion", "probabilities"]
    assert len(face["box"]) == 4
    assert list(face["probabilities"]) == list(CLASSES)
    assert "Traceback" not in done.stderr
    assert run("--json", "--model", model, pictures / "a.png").returncode == 0


def test_the_command_line_says_what_the_recognizer_says(model, pictures, recognizer, photographs):
    line = lines(run("--json", "--quiet", "--model", model, pictures / "a.png"))[0]
    expected = recognizer.recognize(photographs[:1])[0][0]
    assert line["faces"][0]["box"] == list(expected.face[:4])
    said = list(line["faces"][0]["probabilities"].values())
    np.testing.assert_allclose(said, expected.probabilities, atol=1e-6)


def test_csv_has_a_row_a_face_and_the_table_is_to_be_read(model, pictures):
    rows = list(csv.DictReader(io.StringIO(run("--csv", "--model", model, pictures).stdout)))
    names = [Path(row["source"]).name for row in rows]
    assert names == ["a.png", "b.PNG", "broken.jpg", "both.png", "both.png", "nobody.png"]
    assert rows[2]["error"] == "no picture that can be read"
    assert [bool(row["emotion"]) for row in rows] == [True, True, False, True, True, False]
    table = run("--model", model, pictures, env=os.environ | {"COLUMNS": "150"}).stdout
    assert table.splitlines()[0].split()[-7:] == list(CLASSES)
    assert "no face" in table
    assert "error: no picture" in table


def test_a_pattern_means_its_files_and_quiet_is_quiet(model, pictures):
    done = run("--json", "--quiet", "--model", model, f"{pictures}/**/*.png")
    assert sorted(Path(line["source"]).name for line in lines(done)) == [
        "a.png", "both.png", "nobody.png"]  # fmt: skip
    assert done.stderr == ""


def test_annotated_pictures_keep_their_folders_and_differ_at_the_face(
    model, pictures, tmp_path, photographs
):
    run("--quiet", "--annotate", tmp_path, "--model", model, pictures)
    written = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.*"))
    assert written == ["a.jpg", "b.jpg", "deeper/both.jpg", "nobody.jpg"]
    nobody = cv2.imread(str(tmp_path / "nobody.jpg"))
    assert np.abs(nobody.astype(int) - photographs[3]).max() < 8
    drawn = cv2.imread(str(tmp_path / "a.jpg"))
    assert (np.abs(drawn.astype(int) - photographs[0]).max(axis=2) > 60).sum() > 500


def test_a_video_has_a_line_a_frame_and_persons_who_stay(model, video, tmp_path):
    done = run("--json", "--model", model, "--annotate", tmp_path, video)
    assert done.returncode == 0
    seen = lines(done)
    assert [line["frame"] for line in seen] == list(range(60))
    assert seen[25]["time"] == 1.0
    assert {tuple(face["person"] for face in line["faces"]) for line in seen} <= {(1, 2), (2, 1)}
    assert all(sum(face["smoothed"].values()) == pytest.approx(1, abs=1e-4)
               for line in seen for face in line["faces"])  # fmt: skip
    drawn = cv2.VideoCapture(str(tmp_path / "two.mp4"))
    assert (drawn.get(cv2.CAP_PROP_FRAME_COUNT), drawn.get(cv2.CAP_PROP_FPS)) == (60, 25)
    assert cv2.imread(str(tmp_path / "two.png")) is not None


def test_fewer_frames_of_a_video_by_number_or_by_rate(model, video):
    every = lines(run("--json", "--model", model, "--every", "10", video))
    assert [line["frame"] for line in every] == [0, 10, 20, 30, 40, 50]
    assert lines(run("--json", "--model", model, "--fps", "2.5", video)) == every
    table = run("--model", model, "--every", "10", video).stdout.splitlines()
    assert len(table) == 3, "a header and two persons"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--json", "--csv", "a.png"], "exclude each other"),
        (["--fps", "2", "--every", "2", "a.mp4"], "exclude each other"),
        ([], "nothing to look at"),
        (["--camera", "9"], "There is no camera 9"),
        (["--model", "nowhere", "a.png"], "nowhere holds no model.json"),
    ],
)
def test_a_mistake_on_the_command_line_ends_with_one_message(model, arguments, message):
    chosen = [] if "--model" in arguments else ["--model", model]
    done = run(*arguments, *chosen)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert "[ WARN" not in done.stderr


def test_a_damaged_video_is_an_error_among_the_others(model, pictures, tmp_path):
    (tmp_path / "damaged.mp4").write_bytes(b"no video")
    done = run("--json", "--model", model, tmp_path / "damaged.mp4", pictures / "a.png")
    assert done.returncode == 1
    assert [set(line) for line in lines(done)] == [{"source", "error"}, {"source", "faces"}]


def test_ctrl_c_leaves_what_was_done_valid(model, photographs, tmp_path):
    long = write_video(tmp_path / "long.mp4", photographs[0], 700)
    command = [Path(sys.executable).parent / "expressions", "predict", "--json", "--quiet",
               "--model", model, "--annotate", tmp_path / "out", long]  # fmt: skip
    with (tmp_path / "stderr").open("w") as stderr:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True)
    first = [process.stdout.readline() for _ in range(10)]
    process.send_signal(signal.SIGINT)
    frames_seen = [json.loads(line)["frame"] for line in [*first, *process.stdout]]
    assert process.wait(60) == 130
    assert "Traceback" not in (tmp_path / "stderr").read_text()
    assert frames_seen == list(range(len(frames_seen)))
    assert len(frames_seen) < 700
    drawn = cv2.VideoCapture(str(tmp_path / "out/long.mp4"))
    assert abs(drawn.get(cv2.CAP_PROP_FRAME_COUNT) - len(frames_seen)) <= 1
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["long.mp4", "long.png"]

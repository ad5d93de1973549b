"""The three forms of output, from results made by hand."""

import csv
import io
import json
import os

import numpy as np
import pytest
from helpers import CLASSES

from expressions.faces.detection.mtcnn import Face
from expressions.prediction.frames import FaceResult, Frame, FrameResult
from expressions.prediction.output import CsvRows, JsonLines, Table
from expressions.prediction.persons import Persons
from expressions.prediction.recognizer import Recognition
from expressions.prediction.sources import Medium, Source

PICTURE = Source("photos/a.jpg", "a")
VIDEO = Source("talk.mp4", "talk", Medium.VIDEO)
PIXELS = np.zeros((9, 9, 3), np.uint8)
ROW = np.array([0.1, 0.6, 0.3, 0, 0, 0, 0], np.float32)


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch):
    """Names of emotions are written out."""
    monkeypatch.setenv("COLUMNS", "200")


def face(person: int | None = None, smoothed: np.ndarray | None = None) -> FaceResult:
    found = Face(10.25, 20, 30, 40, 0.9, np.zeros((5, 2)))
    return FaceResult(Recognition(found, "happiness", ROW), person, smoothed)


def of_picture(*faces: FaceResult, note: str = "") -> FrameResult:
    return FrameResult(Frame(PICTURE, PIXELS, note=note), list(faces))


def of_video(*faces: FaceResult, number: int = 5) -> FrameResult:
    return FrameResult(Frame(VIDEO, PIXELS, number=number, time=0.2), list(faces))


ERROR = FrameResult(Frame(PICTURE, None, "an empty file"), [])
NOTE = FrameResult(Frame(VIDEO, None, note="its frames end early"), [])


def test_json_of_a_picture():
    line = JsonLines(CLASSES).text_of(of_picture(face(), note="one of 2"))
    assert line.endswith("\n")
    assert json.loads(line) == {
        "source": "photos/a.jpg",
        "faces": [
            {
                "box": [10.25, 20, 30, 40],
                "confidence": 0.9,
                "emotion": "happiness",
                "probabilities": dict(zip(CLASSES, ROW.astype(float).round(6), strict=True)),
            }
        ],
        "note": "one of 2",
    }


def test_json_of_a_frame_and_of_what_is_none():
    form = JsonLines(CLASSES)
    content = json.loads(form.text_of(of_video(face(2, ROW[::-1]))))
    assert (content["frame"], content["time"]) == (5, 0.2)
    assert content["faces"][0]["person"] == 2
    assert list(content["faces"][0]["smoothed"].values()) == pytest.approx(ROW[::-1].tolist())
    assert json.loads(form.text_of(ERROR)) == {"source": "photos/a.jpg", "error": "an empty file"}
    assert json.loads(form.text_of(NOTE)) == {"source": "talk.mp4", "note": "its frames end early"}
    assert form.text_of_video(VIDEO, []) == ""


def test_a_picture_that_is_taken_for_a_face_is_told_in_every_form():
    one = face().recognition
    whole = of_picture(FaceResult(one._replace(whole_picture=True)), FaceResult(one))
    faces = json.loads(JsonLines(CLASSES).text_of(whole))["faces"]
    assert [each.get("whole_picture") for each in faces] == [True, None]
    rows = list(csv.DictReader(io.StringIO(CsvRows(CLASSES).text_of(whole))))
    assert [row["whole_picture"] for row in rows] == ["true", ""]
    lines = Table(CLASSES).text_of(whole).splitlines()
    assert ["whole" in line for line in lines[1:]] == [True, False]


def test_csv_has_its_header_once_and_a_row_a_face():
    form = CsvRows(CLASSES)
    results = [of_picture(face(), face()), of_picture(), of_video(face(2, ROW)), ERROR, NOTE]
    rows = list(csv.DictReader(io.StringIO("".join(map(form.text_of, results)))))
    assert [row["source"] for row in rows] == ["photos/a.jpg"] * 3 + [
        "talk.mp4", "photos/a.jpg", "talk.mp4"
    ]  # fmt: skip
    assert [row["emotion"] for row in rows] == ["happiness"] * 2 + ["", "happiness", "", ""]
    assert (rows[3]["frame"], rows[3]["time"], rows[3]["person"]) == ("5", "0.2", "2")
    assert (rows[0]["frame"], rows[0]["person"]) == ("", "")
    assert [row["error"] for row in rows] == [""] * 4 + ["an empty file", ""]
    assert rows[5]["note"] == "its frames end early"
    assert float(rows[0]["happiness"]) == pytest.approx(0.6)
    assert form.text_of_video(VIDEO, []) == ""


@pytest.mark.parametrize("name", ["=SUM(A1)", "+1", "-1", "@x", "-x,y.jpg"])
def test_no_cell_is_a_formula(name):
    result = FrameResult(Frame(Source(name, "x"), None, "error"), [])
    (row,) = csv.DictReader(io.StringIO(CsvRows(CLASSES).text_of(result), newline=""))
    assert row["source"] == f"'{name}"


def test_a_name_of_control_characters_stays_in_its_cell():
    result = FrameResult(Frame(Source("a\rb\tc\nd.jpg", "x"), None, "error"), [])
    (row,) = csv.DictReader(io.StringIO(CsvRows(CLASSES).text_of(result), newline=""))
    assert row["source"] == "a\\rb\\tc\\nd.jpg"


def test_the_table_has_a_line_a_face_and_one_head():
    form = Table(CLASSES)
    text = form.text_of(of_picture(face())) + form.text_of(of_picture(face(), note="one of 2"))
    head, first, second, note = text.splitlines()
    assert head.split()[-7:] == list(CLASSES)
    assert first == second
    assert first.split() == ["photos/a.jpg", "10,", "20", "30×40", "happiness", "10", "60", "30",
                             "0", "0", "0", "0"]  # fmt: skip
    assert note.split() == ["photos/a.jpg", "note:", "one", "of", "2"]
    assert form.text_of(of_picture(note="n")).splitlines() == [
        "photos/a.jpg                no face",
        "photos/a.jpg                note: n",
    ]
    assert form.text_of(ERROR) == "photos/a.jpg                error: an empty file\n"
    assert form.text_of(of_video(face(1, ROW))) == ""
    assert form.text_of(NOTE).split(maxsplit=1) == ["talk.mp4", "note: its frames end early\n"]


def test_the_table_of_a_video_has_a_line_a_person():
    persons = Persons()
    for second in range(4):
        persons.see(1, float(second), ROW)
    form = Table(CLASSES)
    head, line = form.text_of_video(VIDEO, persons.most_seen()).splitlines()
    assert head.split()[:5] == ["video", "person", "seen", "(s)", "frames"]
    assert line.split() == ["talk.mp4", "1", "0.0", "to", "3.0", "4", "happiness", "10", "60", "30",
                            "0", "0", "0", "0"]  # fmt: skip
    assert form.text_of_video(VIDEO, []) == "talk.mp4                    no face\n"


def test_a_narrow_terminal_gets_short_names_and_long_paths_keep_their_ends(monkeypatch):
    monkeypatch.setattr("shutil.get_terminal_size", lambda _: os.terminal_size((80, 24)))
    source = Source(f"a/very/long/{'x' * 30}/picture.jpg", "picture")
    text = Table(CLASSES).text_of(FrameResult(Frame(source, PIXELS), [face()]))
    assert text.splitlines()[0].split()[-7:] == [name[:4] for name in CLASSES]
    assert text.splitlines()[1].startswith("…xxxxxx")
    assert text.splitlines()[1].split()[0].endswith("/picture.jpg")


def test_a_name_moves_no_cursor():
    result = FrameResult(Frame(Source("\x1b[2Ja\tb.jpg", "x"), PIXELS), [])
    assert Table(CLASSES).text_of(result).startswith("\\x1b[2Ja\\tb.jpg")

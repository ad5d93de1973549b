"""Which pictures the report shows, and what the steps made of them."""

import base64

import cv2
import numpy as np
import pandas as pd
import pytest

from expressions.errors import InputError
from expressions.faces.detection.mtcnn import LANDMARKS
from expressions.faces.marks import BLUE, ORANGE
from expressions.faces.tables import TABLE_COLUMNS
from expressions.pictures.files import encode_png
from expressions.pictures.shards import write_shards
from expressions.pipeline import paths
from expressions.pipeline.outputs import write_csv
from expressions.report.samples import (
    choose_kept,
    choose_rejected,
    read_samples,
    thumbnail,
    with_landmarks,
)

BOX = {"x": 40, "y": 30, "width": 100, "height": 120}
FACE = BOX | {"confidence": 0.9} | {f"{name}_{axis}": 90 for name in LANDMARKS for axis in "xy"}


def decoded(uri: str) -> np.ndarray:
    png = base64.b64decode(uri.removeprefix("data:image/png;base64,"))
    return cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)


@pytest.fixture
def pictures(tmp_path, monkeypatch) -> None:
    """A data set of three rendered pictures, of which one has a face; a fourth was unreadable."""
    monkeypatch.chdir(tmp_path)
    rendered = np.full((300, 200, 3), 128, np.uint8)
    named = [(f"mine-{number}", encode_png(rendered)) for number in range(3)]
    write_shards(paths.IMAGES / "mine", 2, named)
    face = np.tile(np.arange(0, 120, dtype=np.uint8), (120, 1))
    write_shards(paths.FACES / "mine", 2, [("mine-0", encode_png(face))])
    table = pd.DataFrame([FACE, FACE, {"x": None}])
    table.insert(0, "image_id", [f"mine-{number}" for number in range(3)])
    write_csv(paths.face_table("mine"), table.reindex(columns=TABLE_COLUMNS))


def test_a_sample_goes_through_all_steps(pictures):
    labels = {"mine-0": "fear", "mine-1": "anger", "mine-2": "no_face", "mine-3": "unreadable"}
    samples = {sample.image_id: sample for sample in read_samples("mine", labels)}
    assert {name: (its.label, len(its.steps)) for name, its in samples.items()} == {
        "mine-0": ("fear", 3),
        "mine-1": ("anger", 1),
        "mine-2": ("no_face", 1),
    }
    rendered, face, read = (decoded(step) for step in samples["mine-0"].steps)
    assert (rendered.shape, face.shape, read.shape) == ((150, 100, 3), (120, 120), (48, 48))
    assert np.ptp(rendered) > 100, "the box is drawn"
    assert np.ptp(decoded(samples["mine-2"].steps[0])) == 0, "there is none to be drawn"


def test_a_picture_that_crop_does_not_know_is_named(pictures):
    write_csv(paths.face_table("mine"), pd.DataFrame(columns=TABLE_COLUMNS))
    with pytest.raises(InputError, match=r"faces/mine\.csv has no row for mine-0"):
        list(read_samples("mine", {"mine-0": "fear"}))


def test_the_first_kept_picture_of_each_emotion_is_shown():
    samples = pd.DataFrame(
        {
            "image_id": ["m-1", "m-2", "m-3", "m-4", "m-5"],
            "label": ["fear", "neutral", "fear", "anger", "neutral"],
        }
    )
    rejected = pd.DataFrame({"image_id": ["m-1"]})
    shown = choose_kept(samples, rejected, ("neutral", "anger", "fear", "contempt"))
    assert list(shown.items()) == [("m-2", "neutral"), ("m-4", "anger"), ("m-3", "fear")]


def test_the_first_picture_rejected_for_each_reason_is_shown():
    clean = pd.DataFrame({"image_id": ["m-1", "m-2"], "reason": ["unknown", "unknown"]})
    # The arrays' table is of all data sets, of which one's name begins as another's.
    arrays = pd.DataFrame(
        {"image_id": ["mine-1", "m-9", "m-3"], "reason": ["twin", "no_face", "unknown"]}
    )
    assert choose_rejected([clean, arrays], "m") == {"m-1": "unknown", "m-9": "no_face"}
    assert choose_rejected([clean, arrays], "mine") == {"mine-1": "twin"}


def test_the_box_is_drawn_where_the_face_was_found():
    grey = np.full((200, 200), 100, np.uint8)
    drawn = with_landmarks(grey, FACE)
    assert drawn.shape == (200, 200, 3)
    edges = [drawn[30, 90], drawn[150, 90], drawn[90, 40], drawn[90, 140]]
    # Its edges are smoothed.
    assert np.array(edges) == pytest.approx(np.array([ORANGE] * 4), abs=15)
    assert drawn[90, 90].tolist() == list(BLUE), "the landmarks"
    assert drawn[10, 10].tolist() == drawn[60, 60].tolist() == [100, 100, 100]
    assert (grey == 100).all(), "the picture itself is left alone"


def test_a_thumbnail_is_never_larger():
    picture = np.zeros((300, 200, 3), np.uint8)
    assert thumbnail(picture, 150).shape == (150, 100, 3)
    assert thumbnail(picture[:48, :48], 150).shape == (48, 48, 3)
    assert thumbnail(picture[:, :1], 150).shape == (150, 1, 3)

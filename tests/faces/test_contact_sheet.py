"""The contact sheet: which pictures are on it, and what its panels show."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from expressions.faces.contact_sheet import PICTURES, draw_contact_sheet, pick_pictures
from expressions.faces.marks import BLUE, ORANGE
from expressions.faces.tables import FACE_COLUMNS, TABLE_COLUMNS
from expressions.pictures.files import encode_png
from expressions.pictures.shards import write_shards

PANEL, CAPTION = 180, 20
GREEN, RED = (30, 200, 30), (30, 30, 200)


def row(image_id: str, action: str = "aligned", faces: int = 1, **face: float) -> dict:
    """A row of the table, of an upright face at (20, 30), 60 by 80 pixels, or of none."""
    upright = {"x": 20, "y": 30, "width": 60, "height": 80, "confidence": 0.95} | {
        f"{name}_{axis}": value
        for name, at in (
            ("left_eye", (40, 60)), ("right_eye", (60, 60)), ("nose", (50, 70)),
            ("mouth_left", (42, 90)), ("mouth_right", (58, 90)),
        )
        for axis, value in zip("xy", at, strict=True)
    }  # fmt: skip
    numbers = upright | face if action == "aligned" else dict.fromkeys(FACE_COLUMNS, np.nan)
    return {"image_id": image_id, "action": action, "faces": faces} | numbers


def table(*rows: dict) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=TABLE_COLUMNS)


def test_the_remarkable_pictures_are_on_it():
    others = [row(f"plain-{number:03d}") for number in range(200)]
    remarkable = [
        row("tilted", right_eye_y=75),
        row("crowd", faces=5),
        row("nobody", "no_face", 0),
        row("whole", "kept_whole", 0),
        row("unsure", confidence=0.81),
    ]
    ids = pick_pictures(table(*others, *remarkable))
    assert len(ids) == len(set(ids)) == PICTURES
    assert {"tilted", "crowd", "nobody", "whole", "unsure"} <= set(ids)


def test_another_picture_in_the_data_set_changes_little():
    rows = [row(f"plain-{number:03d}") for number in range(200)]
    before, after = pick_pictures(table(*rows)), pick_pictures(table(*rows, row("new")))
    assert len(set(before) - set(after)) <= 1


@pytest.fixture
def sheet(tmp_path) -> np.ndarray:
    """Of a green picture with a red crop, and of one that was dropped."""
    picture = np.full((160, 120, 3), GREEN, np.uint8)
    crop = np.full((90, 90, 3), RED, np.uint8)
    images, faces = tmp_path / "images", tmp_path / "faces"
    write_shards(images, 2, [("a", encode_png(picture)), ("b", encode_png(picture))])
    write_shards(faces, 2, [("a", encode_png(crop))])
    path = tmp_path / "sheet.png"
    draw_contact_sheet(path, images, faces, table(row("a"), row("b", "no_face", 0)))
    return cv2.imread(str(path))


def panels(sheet: np.ndarray) -> list[np.ndarray]:
    """The three panels of each picture, without titles and captions; for two pictures."""
    rows = sheet[CAPTION : CAPTION + PANEL]
    return [rows[:, left : left + PANEL] for left in range(0, 6 * PANEL, PANEL)]


def share(panel: np.ndarray, colour: tuple[int, int, int]) -> float:
    return float((panel == colour).all(axis=2).mean())


def test_each_picture_has_its_before_its_landmarks_and_its_after(sheet):
    assert sheet.shape == (CAPTION + PANEL + CAPTION, 6 * PANEL, 3)
    first = sheet[CAPTION:, : 3 * PANEL]
    before, marked, after = (first[:PANEL, n * PANEL : (n + 1) * PANEL] for n in range(3))
    # 160 pixels high and 120 wide, as large as fits.
    assert share(before, GREEN) == pytest.approx(0.75 * 172**2 / 180**2, abs=0.01)
    assert share(after, RED) == pytest.approx(172**2 / 180**2, abs=0.01)
    # The close-up reaches 0.85 times the longer side from the face's centre, 68 of 80 pixels.
    scale = 172 / 136
    middle = PANEL // 2
    left, top = middle - round(30 * scale), middle - round(40 * scale)
    assert (abs(marked[middle, left - 2 : left + 3].astype(int) - ORANGE).sum(axis=1) < 60).any()
    assert (abs(marked[top - 2 : top + 3, middle].astype(int) - ORANGE).sum(axis=1) < 60).any()
    eye = middle + round(-10 * scale), middle + round(-10 * scale)
    assert marked[eye[1], eye[0]].tolist() == list(BLUE)


def test_a_dropped_picture_has_neither_landmarks_nor_crop(sheet):
    dropped = sheet[CAPTION : CAPTION + PANEL, 3 * PANEL :]
    assert share(dropped[:, :PANEL], GREEN) > 0.6
    for panel in (dropped[:, PANEL : 2 * PANEL], dropped[:, 2 * PANEL :]):
        assert (panel == 255).all()


def test_captions_and_titles_are_written(sheet):
    for strip in (sheet[:CAPTION], sheet[-CAPTION:]):
        for left in range(0, 6 * PANEL, PANEL):
            assert (strip[:, left : left + PANEL] < 200).any()


def test_a_data_set_without_pictures_gives_an_empty_sheet(tmp_path):
    write_shards(tmp_path / "images", 1, [])
    write_shards(tmp_path / "faces", 1, [])
    path = Path(tmp_path / "sheet.png")
    draw_contact_sheet(path, tmp_path / "images", tmp_path / "faces", table())
    assert cv2.imread(str(path)).shape == (CAPTION + PANEL + CAPTION, 6 * PANEL, 3)

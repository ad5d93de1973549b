"""A picture that shows what the crop did to some pictures of a data set."""

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd

from expressions.faces.detection.mtcnn import Face
from expressions.faces.marks import with_marks
from expressions.faces.tables import face_of_row
from expressions.pictures.files import Picture, colour, encode_png
from expressions.pictures.shards import decoded_pictures
from expressions.pipeline.outputs import whole_file

PICTURES = 12
_BLOCKS = 2
_TITLES = ("before", "landmarks", "after")
# In pixels.
_PANEL, _CAPTION, _GAP = 180, 20, 4
# What the middle panel shows beyond the box, in sides of it.
_AROUND = 0.35
_FONT, _LETTERS = cv2.FONT_HERSHEY_SIMPLEX, 0.45
_GREY, _WHITE = (90, 90, 90), (255, 255, 255)
_REMARKABLE = 2


class Sample(NamedTuple):
    """One picture on its way through the crop."""

    image_id: str
    action: str
    """As in `data/faces/<dataset>.csv`."""
    before: Picture
    face: Face | None
    after: Picture | None
    """None where the picture was dropped."""


def draw_contact_sheet(path: Path, images: Path, faces: Path, table: pd.DataFrame) -> None:
    """Write the sheet as PNG: a row a picture with the picture, its landmarks and its crop.

    Args:
        path: where the sheet goes.
        images: the shards before the crop, such as `data/images/iefdb`.
        faces: the shards after it.
        table: what was found and done, with the columns of `data/faces/<dataset>.csv`.
    """
    samples = _samples(images, faces, table.set_index("image_id").loc[pick_pictures(table)])
    rows = -(-max(1, len(samples)) // _BLOCKS)
    panels = [panel for sample in samples for panel in _panels(sample)]
    panels += [_panel(None, "") for _ in range(3 * rows * _BLOCKS - len(panels))]
    blocks = [panels[start : start + 3 * rows] for start in range(0, len(panels), 3 * rows)]
    sheet = np.hstack([_block(block) for block in blocks])
    with whole_file(path) as partial:
        partial.write_bytes(encode_png(sheet))


def pick_pictures(table: pd.DataFrame) -> list[str]:
    """Return the ids of the pictures that are worth a look, at most `PICTURES`.

    The two with the most tilted eyes, with the most faces, without a face and with the least
    confidence; then others, drawn by the hash of their ids, so that a new picture in the data set
    changes little. `table` has the columns of `data/faces/<dataset>.csv`.
    """
    dx, dy = (table[f"right_eye_{axis}"] - table[f"left_eye_{axis}"] for axis in "xy")
    drawn = table["image_id"].map(lambda image_id: zlib.crc32(image_id.encode()))
    table = table.assign(tilt=np.abs(np.arctan2(dy, dx)), drawn=drawn).sort_values("drawn")
    found = table[table["action"] == "aligned"]
    groups = [
        found.sort_values("tilt", ascending=False, kind="stable"),
        found[found["faces"] > 1].sort_values("faces", ascending=False, kind="stable"),
        table[table["action"].isin(["kept_whole", "no_face"])],
        found.sort_values("confidence", kind="stable"),
    ]
    ids = [image_id for group in groups for image_id in group["image_id"][:_REMARKABLE]]
    return list(dict.fromkeys([*ids, *table["image_id"]]))[:PICTURES]


def _samples(images: Path, faces: Path, rows: pd.DataFrame) -> list[Sample]:
    before, after = (decoded_pictures(folder, rows.index) for folder in (images, faces))
    return [
        Sample(image_id, row["action"], before[image_id], face_of_row(row), after.get(image_id))
        for image_id, row in zip(rows.index.astype(str), rows.to_dict("records"), strict=True)
    ]


def _block(panels: Sequence[Picture]) -> Picture:
    titles = [_write(np.full((_CAPTION, _PANEL, 3), 255, np.uint8), title) for title in _TITLES]
    rows = [np.hstack(panels[start : start + 3]) for start in range(0, len(panels), 3)]
    return np.vstack([np.hstack(titles), *rows])


def _panels(sample: Sample) -> list[Picture]:
    face = sample.face
    close_up = None if face is None else _close_up(sample.before, face)
    if face is not None:
        found = f"confidence {face.confidence:.2f}"
    else:
        found = "not looked for" if sample.action == "unchanged" else "no face"
    if sample.after is None:
        after = "dropped"
    else:
        height, width = sample.after.shape[:2]
        after = f"{width} × {height}"
    return [
        _panel(sample.before, sample.image_id),
        _panel(close_up, found),
        _panel(sample.after, after),
    ]


def _panel(picture: Picture | None, caption: str) -> Picture:
    """The picture, as large as it fits on white, above its caption."""
    panel = np.full((_PANEL + _CAPTION, _PANEL, 3), 255, np.uint8)
    if picture is not None:
        room = _PANEL - 2 * _GAP
        factor = room / max(picture.shape[:2])
        height, width = (max(1, round(side * factor)) for side in picture.shape[:2])
        way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        x, y = (_PANEL - width) // 2, (_PANEL - height) // 2
        panel[y : y + height, x : x + width] = cv2.resize(
            colour(picture), (width, height), interpolation=way
        )
    _write(panel[_PANEL:], caption)
    return panel


def _write(strip: Picture, text: str) -> Picture:
    """`text` in the middle of a strip, as small as it must be to fit."""
    (width, height), _ = cv2.getTextSize(text, _FONT, _LETTERS, 1)
    size = _LETTERS * min(1.0, (_PANEL - 2 * _GAP) / max(1, width))
    width = round(width * size / _LETTERS)
    place = ((_PANEL - width) // 2, (_CAPTION + height) // 2)
    cv2.putText(strip, text, place, _FONT, size, _GREY, 1, cv2.LINE_AA)
    return strip


def _close_up(picture: Picture, face: Face) -> Picture:
    """What is around the face, enlarged, with its box and landmarks."""
    side = _PANEL - 2 * _GAP
    reach = max(face.width, face.height) * (0.5 + _AROUND)
    scale = side / (2 * reach)
    left, top = face.x + face.width / 2 - reach, face.y + face.height / 2 - reach
    move = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]])
    enlarged = cv2.warpAffine(colour(picture), move, (side, side), borderValue=_WHITE)
    moved = Face(
        x=(face.x - left) * scale,
        y=(face.y - top) * scale,
        width=face.width * scale,
        height=face.height * scale,
        confidence=face.confidence,
        landmarks=(face.landmarks - [left, top]) * scale,
    )
    return with_marks(np.asarray(enlarged, np.uint8), moved, thickness=1, radius=3)

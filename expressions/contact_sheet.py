"""A picture that shows what the crop did to some pictures of a data set."""

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from expressions.detection import Face
from expressions.figures import BLUE, GREY, ORANGE, figure
from expressions.pictures import Picture, colour

PICTURES = 12
_BLOCKS = 2
_PANELS = ("before", "landmarks", "after")
_PANEL_INCHES, _CAPTION_INCHES = 1.4, 0.15
# What the middle panel shows beyond the box, in sides of it.
_AROUND = 0.35
_REMARKABLE = 2


class Sample(NamedTuple):
    """One picture on its way through the crop."""

    image_id: str
    before: Picture
    face: Face | None
    after: Picture | None
    """None where the picture was dropped."""


def pick(table: pd.DataFrame) -> list[str]:
    """The ids of the pictures that are worth a look, at most `PICTURES`.

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


def draw(path: Path, samples: Sequence[Sample]) -> None:
    """Write the sheet: a row a picture with the picture, its landmarks and its crop."""
    rows = -(-max(1, len(samples)) // _BLOCKS)
    columns = len(_PANELS) * _BLOCKS
    size = columns * _PANEL_INCHES, rows * (_PANEL_INCHES + _CAPTION_INCHES)
    with figure(path, *size, nrows=rows, ncols=columns, squeeze=False) as axes:
        for axis in axes.flat:
            axis.axis("off")
        for column in range(columns):
            axes[0, column].set_title(_PANELS[column % len(_PANELS)], fontsize=9, color=GREY)
        for place, sample in enumerate(samples):
            first = place // rows * len(_PANELS)
            _draw_row(axes[place % rows, first : first + len(_PANELS)], sample)


def _draw_row(axes: NDArray[np.object_], sample: Sample) -> None:
    _show(axes[0], sample.before, sample.image_id)
    if sample.face is not None:
        _show(axes[1], sample.before, f"confidence {sample.face.confidence:.2f}")
        _mark(axes[1], sample.face)
    if sample.after is not None:
        height, width = sample.after.shape[:2]
        _show(axes[2], sample.after, f"{width} × {height}")
    else:
        axes[2].text(0.5, 0.5, "dropped", ha="center", va="center", fontsize=7, color=ORANGE)


def _show(axis: Any, picture: Picture, caption: str) -> None:
    axis.imshow(cv2.cvtColor(colour(picture), cv2.COLOR_BGR2RGB))
    below = {"transform": axis.transAxes, "ha": "center", "va": "top"}
    axis.text(0.5, -0.03, caption, fontsize=6, **below)


def _mark(axis: Any, face: Face) -> None:
    x, y, width, height = face[:4]
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) * [width, height] + [x, y]
    # Pictures are drawn about the middle of their first pixel, boxes begin at its edge.
    axis.plot(*(corners - 0.5).T, color=ORANGE, linewidth=1)
    axis.scatter(*(face.landmarks - 0.5).T, s=6, color=BLUE)
    reach = max(width, height) * (0.5 + _AROUND)
    across, down = x + width / 2, y + height / 2
    axis.set(xlim=(across - reach, across + reach), ylim=(down + reach, down - reach))

"""Faces on their pictures: boxes, and bars of the probabilities beside them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from expressions.faces.boxes import common_areas
from expressions.pictures.files import Picture, colour
from expressions.prediction.recognizer import Recognition

COLOURS = {
    "neutral": (148, 158, 170),
    "happiness": (246, 190, 47),
    "surprise": (240, 132, 48),
    "sadness": (78, 140, 220),
    "anger": (222, 70, 70),
    "disgust": (92, 170, 92),
    "fear": (158, 108, 205),
    "contempt": (176, 128, 92),
}
"""Of each emotion, as RGB; the same in every picture, curve and page."""

OTHER = (90, 170, 180)
"""Of a class that is none of them."""

_INK, _PAPER = (20, 24, 30), (255, 255, 255)
_PANEL = (16, 20, 26, 190)

# Of the panel with bars, in units: its rows, its columns, its distance from the box.
_ROW, _NAME, _BAR, _GAP = 15, 62, 58, 5

Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""


class Shown(NamedTuple):
    """A face and what is written about it."""

    recognition: Recognition
    person: int | None = None


def colour_of(emotion: str) -> tuple[int, int, int]:
    """The RGB colour of an emotion."""
    return COLOURS.get(emotion, OTHER)


def annotate(
    picture: Picture, faces: Sequence[Shown], classes: Sequence[str], bars: bool = True
) -> Picture:
    """A copy of `picture` as BGR, with a box, a label and, if wanted, bars for each face."""
    canvas = Image.fromarray(colour(picture)[..., ::-1])
    draw = ImageDraw.Draw(canvas, "RGBA")
    # Bars need room; a label alone may be as large as the whole picture allows.
    unit = max(1.0, min(canvas.size) / 480 if bars else max(canvas.size) / 640)
    # The largest face last, so that it is in front.
    boxes = [_draw_box(draw, shown, unit) for shown in reversed(faces)]
    if bars:
        taken = list(boxes)
        for shown, box in zip(faces, reversed(boxes), strict=True):
            shares = shown.recognition.probabilities.tolist()
            place = _free_place(canvas.size, box, _panel_size(len(classes), unit), taken)
            _draw_bars(draw, place, dict(zip(classes, shares, strict=True)), unit)
            taken.append(place)
    return np.ascontiguousarray(np.asarray(canvas)[..., ::-1])


def _draw_box(draw: ImageDraw.ImageDraw, shown: Shown, unit: float) -> Box:
    face, emotion, probabilities = shown.recognition
    tint = colour_of(emotion)
    box = (face.x, face.y, face.x + face.width, face.y + face.height)
    draw.rectangle(box, outline=tint, width=max(2, round(2.5 * unit)))
    _draw_label(draw, box, _label(shown, float(probabilities.max())), tint, unit)
    return box


def _label(shown: Shown, probability: float) -> str:
    number = "" if shown.person is None else f"{shown.person}  "
    return f"{number}{shown.recognition.emotion} {probability:.0%}"


def _draw_label(
    draw: ImageDraw.ImageDraw,
    box: Box,
    text: str,
    tint: tuple[int, int, int],
    unit: float,
) -> None:
    font = ImageFont.load_default(size=round(15 * unit))
    width = draw.textlength(text, font=font) + 12 * unit
    height = 22 * unit
    left, top = box[0], box[1] - height
    if top < 0:
        top = box[1]
    draw.rectangle((left, top, left + width, top + height), fill=tint)
    bright = sum(tint) > 380
    draw.text(
        (left + 6 * unit, top + height / 2),
        text,
        font=font,
        fill=_INK if bright else _PAPER,
        anchor="lm",
    )


def _panel_size(classes: int, unit: float) -> tuple[float, float]:
    return (_NAME + _BAR + 12) * unit, (_ROW * classes + 8) * unit


def _free_place(
    size: tuple[int, int], box: Box, panel: tuple[float, float], taken: Sequence[Box]
) -> Box:
    """Where beside the box a panel hides the least of what is `taken`; inside of the picture."""
    width, height = panel
    corners = (
        (box[2] + _GAP, box[1]),
        (box[0] - _GAP - width, box[1]),
        (box[0], box[3] + _GAP),
        (box[0], box[1] - _GAP - height),
    )
    places = []
    for x, y in corners:
        left = min(max(x, 0), max(size[0] - width, 0))
        top = min(max(y, 0), max(size[1] - height, 0))
        places.append((left, top, left + width, top + height))
    hidden = common_areas(np.array(places)[:, None], np.array(taken))
    return places[hidden.sum(axis=1).argmin()]


def _draw_bars(
    draw: ImageDraw.ImageDraw, place: Box, probabilities: dict[str, float], unit: float
) -> None:
    font = ImageFont.load_default(size=round(11 * unit))
    row, name, bar = _ROW * unit, _NAME * unit, _BAR * unit
    left, top = place[:2]
    draw.rounded_rectangle(place, radius=4 * unit, fill=_PANEL)
    for number, (emotion, probability) in enumerate(probabilities.items()):
        middle = top + 4 * unit + row * (number + 0.5)
        draw.text((left + name, middle), emotion, font=font, fill=_PAPER, anchor="rm")
        start = left + name + 6 * unit
        half = 4 * unit
        draw.rectangle((start, middle - half, start + bar, middle + half), fill=(255, 255, 255, 36))
        end = start + max(bar * probability, 1)
        draw.rectangle((start, middle - half, end, middle + half), fill=colour_of(emotion))

"""Faces on their pictures: boxes, and bars of the probabilities beside them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from expressions.pictures import Picture, colour
from expressions.recognition import Recognition

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
    for shown in reversed(faces):
        box = _draw_box(draw, shown, unit)
        if bars:
            shares = shown.recognition.probabilities.tolist()
            _draw_bars(draw, canvas.size, box, dict(zip(classes, shares, strict=True)), unit)
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


def _draw_bars(
    draw: ImageDraw.ImageDraw,
    size: tuple[int, int],
    box: Box,
    probabilities: dict[str, float],
    unit: float,
) -> None:
    """A panel beside the box, on whichever side there is more room."""
    font = ImageFont.load_default(size=round(11 * unit))
    row, name, bar = 15 * unit, 62 * unit, 58 * unit
    width, height = name + bar + 12 * unit, row * len(probabilities) + 8 * unit
    gap = 5 * unit
    right_of = size[0] - box[2] >= box[0]
    left = box[2] + gap if right_of else box[0] - gap - width
    # Inside of the picture even where neither side has room.
    left = min(max(left, 0), max(size[0] - width, 0))
    top = min(max(box[1], 0), max(size[1] - height, 0))
    draw.rounded_rectangle((left, top, left + width, top + height), radius=4 * unit, fill=_PANEL)
    for place, (emotion, probability) in enumerate(probabilities.items()):
        middle = top + 4 * unit + row * (place + 0.5)
        draw.text((left + name, middle), emotion, font=font, fill=_PAPER, anchor="rm")
        start = left + name + 6 * unit
        half = 4 * unit
        draw.rectangle((start, middle - half, start + bar, middle + half), fill=(255, 255, 255, 36))
        end = start + max(bar * probability, 1)
        draw.rectangle((start, middle - half, end, middle + half), fill=colour_of(emotion))

"""Faces on their pictures: boxes, and bars of the probabilities beside them."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from expressions.faces import marks
from expressions.faces.detection.boxes import common_areas
from expressions.pictures.files import Picture, colour
from expressions.prediction.frames import FaceResult

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

# Of a face, in units: its least width beside a label and bars, and that beside its label alone.
_LEAST_FACE, _LABELLED = 40, 84
_SMALLEST_LABEL = 0.7

Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""


def colour_of(emotion: str) -> tuple[int, int, int]:
    """Return the RGB colour of an emotion."""
    return COLOURS.get(emotion, OTHER)


def annotate(
    picture: Picture, faces: Sequence[FaceResult], classes: Sequence[str], bars: bool = True
) -> Picture:
    """Return a BGR copy of `picture` with a box, a label and, if wanted, bars for each face.

    Args:
        picture: uint8, grey or BGR.
        faces: largest first.
        classes: the emotions, in the order of the probabilities.
        bars: whether all probabilities are drawn beside each face; of several faces beside those
            where nothing of a face is hidden.
    """
    boxed = colour(picture).copy()
    # Bars need room; a label alone may be as large as the whole picture allows.
    height, width = boxed.shape[:2]
    unit = max(1.0, min(height, width) / 480 if bars else max(height, width) / 640)
    # Nothing much larger than the faces: they may be many and small.
    largest = max((face.recognition.face.width for face in faces), default=0.0)
    unit = min(unit, max(1.0, largest / _LEAST_FACE))
    # The largest face last, so that it is in front.
    for face in reversed(faces):
        tint = colour_of(_emotion(face, classes))[::-1]
        marks.draw_box(boxed, face.recognition.face, tint, max(2, round(2.5 * unit)))
    canvas = Image.fromarray(boxed[..., ::-1])
    draw = ImageDraw.Draw(canvas, "RGBA")
    for face in reversed(faces):
        its_unit = min(unit, max(_SMALLEST_LABEL, face.recognition.face.width / _LABELLED))
        tint = colour_of(_emotion(face, classes))
        _draw_label(draw, _box(face), _label(face, classes), tint, its_unit)
    if bars:
        _draw_panels(draw, canvas.size, faces, classes, unit)
    return np.ascontiguousarray(np.asarray(canvas)[..., ::-1])


def _draw_panels(
    draw: ImageDraw.ImageDraw,
    size: tuple[int, int],
    faces: Sequence[FaceResult],
    classes: Sequence[str],
    unit: float,
) -> None:
    boxes = [_box(face) for face in faces]
    taken = list(boxes)
    for face, box in zip(faces, boxes, strict=True):
        panel = _free_panel(size, box, _panel_size(len(classes), unit), taken)
        if len(faces) > 1 and common_areas(np.array(panel), np.array(taken)).any():
            continue
        shares = face.probabilities.tolist()
        _draw_bars(draw, panel, dict(zip(classes, shares, strict=True)), unit)
        taken.append(panel)


def _box(face: FaceResult) -> Box:
    x, y, width, height = face.recognition.face[:4]
    return x, y, x + width, y + height


def _emotion(face: FaceResult, classes: Sequence[str]) -> str:
    return classes[int(face.probabilities.argmax())]


def _label(face: FaceResult, classes: Sequence[str]) -> str:
    number = "" if face.person is None else f"{face.person}  "
    whole = ", whole picture" if face.recognition.whole_picture else ""
    return f"{number}{_emotion(face, classes)} {face.probabilities.max():.0%}{whole}"


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


def _free_panel(
    size: tuple[int, int], box: Box, panel_size: tuple[float, float], taken: Sequence[Box]
) -> Box:
    """Where beside the box a panel hides the least of what is `taken`; inside of the picture."""
    width, height = panel_size
    corners = (
        (box[2] + _GAP, box[1]),
        (box[0] - _GAP - width, box[1]),
        (box[0], box[3] + _GAP),
        (box[0], box[1] - _GAP - height),
    )
    panels = []
    for x, y in corners:
        left = min(max(x, 0), max(size[0] - width, 0))
        top = min(max(y, 0), max(size[1] - height, 0))
        panels.append((left, top, left + width, top + height))
    hidden = common_areas(np.array(panels)[:, None], np.array(taken))
    return panels[hidden.sum(axis=1).argmin()]


def _draw_bars(
    draw: ImageDraw.ImageDraw, panel: Box, probabilities: dict[str, float], unit: float
) -> None:
    font = ImageFont.load_default(size=round(11 * unit))
    row, name, bar = _ROW * unit, _NAME * unit, _BAR * unit
    left, top = panel[:2]
    draw.rounded_rectangle(panel, radius=4 * unit, fill=_PANEL)
    for index, (emotion, probability) in enumerate(probabilities.items()):
        middle = top + 4 * unit + row * (index + 0.5)
        draw.text((left + name, middle), emotion, font=font, fill=_PAPER, anchor="rm")
        start = left + name + 6 * unit
        half = 4 * unit
        draw.rectangle((start, middle - half, start + bar, middle + half), fill=(255, 255, 255, 36))
        end = start + max(bar * probability, 1)
        draw.rectangle((start, middle - half, end, middle + half), fill=colour_of(emotion))

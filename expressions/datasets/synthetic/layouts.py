"""The embedded data set: synthetic faces in the raw layouts, with the traps of the real ones.

The same recipe gives the same bytes. Every picture has a generator of its own, from the seed, the
split and its place there, so that a larger split only adds pictures.
"""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from expressions.datasets.synthetic.action_units import blend
from expressions.datasets.synthetic.canvas import Canvas, Colour, Point
from expressions.datasets.synthetic.clothes import paint_clothes
from expressions.datasets.synthetic.faces import REACH, paint_somebody
from expressions.labels.emotions import EMOTIONS
from expressions.labels.ferplus import NO_FACE, UNKNOWN, VOTE_COLUMNS

SIDE = 48
USAGE = {"training": "Training", "validation": "PublicTest", "test": "PrivateTest"}

# How often each emotion is the dominant one, as in FER+ but milder.
FREQUENCY = dict(zip(EMOTIONS, (0.24, 0.21, 0.14, 0.13, 0.11, 0.075, 0.075, 0.02), strict=True))

TWIN_EVERY = 12
"""Every twelfth picture of validation and test is that of a training row, with its votes."""
TWIN_IN_TRAINING_EVERY = 40
UNKNOWN_EVERY = 45
"""Every forty-fifth picture is blurred beyond recognition, and most votes are unknown."""
BLANK_NAMES, BLACK_PICTURES, REPEATED_NAMES = 4, 3, 2
"""Training rows: without a name and a face; all black; named like the row before them."""
NINE_VOTES_ROW = 5
NAME_SKIPS_EVERY = 7
"""After so many rows, the number in `Image name` falls one more behind the row."""

FER2013_AGREEMENT = 0.63
"""How often FER-2013's own label is the emotion that most people see."""
_FER2013_ORDER = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")

# Which emotions are taken for each other, by what their action units share.
_CONFUSED_WITH = {
    "neutral": "sadness",
    "happiness": "surprise",
    "surprise": "fear",
    "sadness": "fear",
    "anger": "disgust",
    "disgust": "anger",
    "fear": "surprise",
    "contempt": "neutral",
}

SPELLINGS = {
    "neutral": ("Neutral", "neutral"),
    "happiness": ("Happiness", "happy", "Happy"),
    "surprise": ("Surprise", "surprise"),
    "sadness": ("Sad", "sadness", "SADNESS"),
    "anger": ("anger", "Angry"),
    "disgust": ("Disgust", "disgust"),
    "fear": ("fear", "Fear"),
}
_TILTED_EVERY = 3

_FRAMED, _ROOM, _RAISED = 0.86, 1.14, 0.06
"""What a picture of FER-2013 shows, in half heads around the middle of the face; with room to turn
it; how far the face is above the middle, in sides."""

_WOOD = (60, 90, 130)
_CHAIR = (
    (150, 210, 166, 420),
    (254, 210, 270, 420),
    (150, 210, 270, 250),
    (140, 320, 280, 340),
    (140, 340, 154, 470),
    (266, 340, 280, 470),
)
"""Back, seat and legs, as left, top, right and bottom in pixels of the empty studio."""


class Fer2013Recipe(BaseModel):
    """The size of the embedded FER-2013, in rows a split."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    seed: int = Field(ge=0)
    training: int = Field(ge=60, le=1_000_000)
    validation: int = Field(ge=12, le=1_000_000)
    test: int = Field(ge=12, le=1_000_000)


class IefdbRecipe(BaseModel):
    """The size of the embedded IEFDB, in photographs; the last one shows an empty studio."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    seed: int = Field(ge=0)
    photographs: int = Field(ge=2, le=100_000)


def write_fer2013(folder: Path, recipe: Fer2013Recipe) -> None:
    """Write `icml_face_data.csv` and `fer2013new.csv` into the empty `folder`."""
    pixels, votes, usage = [], [], []
    training: list[tuple[NDArray[np.uint8], NDArray[np.int64]]] = []
    for number, split in enumerate(USAGE):
        for index in range(getattr(recipe, split)):
            rng = np.random.default_rng([recipe.seed, number, index])
            row = _row(split, index, training, rng)
            if split == "training":
                training.append(row)
            pixels.append(row[0])
            votes.append(row[1])
            usage.append(USAGE[split])
    table = np.array(votes)
    codes = _fer2013_codes(table, np.random.default_rng([recipe.seed, len(USAGE)]))
    _write_pictures(folder / "icml_face_data.csv", codes, usage, pixels)
    names = _names(len(table))
    frame = pd.DataFrame(table, columns=list(VOTE_COLUMNS))
    frame.insert(0, "Usage", usage)
    frame.insert(1, "Image name", names)
    frame.to_csv(folder / "fer2013new.csv", index=False, lineterminator="\n")


def write_iefdb(folder: Path, recipe: IefdbRecipe) -> None:
    """Write `Original/<PicNum>.jpg` and `ImageDescriptionWEmotions.csv` into the empty `folder`."""
    (folder / "Original").mkdir()
    rows = []
    for index in range(recipe.photographs):
        rng = np.random.default_rng([recipe.seed, index])
        emotion = EMOTIONS[index % 7]
        if index == recipe.photographs - 1:
            photograph = _empty_studio(rng)
        else:
            photograph = draw_photograph(emotion, index % _TILTED_EVERY == 0, rng)
        name = f"{index + 1:03d}"
        _, jpeg = cv2.imencode(".jpg", photograph, (cv2.IMWRITE_JPEG_QUALITY, 92))
        (folder / "Original" / f"{name}.jpg").write_bytes(jpeg.tobytes())
        rows.append((name, str(rng.choice(["F", "M"])), str(rng.choice(SPELLINGS[emotion]))))
    table = pd.DataFrame(rows, columns=["PicNum", "Gender", "IntendedExpression"])
    table.to_csv(folder / "ImageDescriptionWEmotions.csv", index=False, lineterminator="\n")


def draw_face(weights: dict[str, float], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw a grey face that fills its frame as FER-2013's do; uint8 `[48, 48]`."""
    side = 2 * SIDE
    canvas_side = round(side * _ROOM / _FRAMED)
    canvas, _ = paint_somebody(blend(weights), _backdrop(rng), canvas_side, rng, _ROOM)
    turn = cv2.getRotationMatrix2D(
        ((canvas_side - 1) / 2, (canvas_side - 1) / 2), rng.normal(0, 5), rng.uniform(0.93, 1.07)
    )
    turn[:, 2] += (side - canvas_side) / 2 + rng.normal(0, 0.025 * side, 2)
    turn[1, 2] -= _RAISED * side
    size = (side, side)
    framed = cv2.warpAffine(canvas.picture(), turn, size, borderMode=cv2.BORDER_REPLICATE)
    small = cv2.resize(framed, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float64)
    return _photographed(grey, rng, noise=3)


def draw_photograph(emotion: str, tilted: bool, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw a colour studio photograph of a person, small and off-centre in the frame.

    uint8 `[height, width, 3]` BGR with sides of 380 to 560 pixels; a tilted head leans to a side by
    8° to 25°.
    """
    width, height = int(rng.integers(380, 481)), int(rng.integers(460, 561))
    face = rng.uniform(0.13, 0.19) * height
    centre = (width * rng.uniform(0.38, 0.62), height * rng.uniform(0.32, 0.44))
    angle = rng.choice([-1, 1]) * rng.uniform(8, 25) if tilted else rng.normal(0, 1.5)
    backdrop = _backdrop(rng)
    frame = np.full((height, width, 3), backdrop, np.uint8)
    _paste_head(frame, emotion, (centre, face, float(angle)), backdrop, rng)
    return _photographed(frame.astype(np.float64), rng, noise=2.5)


def _paste_head(
    frame: NDArray[np.uint8],
    emotion: str,
    place: tuple[Point, float, float],
    backdrop: Colour,
    rng: np.random.Generator,
) -> None:
    """Paint a head, and below it what the person wears."""
    (x, y), face, angle = place
    side = round(2 * REACH * face)
    units = blend({emotion: rng.uniform(0.9, 1.0)})
    head, view = paint_somebody(units, backdrop, side, rng)
    turn = cv2.getRotationMatrix2D(((side - 1) / 2, (side - 1) / 2), angle, 1.0)
    turn[:, 2] += np.array([x, y]) - (side - 1) / 2
    size = (frame.shape[1], frame.shape[0])
    turned = cv2.warpAffine(head.picture(), turn, size, flags=cv2.INTER_LINEAR)
    mask = cv2.warpAffine(head.covered, turn, size)
    share = mask[..., None].astype(np.float32) / 255
    body = Canvas(frame + (turned.astype(np.float32) - frame) * share, face, _pit(place))
    body.covered = mask
    blue, green, red = rng.uniform(25, 190, 3).tolist()
    paint_clothes(body, (blue, green, red), view, rng)
    frame[:] = body.picture()


def _pit(place: tuple[Point, float, float]) -> Point:
    """Where the neck of a leaning head ends."""
    (x, y), face, angle = place
    lean = np.deg2rad(angle)
    below = 1.3 * face
    return x + below * float(np.sin(lean)), y + below * float(np.cos(lean))


def _row(
    split: str,
    index: int,
    training: list[tuple[NDArray[np.uint8], NDArray[np.int64]]],
    rng: np.random.Generator,
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the picture and the votes of one row."""
    if split == "training" and index in _faceless_rows():
        black = index < 10 + BLACK_PICTURES
        level = 0 if black else int(rng.integers(30, 220))
        return np.full((SIDE, SIDE), level, np.uint8), _unanimous(NO_FACE)
    every = TWIN_IN_TRAINING_EVERY if split == "training" else TWIN_EVERY
    if index % every == every - 1:
        sources = [row for row in training[20:] if row[1][VOTE_COLUMNS.index(UNKNOWN)] == 0]
        return sources[int(rng.integers(len(sources)))]
    weights = _expression(rng)
    picture = draw_face(weights, rng)
    if index % UNKNOWN_EVERY == UNKNOWN_EVERY - 1:
        picture = cv2.GaussianBlur(picture, (0, 0), 6).astype(np.uint8)
        return picture, _vote({UNKNOWN: 0.8, "neutral": 0.2}, rng)
    votes = _vote(_seen(weights), rng)
    if split == "training" and index == NINE_VOTES_ROW:
        votes[votes.argmax()] -= 1
    return picture, votes


def _faceless_rows() -> range:
    return range(10, 10 + BLACK_PICTURES + BLANK_NAMES)


def _expression(rng: np.random.Generator) -> dict[str, float]:
    """Choose how strongly a face shows which emotions: one, and often a part of another."""
    emotion = str(rng.choice(EMOTIONS, p=list(FREQUENCY.values())))
    if emotion == "neutral":
        return {"neutral": 1.0, str(rng.choice(EMOTIONS[1:7])): rng.uniform(0, 0.25)}
    strength = rng.uniform(0.45, 1.0)
    other = rng.uniform(0, 0.45) if rng.random() < 0.3 else 0.0
    return {emotion: strength, _CONFUSED_WITH[emotion]: other * strength}


def _seen(weights: dict[str, float]) -> dict[str, float]:
    """Return the share of people who see each emotion: what is weak looks neutral to some."""
    shown = sum(weight for emotion, weight in weights.items() if emotion != "neutral")
    seen = {emotion: weight**1.5 for emotion, weight in weights.items() if emotion != "neutral"}
    seen["neutral"] = max(0.04, 0.85 - shown) ** 1.5
    seen[UNKNOWN] = 0.012
    return seen


def _vote(seen: dict[str, float], rng: np.random.Generator) -> NDArray[np.int64]:
    shares = np.array([seen.get(column, 0.0) for column in VOTE_COLUMNS])
    return rng.multinomial(10, shares / shares.sum()).astype(np.int64)


def _unanimous(column: str) -> NDArray[np.int64]:
    return np.array([10 * (column == name) for name in VOTE_COLUMNS], dtype=np.int64)


def _fer2013_codes(votes: NDArray[np.int64], rng: np.random.Generator) -> list[int]:
    """FER-2013's own labels, which often differ from what people see."""
    codes = rng.integers(0, len(_FER2013_ORDER), len(votes))
    for row, winner in enumerate(votes.argmax(axis=1)):
        name = VOTE_COLUMNS[winner]
        if name in _FER2013_ORDER and rng.random() < FER2013_AGREEMENT:
            codes[row] = _FER2013_ORDER.index(name)
    return [int(code) for code in codes]


def _names(rows: int) -> list[str]:
    """Names whose numbers are not the rows, some repeated, some blank."""
    names = [f"fer{row + row // NAME_SKIPS_EVERY:07d}.png" for row in range(rows)]
    for row in _faceless_rows()[BLACK_PICTURES:]:
        names[row] = ""
    for row in range(30, 30 + 2 * REPEATED_NAMES, 2):
        names[row + 1] = names[row]
    return names


def _write_pictures(
    path: Path, codes: list[int], usage: list[str], pixels: list[NDArray[np.uint8]]
) -> None:
    with path.open("w", encoding="ascii", newline="\n") as file:
        file.write("emotion, Usage, pixels\n")
        for code, use, picture in zip(codes, usage, pixels, strict=True):
            file.write(f"{code},{use},{' '.join(map(str, picture.ravel().tolist()))}\n")


def _backdrop(rng: np.random.Generator) -> Colour:
    level = rng.uniform(60, 215)
    blue, green, red = np.clip(level + rng.normal(0, 10, 3), 0, 255).round().tolist()
    return blue, green, red


def _photographed(
    picture: NDArray[np.float64], rng: np.random.Generator, noise: float
) -> NDArray[np.uint8]:
    """Return what a camera makes of a scene: light from a side, contrast, softness, noise."""
    height, width = picture.shape[:2]
    across = np.linspace(-1, 1, width) * rng.uniform(-0.15, 0.15)
    down = np.linspace(-1, 1, height)[:, None] * rng.uniform(-0.15, 0.15)
    light = (1 + across + down) * rng.uniform(0.8, 1.12)
    picture = picture * (light if picture.ndim == 2 else light[..., None])
    picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.2, 0.5))
    picture += rng.normal(0, rng.uniform(0.3, 1) * noise, picture.shape)
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def _empty_studio(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw a backdrop with a chair and nobody on it."""
    frame = np.full((500, 420, 3), _backdrop(rng), np.uint8)
    frame[380:] = frame[380:] // 2
    for left, top, right, bottom in _CHAIR:
        cv2.rectangle(frame, (left, top), (right, bottom), _WOOD, -1)
    return _photographed(frame.astype(np.float64), rng, noise=2.5)

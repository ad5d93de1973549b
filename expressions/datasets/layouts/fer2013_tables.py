"""The two tables of FER-2013 with FER+ votes: pictures as text, block by block, and votes."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pandera.pandas as pa
from numpy.typing import NDArray

from expressions.datasets.sources.csv_tables import read_blocks, read_table
from expressions.datasets.sources.source_files import SourceFile
from expressions.errors import InputError
from expressions.labels.ferplus import VOTE_COLUMNS

PICTURES = SourceFile(
    ("icml_face_data.csv", "fer2013.csv"),
    "Kaggle, challenges-in-representation-learning-facial-expression-recognition-challenge",
)
VOTES = SourceFile(("fer2013new.csv",), "github.com/microsoft/FERPlus")
SIDE = 48
EMOTION_CODES = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
"""What the numbers of FER-2013's own `emotion` column stand for."""
SPLITS = {"Training": "training", "PublicTest": "validation", "PrivateTest": "test"}

VOTERS = 10

_PIXEL = re.compile("0|[1-9][0-9]{0,2}")

BLOCK_ROWS = 2048
"""Rows are parsed in blocks of about 17 MB of text, so memory does not grow with the table."""

_USAGE = pa.Column(
    pa.String,
    pa.Check.isin(list(SPLITS)),
    description=f"one of {', '.join(SPLITS)}",
)
_VOTE = pa.Column(
    pa.Int64, pa.Check.in_range(0, 10), coerce=True, description="a number of votes from 0 to 10"
)
_VOTE_SCHEMA = pa.DataFrameSchema(
    {"Usage": _USAGE, "Image name": pa.Column(pa.String)} | dict.fromkeys(VOTE_COLUMNS, _VOTE)
)


class Block(NamedTuple):
    """Consecutive rows of the picture table."""

    first_row: int
    usage: list[str]
    pixels: NDArray[np.uint8]
    """Grey values, `[n, 48, 48]`."""


def read_votes(path: Path, name: str | Path | None = None) -> pd.DataFrame:
    """Read FER+'s table as it stands: `Usage`, `Image name` and the ten vote columns (int64).

    An error calls the table `name`, by default `path`.

    Raises:
        InputError: a missing column, or a value or a sum of votes that cannot be, with its row.
    """
    votes = read_table(path, _VOTE_SCHEMA, name)
    sums = votes[list(VOTE_COLUMNS)].sum(axis=1)
    for index in np.flatnonzero(sums > VOTERS):
        raise InputError(
            f"{name or path}, row {index + 2}: {sums[index]} votes of {VOTERS} people. Take the "
            "table as it is published."
        )
    return votes


def read_pictures(path: Path, name: str | Path | None = None) -> Iterator[Block]:
    """Read the picture table block by block, in its order; columns may come in any order.

    Raises:
        InputError: a missing column, an unknown `Usage`, or a row that is not 2,304 numbers from
            0 to 255.
    """
    name, first_row = name or path, 0
    for rows in _read_blocks(path, name):
        pixels = read_pixels(rows["pixels"].tolist(), name, first_row)
        yield Block(first_row, rows["Usage"].tolist(), pixels)
        first_row += len(rows)


def read_columns(path: Path) -> tuple[list[str], list[str]]:
    """Read `Usage` and `emotion` of the picture table, without parsing its pixels."""
    usage: list[str] = []
    codes: list[str] = []
    for rows in _read_blocks(path, path):
        usage += rows["Usage"].tolist()
        codes += rows["emotion"].tolist()
    return usage, codes


def read_pixels(texts: Sequence[str], name: str | Path, first_row: int) -> NDArray[np.uint8]:
    """Return the pictures of consecutive rows of the table `name`, `[n, 48, 48]`.

    `first_row` is how many rows come before them.

    Raises:
        InputError: a row that is not 2,304 numbers from 0 to 255.
    """
    pixels = parse_pixels(texts)
    if pixels is None:
        # More blanks than one do no harm.
        texts = [" ".join(filter(None, text.split(" "))) for text in texts]
        pixels = parse_pixels(texts)
    if pixels is None:
        raise InputError(_name_wrong_row(texts, name, first_row))
    return pixels


def parse_pixels(texts: Sequence[str]) -> NDArray[np.uint8] | None:
    """Parse rows of 2,304 decimal numbers from 0 to 255, one blank between two; `[n, 48, 48]`.

    Returns:
        None where a row is anything else, also where a number has a sign, zeros before it, or
        other digits than ASCII's.
    """
    text = " ".join(texts)
    # A row too short beside one too long would shift every pixel between them.
    if any(row.count(" ") != SIDE * SIDE - 1 for row in texts):
        return None
    try:
        values = np.fromstring(text, dtype=np.int32, sep=" ")
    except ValueError:
        return None
    if len(values) != len(texts) * SIDE * SIDE or values.min() < 0 or values.max() > 255:
        return None
    # Whatever else is read as the same number, such as +5, 007 or 4294967301, takes more signs.
    signs = len(values) + np.count_nonzero(values > 9) + np.count_nonzero(values > 99)
    if signs + len(values) - 1 != len(text):
        return None
    return values.astype(np.uint8).reshape(-1, SIDE, SIDE)


def find_picture_table(folder: Path) -> Path:
    """Find the picture table in a raw folder, under whichever of its two names.

    Raises:
        InputError: there is none.
    """
    for name in PICTURES.names:
        if (folder / name).exists():
            return folder / name
    raise InputError(f"{folder} holds neither {' nor '.join(PICTURES.names)}.")


def _read_blocks(path: Path, name: str | Path) -> Iterator[pd.DataFrame]:
    first_row = 0
    for rows in read_blocks(path, ("emotion", "Usage", "pixels"), BLOCK_ROWS, name):
        _check_columns(rows, name, first_row)
        yield rows
        first_row += len(rows)


def _check_columns(rows: pd.DataFrame, name: str | Path, first_row: int) -> None:
    allowed = {"Usage": set(SPLITS), "emotion": set("0123456")}
    for column, values in allowed.items():
        for index in np.flatnonzero(~rows[column].isin(values)):
            raise InputError(
                f"{name}, row {first_row + index + 2}: {column} is "
                f"{rows[column].iloc[index]!r:.80}, expected one of {', '.join(sorted(values))}."
            )


def _name_wrong_row(texts: Iterable[str], name: str | Path, first_row: int) -> str:
    """Return what is wrong with the first row of `texts` that is no picture."""
    for row, text in enumerate(texts, start=first_row + 2):
        numbers = text.split(" ")
        for number in filter(None, numbers):
            if not _PIXEL.fullmatch(number) or int(number) > 255:
                return f"{name}, row {row}: pixel {number!r:.80} is no number from 0 to 255."
        if (count := sum(map(bool, numbers))) != SIDE * SIDE:
            return (
                f"{name}, row {row}: found {count} pixels, expected {SIDE * SIDE} ({SIDE}×{SIDE}). "
                "The file is cut off or damaged."
            )
    raise AssertionError(name)

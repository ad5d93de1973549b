"""The two tables of FER-2013 with FER+ votes: pictures as text, block by block, and votes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
import pandera.pandas as pa
from numpy.typing import NDArray

from expressions.datasets.csv_tables import read_table
from expressions.datasets.source_files import SourceFile
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

# Rows are parsed in blocks of about 17 MB of text, so memory does not grow with the table.
_BLOCK_ROWS = 2048

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


def read_votes(path: Path) -> pd.DataFrame:
    """Read FER+'s table as it stands: `Usage`, `Image name` and the ten vote columns (int64).

    Raises:
        InputError: a missing column or a value that cannot be, with its row.
    """
    return read_table(path, _VOTE_SCHEMA)


def read_pictures(path: Path) -> Iterator[Block]:
    """Read the picture table block by block, in its order; columns may come in any order.

    Raises:
        InputError: a missing column, an unknown `Usage`, or a row that is not 2,304 numbers from
            0 to 255.
    """
    first_row = 0
    for rows in _read_blocks(path):
        yield Block(first_row, rows["Usage"].tolist(), _parse(rows["pixels"], path, first_row))
        first_row += len(rows)


def read_column(path: Path, column: Literal["Usage", "emotion"]) -> list[str]:
    """Read one column of the picture table as text, without parsing its pixels."""
    return [value for rows in _read_blocks(path) for value in rows[column]]


def find_picture_table(folder: Path) -> Path:
    """Find the picture table in a raw folder, under whichever of its two names.

    Raises:
        InputError: there is none.
    """
    for name in PICTURES.names:
        if (folder / name).exists():
            return folder / name
    raise InputError(f"{folder} holds neither {' nor '.join(PICTURES.names)}.")


def _read_blocks(path: Path) -> Iterator[pd.DataFrame]:
    header = pd.read_csv(path, nrows=0, skipinitialspace=True).columns.str.strip()
    missing = {"emotion", "Usage", "pixels"} - set(header)
    if missing:
        raise InputError(
            f"{path}: column {min(missing)!r} is missing. Found the columns "
            f"{', '.join(map(repr, header))}."
        )
    reader = pd.read_csv(
        path, names=list(header), header=0, dtype=str, keep_default_na=False, chunksize=_BLOCK_ROWS
    )
    first_row = 0
    for rows in reader:
        _check_columns(rows, path, first_row)
        yield rows
        first_row += len(rows)


def _check_columns(rows: pd.DataFrame, path: Path, first_row: int) -> None:
    allowed = {"Usage": set(SPLITS), "emotion": set("0123456")}
    for column, values in allowed.items():
        wrong = np.flatnonzero(~rows[column].isin(values))
        if len(wrong):
            raise InputError(
                f"{path}, row {first_row + wrong[0] + 2}: {column} is "
                f"{rows[column].iloc[wrong[0]]!r}, expected one of {', '.join(sorted(values))}."
            )


def _parse(texts: pd.Series, path: Path, first_row: int) -> NDArray[np.uint8]:
    try:
        values = np.fromstring(" ".join(texts), dtype=np.int32, sep=" ")
    except ValueError:
        values = np.empty(0, dtype=np.int32)
    shape = (len(texts), SIDE * SIDE)
    if values.size != shape[0] * shape[1] or values.min() < 0 or values.max() > 255:
        _name_wrong_row(texts, path, first_row)
    # A row too short beside one too long would shift every pixel between them.
    if any(text.strip().count(" ") != SIDE * SIDE - 1 for text in texts):
        _name_wrong_row(texts, path, first_row)
    return values.astype(np.uint8).reshape(-1, SIDE, SIDE)


def _name_wrong_row(texts: pd.Series, path: Path, first_row: int) -> None:
    for row, text in enumerate(texts, start=first_row + 2):
        numbers = text.split()
        wrong = next((n for n in numbers if not (n.isdigit() and int(n) <= 255)), None)
        if wrong is not None:
            raise InputError(f"{path}, row {row}: pixel {wrong!r} is no number from 0 to 255.")
        if len(numbers) != SIDE * SIDE:
            raise InputError(
                f"{path}, row {row}: found {len(numbers)} pixels, expected {SIDE * SIDE} "
                f"({SIDE}×{SIDE}). The file is cut off or damaged."
            )

"""The layout `pixels`: one CSV with a picture a row, in FER-2013's columns, with codes of its own.

So come FER-2013 without FER+'s votes, and CK+ as `ckextended.csv`.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from expressions.datasets.layouts import own_rows
from expressions.datasets.layouts.fer2013 import image_ids
from expressions.datasets.layouts.fer2013_tables import BLOCK_ROWS, read_pixels
from expressions.datasets.layouts.table import find_table
from expressions.datasets.sources.csv_tables import read_blocks
from expressions.datasets.sources.limits import Limits
from expressions.labels.tables import Rows
from expressions.pictures.rendering import render_blocks

PIXELS = "pixels"


class Clean(own_rows.CleanOwn):
    """The `clean` section of a data set in this layout."""

    label_column: str = Field(default="emotion")
    split_column: str | None = Field(default=None)
    """Where the table says each row's split, such as `Usage`; without it `split` says them all."""


def take(source: Path, folder: Path, limits: Limits) -> None:  # noqa: ARG001 - nothing is unpacked
    """Copy the user's table into `folder`, and check every picture of it."""
    path = find_table(source)
    rows = sum(len(pixels) for pixels in _read_pictures(path))
    shutil.copyfile(path, folder / path.name)
    print(f"{path}: {rows} pictures")


def read_rows(dataset: str, raw: Path, section: Clean, classes: int) -> Rows:
    """Label every row by its code."""
    path = find_table(raw)
    columns = {"label": section.label_column, "split": section.split_column}
    named = {what: column for what, column in columns.items() if column}
    blocks = read_blocks(path, list(named.values()), BLOCK_ROWS)
    table = pd.concat([block[list(named.values())] for block in blocks], ignore_index=True)
    names = [image_id.removeprefix("-") for image_id in image_ids("", len(table))]
    rows = own_rows.new_rows(
        name=names,
        where=[f"{path}, row {row}" for row in range(2, len(table) + 2)],
        **{what: table[column].str.strip() for what, column in named.items()},
    )
    return own_rows.label_rows(dataset, rows, dict.fromkeys(names, path), section, classes)


def render(dataset: str, raw: Path) -> Iterator[tuple[str, bytes]]:
    """Give `(image_id, PNG)` of each picture of the table, in its order."""
    path = find_table(raw)
    # How many digits they have, only the whole table says.
    count = sum(len(block) for block in read_blocks(path, [PIXELS], BLOCK_ROWS))
    return render_blocks(_with_ids(image_ids(dataset, count), _read_pictures(path)))


def _with_ids(
    ids: list[str], blocks: Iterator[NDArray[np.uint8]]
) -> Iterator[tuple[list[str], NDArray[np.uint8]]]:
    first = 0
    for pixels in blocks:
        yield ids[first : first + len(pixels)], pixels
        first += len(pixels)


def _read_pictures(path: Path) -> Iterator[NDArray[np.uint8]]:
    first_row = 0
    for block in read_blocks(path, [PIXELS], BLOCK_ROWS):
        yield read_pixels(block[PIXELS].tolist(), path, first_row)
        first_row += len(block)

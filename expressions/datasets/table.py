"""The layout `table`: pictures of one's own, and one CSV that names and labels them."""

import shutil
from pathlib import Path, PurePosixPath

import pandas as pd
import pandera.pandas as pa
from pydantic import Field

from expressions.datasets import own
from expressions.datasets.csv_tables import read_table
from expressions.errors import InputError
from expressions.labels.tables import Rows
from expressions.pictures.kinds import SUFFIXES

render = own.render_pictures


class Clean(own.CleanOwn):
    """The `clean` section of a data set in this layout."""

    file_column: str
    """Paths of the pictures, relative to the table, with or without a suffix."""
    label_column: str
    split_column: str | None = Field(default=None)
    """Where the table says each picture's split; `split` is for rows that leave it blank."""


def take(source: Path, folder: Path) -> None:
    """Copy the pictures and their table into `folder`."""
    own.take_pictures(source, folder)
    path = find_table(source)
    shutil.copyfile(path, folder / path.name)


# There is no embedded data set of this layout: what stands there is the user's in either case.
make = take


def read_rows(dataset: str, raw: Path, section: Clean, classes: int) -> Rows:
    """Label the pictures as the table says."""
    rows = rows_of_table(find_table(raw), section)
    return own.label_rows(dataset, rows, set(own.find_pictures(raw)), section, classes)


def find_table(folder: Path) -> Path:
    """Find the one CSV that lies in `folder`.

    Raises:
        InputError: there is none, or more than one.
    """
    tables = sorted(folder.glob("*.csv"))
    if len(tables) != 1:
        found = ", ".join(path.name for path in tables) or "none"
        raise InputError(f"{folder} has to hold one .csv, the table of labels; found {found}.")
    return tables[0]


def rows_of_table(path: Path, section: Clean) -> pd.DataFrame:
    """Return one row a row of the table, `own.ROW_COLUMNS`; the split may be blank.

    Raises:
        InputError: a column is missing, or a picture is blank or stands twice.
    """
    columns = [section.file_column, section.label_column]
    columns += [section.split_column] if section.split_column else []
    table = read_table(path, pa.DataFrameSchema({column: pa.Column(str) for column in columns}))
    rows = pd.DataFrame(
        {
            "name": [_picture_name(cell) for cell in table[section.file_column]],
            "label": table[section.label_column].str.strip(),
            "split": table[section.split_column].str.strip() if section.split_column else "",
            "where": [f"{path}, row {row}" for row in range(2, len(table) + 2)],
        },
        columns=own.ROW_COLUMNS,
        dtype=str,
    )
    for row in rows[rows["name"].duplicated() | (rows["name"] == ".")].itertuples():
        raise InputError(
            f"{row.where}: column {section.file_column!r} names {row.name!r}, expected a picture "
            "that no other row names."
        )
    return rows


def _picture_name(cell: str) -> str:
    path = PurePosixPath(cell.strip().replace("\\", "/"))
    suffixed = path.suffix.lower() in SUFFIXES["picture"]
    return (path.with_suffix("") if suffixed else path).as_posix()

"""The layout `table`: pictures of one's own, and one CSV that names and labels them."""

import re
import shutil
from collections.abc import Collection
from pathlib import Path, PurePosixPath

import pandas as pd
import pandera.pandas as pa
from pydantic import Field

from expressions.datasets.layouts import own
from expressions.datasets.sources.csv_tables import read_table
from expressions.datasets.sources.limits import Limits
from expressions.errors import InputError
from expressions.labels.tables import Rows
from expressions.pictures.kinds import SUFFIXES

render = own.render_pictures

# `https:` and, before the backslashes of Windows became slashes, `C:`.
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")


class Clean(own.CleanOwn):
    """The `clean` section of a data set in this layout."""

    file_column: str
    """Paths of the pictures, relative to the table, with or without a suffix."""
    label_column: str
    split_column: str | None = Field(default=None)
    """Where the table says each picture's split; `split` is for rows that leave it blank."""


def take(source: Path, folder: Path, limits: Limits) -> None:
    """Copy the pictures and their table into `folder`."""
    own.take_pictures(source, folder, limits)
    path = find_table(source)
    # Which columns it has to have, the stage that reads them knows.
    read_table(path, pa.DataFrameSchema({}))
    shutil.copyfile(path, folder / path.name)


def make(source: Path, folder: Path) -> None:
    """Take what is there: no data set of this layout is embedded."""
    take(source, folder, Limits())


def read_rows(dataset: str, raw: Path, section: Clean, classes: int) -> Rows:
    """Label the pictures as the table says."""
    pictures = own.find_pictures(raw)
    rows = rows_of_table(find_table(raw), section)
    _check_names(rows, pictures, section.file_column)
    return own.label_rows(dataset, rows, pictures, section, classes)


def find_table(folder: Path) -> Path:
    """Find the one CSV that lies in `folder`; hidden files do not count.

    Raises:
        InputError: there is none, or more than one.
    """
    tables = [
        path
        for path in sorted(folder.glob("*"))
        if path.suffix.lower() == ".csv" and path.is_file() and not path.name.startswith(".")
    ]
    if len(tables) != 1:
        found = ", ".join(path.name for path in tables) or "none"
        raise InputError(
            f"{folder} has to hold one .csv, the table of labels; found {found}. Leave the one "
            "table there."
        )
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


def _check_names(rows: pd.DataFrame, pictures: Collection[str], column: str) -> None:
    """Refuse names that can be no picture's, or that differ from one in capitals alone.

    Raises:
        InputError: the first such name, with its row.
    """
    in_small = {name.lower(): name for name in pictures}
    for row in rows[~rows["name"].isin(pictures)].itertuples():
        name = str(row.name)
        if name.startswith("/") or ".." in name.split("/") or _SCHEME.match(name):
            cure = "expected a path below the table's folder"
        elif name.lower() in in_small:
            cure = f"and the picture is {in_small[name.lower()]!r}. Write it with the same capitals"
        else:
            continue
        raise InputError(f"{row.where}: column {column!r} names {name!r:.80}, {cure}.")


def _picture_name(cell: str) -> str:
    path = PurePosixPath(cell.strip().replace("\\", "/"))
    suffixed = path.suffix.lower() in SUFFIXES["picture"]
    return (path.with_suffix("") if suffixed else path).as_posix()

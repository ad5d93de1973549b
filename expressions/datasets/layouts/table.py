"""The layout `table`: pictures of one's own, and one CSV that names and labels them."""

import shutil
from pathlib import Path

import pandas as pd
import pandera.pandas as pa
from pydantic import Field

from expressions.datasets.layouts import own_pictures, own_rows
from expressions.datasets.sources.csv_tables import read_table
from expressions.datasets.sources.limits import Limits
from expressions.errors import InputError
from expressions.labels.tables import Rows

render = own_pictures.render_pictures


class Clean(own_rows.CleanPictures):
    """The `clean` section of a data set in this layout."""

    file_column: str
    """Paths of the pictures, relative to the table, with or without a suffix."""
    label_column: str
    split_column: str | None = Field(default=None)
    """Where the table says each picture's split; `split` is for rows that leave it blank."""
    person_column: str | None = Field(default=None)
    """Where it says whom a picture shows; by shares a person's pictures go to one split."""


def take(source: Path, folder: Path, limits: Limits) -> None:
    """Copy the pictures and their table into `folder`."""
    own_pictures.take_pictures(source, folder, limits)
    path = find_table(source)
    # Which columns it has to have, the stage that reads them knows.
    read_table(path, pa.DataFrameSchema({}))
    shutil.copyfile(path, folder / path.name)


def read_rows(dataset: str, raw: Path, section: Clean, classes: int) -> Rows:
    """Label the pictures as the table says."""
    pictures = own_pictures.find_pictures(raw)
    rows = rows_of_table(find_table(raw), section)
    own_pictures.check_names(rows, pictures, section.file_column)
    return own_rows.label_pictures(dataset, rows, pictures, section, classes)


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
    """Return one row a row of the table, `own_rows.ROW_COLUMNS`; the split may be blank.

    Raises:
        InputError: a column is missing, or a picture is blank or stands twice.
    """
    columns = {
        "name": section.file_column,
        "label": section.label_column,
        "split": section.split_column,
        "person": section.person_column,
    }
    named = {what: column for what, column in columns.items() if column}
    table = read_table(path, pa.DataFrameSchema(dict.fromkeys(named.values(), pa.Column(str))))
    cells = {what: table[column].str.strip() for what, column in named.items()}
    cells["name"] = cells["name"].map(own_pictures.picture_name)
    rows = own_rows.new_rows(
        **cells, where=[f"{path}, row {row}" for row in range(2, len(table) + 2)]
    )
    for row in rows[rows["name"].duplicated() | (rows["name"] == ".")].itertuples():
        raise InputError(
            f"{row.where}: column {section.file_column!r} names {row.name!r}, expected a picture "
            "that no other row names."
        )
    return rows

"""The layout `folders`: pictures of one's own, each below the folder of its emotion."""

from pathlib import Path

import pandas as pd

from expressions.datasets.layouts import own_pictures, own_rows
from expressions.labels.tables import Rows

take = own_pictures.take_pictures
render = own_pictures.render_pictures


class Clean(own_rows.CleanPictures):
    """The `clean` section of a data set in this layout."""


def read_rows(dataset: str, raw: Path, section: Clean, classes: int) -> Rows:
    """Label every picture by its first folder."""
    pictures = own_pictures.find_pictures(raw)
    return own_rows.label_pictures(dataset, rows_of_folders(raw), pictures, section, classes)


def rows_of_folders(folder: Path) -> pd.DataFrame:
    """Return one row a picture, `own_rows.ROW_COLUMNS`; the label is its first folder, no split.

    Raises:
        InputError: a picture that lies in no folder.
    """
    names = list(own_pictures.find_pictures(folder))
    labels = [own_pictures.first_folder(folder, name) for name in names]
    return own_rows.new_rows(name=names, label=labels, where=[f"{folder}/{x}" for x in labels])

"""The layout `folders`: pictures of one's own, each below the folder of its emotion."""

from pathlib import Path

import pandas as pd

from expressions.datasets.layouts import own
from expressions.labels.tables import Rows

take = own.take_pictures
render = own.render_pictures


class Clean(own.CleanPictures):
    """The `clean` section of a data set in this layout."""


def read_rows(dataset: str, raw: Path, section: Clean, classes: int) -> Rows:
    """Label every picture by its first folder."""
    pictures = own.find_pictures(raw)
    return own.label_pictures(dataset, rows_of_folders(raw), pictures, section, classes)


def rows_of_folders(folder: Path) -> pd.DataFrame:
    """Return one row a picture, `own.ROW_COLUMNS`; the label is its first folder, no split.

    Raises:
        InputError: a picture that lies in no folder.
    """
    names = list(own.find_pictures(folder))
    labels = [own.first_folder(folder, name) for name in names]
    return own.new_rows(name=names, label=labels, where=[f"{folder}/{x}" for x in labels])

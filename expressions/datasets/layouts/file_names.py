"""The layout `file_names`: pictures whose names say what they show, as a pattern reads them.

So come JAFFE and KDEF (codes in the names of files) and AffectNet (codes as folders).
"""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from expressions.datasets.layouts import own_pictures, own_rows
from expressions.datasets.layouts.patterns import OTHER_NAME, Pattern, read_names
from expressions.errors import InputError
from expressions.labels.tables import Rows

take = own_pictures.take_pictures
render = own_pictures.render_pictures


def _check(pattern: str) -> str:
    if "(?P<emotion>" not in pattern:
        raise ValueError("the pattern has no group (?P<emotion>…), which says the label")
    return pattern


class Clean(own_rows.CleanPictures):
    """The `clean` section of a data set in this layout."""

    pattern: Annotated[Pattern, AfterValidator(_check)]
    """What names look like that say a picture's emotion, split and person; others are rejected."""


def read_rows(dataset: str, raw: Path, section: Clean, classes: int) -> Rows:
    """Label every picture by its name.

    Raises:
        InputError: the pattern matches no name, or a code that is not known.
    """
    pictures = own_pictures.find_pictures(raw)
    names = list(pictures)
    rows = own_rows.new_rows(name=names, where=[f"{raw}/{name}" for name in names])
    if (read_names(rows, section.pattern)["reason"] == OTHER_NAME).all():
        raise InputError(
            f"params.yaml: clean.{dataset}.pattern {section.pattern!r} fits the whole name of none "
            f"of the {len(names)} pictures, such as {names[0]!r} (the path below the data set's "
            "folder, without suffix). Correct it."
        )
    return own_rows.label_pictures(dataset, rows, pictures, section, classes)

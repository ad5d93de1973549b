"""The layout `split_folders`: `train/<class>/…` and `test/<class>/…`, as FER-2013 often comes.

A `validation` or `val` folder beside them is taken as it is. Without one a share of `train` becomes
the validation split, by a hash of each picture's id. Pictures in this form come without votes.
"""

from pathlib import Path

import pandas as pd
from pydantic import Field

from expressions.datasets.layouts import own_pictures, own_rows
from expressions.datasets.sources.limits import Limits
from expressions.errors import InputError
from expressions.labels.splits import SPELLINGS, TRAINING
from expressions.labels.tables import Rows
from expressions.pipeline.parameters import Section

render = own_pictures.render_pictures


class Clean(Section):
    """The `clean` section of a data set in this layout."""

    labels: own_rows.Labels = Field(default={})
    validation_share: float = Field(default=0.1, ge=0, lt=1)
    """The part of `train` that becomes the validation split where no folder is one."""


def take(source: Path, folder: Path, limits: Limits) -> None:
    """Copy the pictures, each of which lies in a class of a split, into `folder`."""
    own_pictures.take_pictures(source, folder, limits)
    read_folders(folder, shown_as=source)


def read_rows(dataset: str, raw: Path, section: Clean, classes: int) -> Rows:
    """Label every picture by the folder in its split's folder."""
    rows = read_folders(raw, shown_as=raw)
    share = 0.0 if (rows["split"] == "validation").any() else section.validation_share
    # A blank split is for the shares to fill.
    rows.loc[rows["split"] == TRAINING, "split"] = ""
    shares = {TRAINING: 1 - share, "validation": share}
    filled = own_rows.CleanPictures(labels=section.labels, split=shares)
    return own_rows.label_pictures(dataset, rows, own_pictures.find_pictures(raw), filled, classes)


def read_folders(folder: Path, shown_as: Path) -> pd.DataFrame:
    """Return one row a picture, `own_rows.ROW_COLUMNS`, by the folders it lies in.

    Errors show the path as if `folder` were `shown_as`.

    Raises:
        InputError: a picture that lies in no class of a split, or a split that has two folders.
    """
    rows = [(name, *name.split("/")) for name in own_pictures.find_pictures(folder)]
    folders: dict[str, str] = {}
    for name, first, *others in rows:
        split = SPELLINGS.get(first.lower())
        if split is None or len(others) < 2:
            raise InputError(
                f"{shown_as / name} lies in no class of a split. Put it where train/happy/… or "
                f"test/happy/… is; known splits: {', '.join(sorted(SPELLINGS))}."
            )
        if folders.setdefault(split, first) != first:
            raise InputError(
                f"{shown_as} holds {folders[split]}/ and {first}/, both of which are {split}. "
                "Merge them."
            )
    return own_rows.new_rows(
        name=[name for name, *_ in rows],
        label=[label for _, _, label, *_ in rows],
        split=[SPELLINGS[first.lower()] for _, first, *_ in rows],
        where=[f"{shown_as / name}" for name, *_ in rows],
    )

"""The labels of a data set: one table of what is kept, one of what is not and why."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from expressions.errors import InputError
from expressions.labels.emotions import EMOTIONS
from expressions.labels.ferplus import VOTE_COLUMNS, Target
from expressions.pipeline import paths
from expressions.pipeline.inputs import read_csv, unlike_written
from expressions.pipeline.parameters import Section

SAMPLE_COLUMNS = ["image_id", "split", "label"]
REJECTED_COLUMNS = ["image_id", "reason"]
INTENDED = "intended"
"""The column of what a picture was meant to show."""


class Rows(NamedTuple):
    """The rows of a data set, each in one of two tables."""

    kept: pd.DataFrame
    """`SAMPLE_COLUMNS`, the votes where there are some, and `INTENDED` where it is told besides."""
    rejected: pd.DataFrame
    """`REJECTED_COLUMNS`."""


class Labels(Section):
    """The `labels` section of the parameters."""

    classes: Literal[7, 8]
    target: Literal["majority", "probability", "crossentropy", "multi_target"]

    @property
    def mode(self) -> Target:
        """The target as one of FER+'s four modes."""
        return Target(self.target)


def class_numbers(labels: "pd.Series[str]", names: tuple[str, ...]) -> NDArray[np.int64]:
    """Return the index of each label in `names`; `[n]`.

    Raises:
        InputError: a label is none of them.
    """
    numbers = labels.map({name: number for number, name in enumerate(names)})
    for strange in labels[numbers.isna()]:
        raise InputError(
            f"{strange!r} is none of {', '.join(names)}, the classes of params.yaml. Run `dvc "
            "repro`."
        )
    return np.asarray(numbers, dtype=np.int64)


def divide_rows(rows: pd.DataFrame, name: str) -> Rows:
    """Divide the rows of the data set `name` by their column `reason`: blank ones are kept.

    Raises:
        InputError: an id stands twice.
        RuntimeError: a row has a missing value for a reason.
    """
    if rows["reason"].isna().any():
        raise RuntimeError(f"{name}: a row is neither kept nor has a reason against it")
    keep = rows["reason"] == ""
    divided = Rows(rows[keep].drop(columns="reason"), rows.loc[~keep, REJECTED_COLUMNS])
    check_counts(len(rows), divided, name)
    return divided


def divide_intended(kept: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return kept rows without `INTENDED`, and that by `image_id` where it is told."""
    intended = kept.reindex(columns=["image_id", INTENDED]).dropna()
    return kept.drop(columns=INTENDED, errors="ignore"), intended


def check_kept(rows: Rows, name: str) -> None:
    """Prove that some rows are kept.

    Raises:
        InputError: none is; the message counts the reasons.
    """
    if rows.kept.empty:
        counts = rows.rejected["reason"].value_counts().sort_index().items()
        reasons = ", ".join(f"{reason} {count}" for reason, count in counts) or "there are none"
        raise InputError(f"{name}: no row is kept ({reasons}). Look at its labels and pictures.")


def check_counts(count: int, rows: Rows, name: str) -> None:
    """Prove that every one of `count` rows is kept or rejected, once.

    Raises:
        InputError: an id stands twice.
        RuntimeError: the numbers do not add up.
    """
    ids = pd.concat([rows.kept["image_id"], rows.rejected["image_id"]])
    for image_id in ids[ids.duplicated()]:
        raise InputError(f"{name}: two rows or pictures get the image_id {image_id}. Rename one.")
    if count != len(ids):
        raise RuntimeError(
            f"{name}: {count} rows in, {len(rows.kept)} kept + {len(rows.rejected)} rejected = "
            f"{len(ids)}"
        )


def read_rejected(path: Path) -> pd.DataFrame:
    """Read `REJECTED_COLUMNS`, as any stage wrote them.

    Raises:
        InputError: the table is missing or damaged.
    """
    return read_csv(path, REJECTED_COLUMNS, "str")


def read_intended(datasets: Iterable[str]) -> "pd.Series[str]":
    """Read what the pictures of data sets were meant to show, by `image_id`, as `clean` wrote it.

    Raises:
        InputError: a table is missing or damaged, names no emotion, or a picture twice.
    """
    tables = []
    for path in map(paths.intended_table, datasets):
        table = read_csv(path, ["image_id", INTENDED], "str")
        _check_cells(table, path, {"image_id": None, INTENDED: EMOTIONS})
        for image_id in table["image_id"][table["image_id"].duplicated()]:
            raise unlike_written(path, f"has two rows for {image_id}")
        tables.append(table)
    return pd.concat(tables).set_index("image_id")[INTENDED]


def read_labels_csv(path: Path) -> pd.DataFrame:
    """Read a table that this module's columns describe, as `clean` or `join` wrote it.

    Vote columns are nullable integers, since only FER+ has votes.

    Raises:
        InputError: the table is missing, damaged or empty, or lacks a column, an id, a split or a
            label.
    """
    types = dict.fromkeys(SAMPLE_COLUMNS, "str") | dict.fromkeys(VOTE_COLUMNS, "Int64")
    table = read_csv(path, SAMPLE_COLUMNS, types)
    if table.empty:
        raise unlike_written(path, "holds no rows")
    _check_cells(table, path, {"image_id": None, "split": None, "label": EMOTIONS})
    return table


def _check_cells(
    table: pd.DataFrame, path: Path, allowed: Mapping[str, Sequence[str] | None]
) -> None:
    """Prove that each cell of some columns is one of what is allowed there, or any but a blank."""
    for column, values in allowed.items():
        cells = table[column]
        for row in np.flatnonzero(cells.isna() if values is None else ~cells.isin(values)):
            raise unlike_written(path, f"has {cells[row]!r} as {column} in row {row + 2}")

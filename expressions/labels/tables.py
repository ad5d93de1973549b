"""The labels of a data set: one table of what is kept, one of what is not and why."""

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from expressions.labels.ferplus import VOTE_COLUMNS, Target
from expressions.pipeline.parameters import Section

SAMPLE_COLUMNS = ["image_id", "split", "label"]
REJECTED_COLUMNS = ["image_id", "reason"]


class Labels(Section):
    """The `labels` section of the parameters."""

    classes: Literal[7, 8]
    target: Literal["majority", "probability", "crossentropy", "multi_target"]

    @property
    def mode(self) -> Target:
        """The target as one of FER+'s four modes."""
        return Target(self.target)


def class_numbers(labels: "pd.Series[str]", names: tuple[str, ...]) -> NDArray[np.int64]:
    """The place of each label in `names`; `[n]`."""
    numbers = labels.map({name: number for number, name in enumerate(names)})
    return np.asarray(numbers, dtype=np.int64)


def check_counts(rows: int, kept: pd.DataFrame, rejected: pd.DataFrame, name: str) -> None:
    """Prove that every one of `rows` is kept or rejected, once.

    Raises:
        RuntimeError: the numbers do not add up, or an id stands twice.
    """
    ids = pd.concat([kept["image_id"], rejected["image_id"]])
    if rows != len(ids) or ids.duplicated().any():
        raise RuntimeError(
            f"{name}: {rows} rows in, {len(kept)} kept + {len(rejected)} rejected = {len(ids)}, "
            f"{ids.duplicated().sum()} of them twice"
        )


def read_labels_csv(path: Path) -> pd.DataFrame:
    """A table this module's columns describe, as `clean` or `join` wrote it.

    Vote columns are nullable integers, since only FER+ has votes.
    """
    table = pd.read_csv(path, dtype={"image_id": str, "label": str}, keep_default_na=True)
    votes = [column for column in VOTE_COLUMNS if column in table]
    return table.astype(dict.fromkeys(votes, "Int64"))

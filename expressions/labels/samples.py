"""The samples of a run: the rows of all its data sets in one table, and which of them are used."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from expressions.errors import InputError
from expressions.labels import ferplus
from expressions.labels.splits import SPLITS, TRAINING
from expressions.labels.tables import SAMPLE_COLUMNS
from expressions.pipeline.parameters import Section

IEFDB = "iefdb"
"""The split that `join.iefdb_split` may give another name."""


class Join(Section):
    """The `join` section of the parameters."""

    iefdb_split: Literal["iefdb", "validation"]


def join_datasets(tables: Mapping[str, pd.DataFrame], iefdb_split: str) -> pd.DataFrame:
    """Join the kept rows of data sets, in the order of `tables`, to one table.

    `majority` is true where FER+'s official majority keeps the row, and for every row without
    votes, whose label nobody disputes. Vote columns are blank there.
    """
    columns = [*SAMPLE_COLUMNS, *ferplus.VOTE_COLUMNS]
    rows = [
        table.reindex(columns=columns).assign(dataset=dataset) for dataset, table in tables.items()
    ]
    samples = pd.concat(rows, ignore_index=True)
    samples["split"] = samples["split"].replace(IEFDB, iefdb_split)
    samples["majority"] = _majority(samples[list(ferplus.VOTE_COLUMNS)])
    return samples[["image_id", "dataset", "split", "label", "majority", *ferplus.VOTE_COLUMNS]]


def reject_samples(
    splits: "pd.Series[str]",
    without_face: Sequence[str],
    twins: NDArray[np.bool_],
    undecided: NDArray[np.bool_],
) -> "pd.Series[str]":
    """Return the reason against each row, blank where it is kept; `[n]`.

    Args:
        splits: of the rows.
        without_face: the reason for which an earlier stage left the picture out, else blank.
        twins: rows whose picture some other split has, too; they leave training.
        undecided: rows without a target in the chosen mode; they leave training.
    """
    training = splits == TRAINING
    reasons = pd.Series(without_face, index=splits.index, dtype=str)
    reasons[(reasons == "") & training & twins] = "twin"
    reasons[(reasons == "") & training & undecided] = "no_target"
    return reasons


def check_splits(kept: pd.DataFrame) -> None:
    """Prove that there are samples for each split that every run needs.

    Raises:
        InputError: one has none.
    """
    for split in SPLITS:
        if not (kept["split"] == split).any():
            raise InputError(
                f"data/samples.csv: no picture is left for the split {split}. Each of "
                f"{', '.join(SPLITS)} needs some: give a data set shares (split in its part of "
                "clean, in params.yaml), or add one that has them."
            )


def count_samples(
    samples: pd.DataFrame, rejected_by_label: pd.DataFrame, rejected: pd.DataFrame
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Count what became of the rows of one data set.

    Args:
        samples: its rows in the joined table.
        rejected_by_label: what `clean` left out of it.
        rejected: what was left out of the arrays, of any data set.

    Returns:
        All rows in and those rejected by label, by reason; and for each split the rows, those kept
        and those rejected, by reason.
    """
    every = {
        "rows": len(samples) + len(rejected_by_label),
        "rejected_by_label": _count_reasons(rejected_by_label["reason"]),
    }
    reasons = rejected.set_index("image_id")["reason"]
    splits = {}
    for split, rows in samples.groupby("split", sort=False):
        gone = rows["image_id"].map(reasons).dropna()
        splits[str(split)] = {
            "rows": len(rows),
            "kept": len(rows) - len(gone),
            "rejected": _count_reasons(gone),
        }
    return every, splits


def _majority(votes: pd.DataFrame) -> NDArray[np.bool_]:
    counts = votes.fillna(0).to_numpy(dtype=np.int64)
    return ferplus.majority(counts) | votes.isna().all(axis=1).to_numpy()


def _count_reasons(reasons: "pd.Series[str]") -> dict[str, int]:
    return {str(reason): int(n) for reason, n in reasons.value_counts().sort_index().items()}

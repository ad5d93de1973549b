"""Training targets: the distribution over the emotions that a network is to give for a picture."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from expressions.labels import ferplus
from expressions.labels.emotions import classes
from expressions.labels.tables import Labels


def make_targets(samples: pd.DataFrame, labels: Labels) -> NDArray[np.float64]:
    """Return the target of each row, `[n, classes]`; all zero where the mode discards the row.

    Rows without votes have their label for certain.
    """
    votes = samples[list(ferplus.VOTE_COLUMNS)]
    counted = votes.fillna(0).to_numpy(dtype=np.int64)
    by_votes = ferplus.targets(counted, labels.mode, labels.classes)
    certain = one_hot(samples["label"], classes(labels.classes))
    return np.where(votes.isna().all(axis=1).to_numpy()[:, None], certain, by_votes)


def target_table(
    samples: pd.DataFrame, targets: NDArray[np.float64], names: tuple[str, ...]
) -> pd.DataFrame:
    """Return `image_id, label, majority` of each row and, under the emotions' `names`, its target.

    A row whose target is all zero gets its label for certain: evaluation needs every labelled row,
    also those the training mode would discard.
    """
    table = samples[["image_id", "label", "majority"]].reset_index(drop=True)
    undecided = targets.sum(axis=1) == 0
    filled = np.where(undecided[:, None], one_hot(table["label"], names), targets)
    table[list(names)] = filled.astype(np.float32)
    return table


def one_hot(labels: "pd.Series[str]", names: tuple[str, ...]) -> NDArray[np.float64]:
    """Return 1 in the column of each label, else 0; `[n, classes]`."""
    return (labels.to_numpy()[:, None] == np.array(names)).astype(np.float64)

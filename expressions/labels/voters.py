"""What FER+'s voters agree on, and how often one of them agrees with the others."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from expressions.labels import ferplus
from expressions.labels.ferplus import Votes


def agreement(votes: Votes) -> NDArray[np.float64]:
    """Return the share of all votes that the winning column has, from 0 to 1; `[n]`."""
    return votes.max(axis=1) / np.maximum(votes.sum(axis=1), 1)


def human_accuracy(votes: Votes, emotions: Sequence[str], majority: bool) -> float:
    """Return how often one voter says what the other voters of the same picture say.

    Each vote is held against the label of the remaining ones: by most votes, or by FER+'s official
    majority where they have one. Votes count alike; those whose remaining ones have no label among
    the `emotions` do not count.

    Args:
        votes: `[n, 10]`, in the order of `ferplus.VOTE_COLUMNS`.
        emotions: those that are told apart.
        majority: the official majority in place of most votes.

    Returns:
        A share from 0 to 1.
    """
    columns = [ferplus.VOTE_COLUMNS.index(emotion) for emotion in emotions]
    right = counted = 0
    for column in range(votes.shape[1]):
        given = votes[:, column]
        others = votes.copy()
        others[:, column] -= given > 0
        label = ferplus.most_votes(others)
        usable = np.isin(label, columns) & (others.sum(axis=1) > 0)
        if majority:
            usable &= ferplus.majority(others)
        counted += int(given[usable].sum())
        right += int(given[usable & (label == column)].sum())
    return right / max(counted, 1)

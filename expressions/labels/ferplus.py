"""FER+: from ten people's votes on a picture to its label and its training target.

The rules are those of `ferplus.py` in microsoft/FERPlus and of Barsoum et al. 2016, "Training deep
networks for facial expression recognition with crowd-sourced label distribution"
(arXiv:1608.01041), restated over whole arrays. Votes are `[n, 10]`: the eight emotions in the order
of `EMOTIONS`, then `unknown` and `NF` (no face).
"""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from expressions.labels.emotions import EMOTIONS

UNKNOWN, NO_FACE = "unknown", "NF"
VOTE_COLUMNS = (*EMOTIONS, UNKNOWN, NO_FACE)

Votes = NDArray[np.int64]
Distribution = NDArray[np.float64]

# Constants of the rules in ferplus.py.
_PART_TO_EXPLAIN = 0.75
_MOST_EMOTIONS = 3
_MULTI_TARGET_SHARE = 0.3


class Target(StrEnum):
    """FER+'s four ways to make a training target out of the votes."""

    MAJORITY = "majority"
    PROBABILITY = "probability"
    CROSSENTROPY = "crossentropy"
    MULTI_TARGET = "multi_target"


def most_votes(votes: Votes) -> NDArray[np.int64]:
    """Return the column with the most votes of each row, the first one of a tie; `[n]`."""
    return votes.argmax(axis=1)


def without_single_votes(votes: Votes) -> Votes:
    """Return the votes without those that only one person gave: FER+'s removal of outliers."""
    return np.where(votes > 1, votes, 0)


def majority(votes: Votes) -> NDArray[np.bool_]:
    """Return True where FER+'s official protocol keeps the row, over all ten columns; `[n]`.

    That is where the winner has more than half of what is left without single votes, and is an
    emotion.
    """
    left = without_single_votes(votes)
    clear = left.max(axis=1) > 0.5 * left.sum(axis=1)
    return clear & (left.argmax(axis=1) < len(EMOTIONS))


def targets(votes: Votes, target: Target, classes: int) -> Distribution:
    """Return the target distribution of each row over the first `classes` emotions; `[n, classes]`.

    Rows sum to 1, or are all zero where the mode discards the row: too little agreement, or an
    `unknown`, no-face or left-out emotion in front.
    """
    left = without_single_votes(votes)
    match target:
        case Target.MAJORITY:
            kept = _only_majority(left)
        case Target.PROBABILITY | Target.CROSSENTROPY:
            kept = _leading_emotions(left)
        case Target.MULTI_TARGET:
            kept = _frequent_emotions(left)
    usable = (kept.sum(axis=1) > 0) & (kept.argmax(axis=1) < classes)
    kept = np.where(usable[:, None], kept[:, :classes], 0)
    return kept / np.maximum(kept.sum(axis=1, keepdims=True), 1)


def _only_majority(left: Votes) -> Votes:
    winner = left.argmax(axis=1)[:, None] == np.arange(left.shape[1])
    clear = left.max(axis=1) > 0.5 * left.sum(axis=1)
    return np.where(winner & clear[:, None], left, 0)


def _frequent_emotions(left: Votes) -> Votes:
    total = left.sum(axis=1, keepdims=True)
    kept = np.where(left >= _MULTI_TARGET_SHARE * total, left, 0)
    return np.where(kept.sum(axis=1, keepdims=True) > 0.5 * total, kept, 0)


def _leading_emotions(left: Votes) -> Votes:
    """Take the emotions in order of votes until three quarters of the votes are explained.

    Equal votes are taken together. `unknown` or no-face ends the taking: it is kept where it comes
    first, and left out behind an emotion.
    """
    left = left.copy()  # [n, 10]
    total = left.sum(axis=1)  # [n]
    kept = np.zeros_like(left)
    explained = np.zeros(len(left), dtype=left.dtype)
    count = np.zeros(len(left), dtype=left.dtype)
    active = total > 0
    first_non_emotion = len(EMOTIONS)
    for _ in range(_MOST_EMOTIONS):
        active &= (explained < _PART_TO_EXPLAIN * total) & (count < _MOST_EMOTIONS)
        highest = left.max(axis=1, keepdims=True)  # [n, 1]
        taken = (left == highest) & (highest > 0) & active[:, None]  # [n, 10]
        emotions, others = taken[:, :first_non_emotion], taken[:, first_non_emotion:]  # 8 and 2
        kept[:, :first_non_emotion] += np.where(emotions, highest, 0)
        ends = others.any(axis=1)  # [n]
        alone = ends & (kept.sum(axis=1) == 0)
        other = others.argmax(axis=1) + first_non_emotion  # [n]
        kept[alone, other[alone]] = highest[alone, 0]
        explained += highest[:, 0] * (emotions.sum(axis=1) + ends)
        count += emotions.sum(axis=1) + alone
        left = np.where(taken, 0, left)
        active &= ~ends
    enough = (kept.sum(axis=1) > 0.5 * total) & (count <= _MOST_EMOTIONS)
    return np.where(enough[:, None], kept, 0)

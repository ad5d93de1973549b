"""Several models on the same labelled pictures: the figures of each, and what sets them apart."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from expressions.evaluation.breakdowns import ClassScore, by_class
from expressions.evaluation.confusion import Matrix, confusion_matrix
from expressions.evaluation.intervals import (
    Bootstrap,
    Differences,
    estimate_differences,
)
from expressions.evaluation.protocols import (
    EvaluationSet,
    add_votes_and_twins,
    evaluation_sets,
    measure,
)
from expressions.labels.emotions import EMOTIONS

BOOTSTRAP = Bootstrap(resamples=10_000, seed=1)
NO_FACE = "no face"


class ProtocolFigures(NamedTuple):
    """One model under one protocol."""

    chosen: EvaluationSet
    figures: dict[str, Any]
    """As `metrics/evaluation.json` has them, with `no_face` behind `n`."""
    by_class: list[ClassScore]

    @property
    def matrix(self) -> Matrix:
        """The confusion matrix; rows are `chosen.classes`, columns `answers`."""
        return self.chosen.matrix

    @property
    def answers(self) -> tuple[str, ...]:
        """The names of the matrix' columns."""
        return (*self.chosen.classes, NO_FACE)[: self.matrix.shape[1]]


class Comparison(NamedTuple):
    """Two models on the pictures whose emotion both know, over the emotions that both know."""

    first: str
    second: str
    protocol: str
    classes: tuple[str, ...]
    differences: Differences
    """Of the first less the second."""


def rows_of_answers(
    samples: pd.DataFrame,
    twins: pd.DataFrame,
    classes: tuple[str, ...],
    probabilities: NDArray[np.float64],
) -> pd.DataFrame:
    """Return labelled pictures with one model's answers, as protocols take them.

    Args:
        samples: `image_id, label, majority` and the votes.
        twins: `image_id`.
        classes: the model's, in any order.
        probabilities: `[n, classes]` in the order of the samples; NaN without a face.
    """
    table = samples[["image_id", "label", "majority"]].reset_index(drop=True)
    answers = pd.DataFrame(probabilities, columns=list(classes))
    return add_votes_and_twins(pd.concat([table, answers], axis=1), samples, twins)


def known_emotions(rows: pd.DataFrame) -> tuple[str, ...]:
    """Return the emotions that have a probability in `rows`, in the order of all."""
    return tuple(emotion for emotion in EMOTIONS if emotion in rows.columns)


def count_unknown(rows: pd.DataFrame) -> dict[str, int]:
    """Return how many pictures are of each emotion that the model does not know."""
    labels = rows["label"][~rows["label"].isin(known_emotions(rows))]
    return {str(label): int(count) for label, count in labels.value_counts().sort_index().items()}


def measure_model(rows: pd.DataFrame, bootstrap: Bootstrap) -> list[ProtocolFigures]:
    """Return a model's figures under each protocol, the widest one first.

    Pictures of an emotion that the model does not know are left out. Those without votes have one
    protocol, since the official majority is a rule on votes.
    """
    names = known_emotions(rows)
    found = []
    for chosen in _sets_by_protocol(rows[rows["label"].isin(names)], names).values():
        its = measure(chosen, bootstrap)
        figures = {"n": its.pop("n"), "no_face": int((~chosen.answered).sum())} | its
        scores = by_class(chosen.matrix, chosen.classes, bootstrap)
        found.append(ProtocolFigures(chosen, figures, scores))
    return found


def compare_models(
    rows_by_model: Mapping[str, pd.DataFrame], bootstrap: Bootstrap
) -> list[Comparison]:
    """Return what sets each two models apart, under each protocol."""
    return [
        comparison
        for first, second in combinations(rows_by_model, 2)
        for comparison in _compare(first, second, rows_by_model, bootstrap)
    ]


def _compare(
    first: str, second: str, rows_by_model: Mapping[str, pd.DataFrame], bootstrap: Bootstrap
) -> Iterator[Comparison]:
    both = [rows_by_model[first], rows_by_model[second]]
    shared = set(known_emotions(both[0])) & set(known_emotions(both[1]))
    names = tuple(emotion for emotion in EMOTIONS if emotion in shared)
    sets = [_sets_by_protocol(rows[rows["label"].isin(names)], names) for rows in both]
    for protocol, one in sets[0].items():
        joint = _count_jointly(one, sets[1][protocol])
        differences = estimate_differences(joint, bootstrap)
        yield Comparison(first, second, protocol, names, differences)


def _sets_by_protocol(rows: pd.DataFrame, names: tuple[str, ...]) -> dict[str, EvaluationSet]:
    return {
        chosen.protocol: chosen
        for chosen in evaluation_sets(rows, names)
        if chosen.protocol.startswith("most_votes") or len(chosen.votes)
    }


def _count_jointly(one: EvaluationSet, other: EvaluationSet) -> Matrix:
    """Count the pictures by true class and both answers, `[classes, answers, answers]`."""
    classes, answers = len(one.classes), len(one.classes) + 1
    pairs = one.predicted * answers + other.predicted
    joint = confusion_matrix(one.labels, pairs, (classes, answers * answers))
    return joint.reshape(classes, answers, answers)

"""The protocols of FER+: which pictures of a split count, and over which emotions.

`most_votes`: every labelled picture. `majority`: those on which FER+'s official rule finds a
majority (Barsoum et al. 2016, arXiv:1608.01041). `<protocol>_7`: the same without contempt.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from expressions.errors import InputError
from expressions.evaluation.confusion import Matrix, confusion_matrix
from expressions.evaluation.intervals import Bootstrap, Estimate, estimate_share, flatten
from expressions.evaluation.metrics import compute_metrics
from expressions.evaluation.reliability import Reliability, bin_by_confidence
from expressions.labels.ferplus import VOTE_COLUMNS, Votes
from expressions.labels.prior import BESIDE_TRAINING, Prior, TrainingShares, expect
from expressions.labels.tables import class_numbers
from expressions.labels.voters import human_accuracy
from expressions.pipeline.parameters import Section

_CONTEMPT = "contempt"


class Evaluate(Section):
    """The `evaluate` section of the parameters."""

    flip: bool
    """Average the probabilities of a face and of its mirror image."""
    tempered_cost: float = Field(ge=0, le=1, description="accuracy that prior: tempered may cost")
    resamples: int = Field(gt=0, le=100_000)
    seed: int = Field(ge=0, lt=2**32)


class Accuracy(NamedTuple):
    """The accuracy of some of the pictures of an evaluation set."""

    n: int
    accuracy: Estimate


class EvaluationSet(NamedTuple):
    """The pictures that a protocol counts and what a model says of them."""

    protocol: str
    classes: tuple[str, ...]
    rows: pd.DataFrame
    """`image_id, label, majority, twin`, and the votes as `<column> votes`."""
    probabilities: NDArray[np.float64]
    """`[n, classes]`; rows sum to 1, or are NaN where the model has no answer."""
    labels: NDArray[np.int64]
    """`[n]`: the true classes."""

    @property
    def answered(self) -> NDArray[np.bool_]:
        """`[n]`: whether the model has an answer."""
        return ~np.any(np.isnan(self.probabilities), axis=1)

    @property
    def predicted(self) -> NDArray[np.int64]:
        """`[n]`: the most probable classes; `len(classes)` where the model has no answer."""
        return np.where(self.answered, self.probabilities.argmax(axis=1), len(self.classes))

    @property
    def correct(self) -> NDArray[np.bool_]:
        """`[n]`: whether the most probable class is the true one."""
        return self.predicted == self.labels

    @property
    def votes(self) -> Votes:
        """`[m, 10]`: the votes on those pictures that have some."""
        votes = self.rows[[_vote_column(name) for name in VOTE_COLUMNS]].dropna()
        return votes.to_numpy(dtype=np.int64)

    @property
    def all_have_votes(self) -> bool:
        """Whether every picture has votes."""
        return len(self.votes) == len(self.labels)

    @property
    def matrix(self) -> Matrix:
        """The confusion matrix, `[classes, classes]`; with one more column for missing answers."""
        count = len(self.classes)
        answers = count if self.answered.all() else count + 1
        return confusion_matrix(self.labels, self.predicted, (count, answers))

    @property
    def reliability(self) -> Reliability:
        """Accuracy by confidence, where the model has an answer."""
        return bin_by_confidence(self.probabilities[self.answered], self.labels[self.answered])


def add_votes_and_twins(
    predictions: pd.DataFrame, samples: pd.DataFrame, twins: pd.DataFrame
) -> pd.DataFrame:
    """Return `predictions` with the votes on each picture and whether it has a twin in training.

    An emotion's votes stand in `<emotion> votes`; its own name is its probability's. The tables are
    `data/predictions.csv`, `data/samples.csv` and `data/arrays/twins.csv`.

    Raises:
        InputError: a picture is not among the samples, or twice.
    """
    found = predictions["image_id"].map(samples["image_id"].value_counts()).fillna(0)
    for image_id, count in zip(predictions["image_id"][found != 1], found[found != 1], strict=True):
        raise InputError(
            f"data/samples.csv has {count:.0f} rows for {image_id}, expected one. Run `dvc repro`."
        )
    votes = samples[["image_id", *VOTE_COLUMNS]]
    renamed = votes.rename(columns={name: _vote_column(name) for name in VOTE_COLUMNS})
    rows = predictions.merge(renamed, on="image_id", how="left", validate="one_to_one")
    return rows.assign(twin=rows["image_id"].isin(twins["image_id"]))


def evaluation_sets(rows: pd.DataFrame, names: tuple[str, ...]) -> Iterator[EvaluationSet]:
    """Yield the set of each protocol in one split; with contempt also those of seven emotions.

    A protocol that counts no picture of the split is left out.

    Args:
        rows: as `add_votes_and_twins` makes them.
        names: the model's classes.
    """
    yield from _both_protocols(rows, names, "")
    if _CONTEMPT in names:
        others = tuple(name for name in names if name != _CONTEMPT)
        yield from _both_protocols(rows[rows["label"] != _CONTEMPT], others, "_7")


def select(protocol: str, rows: pd.DataFrame, names: tuple[str, ...]) -> EvaluationSet:
    """Return the set of `rows` whose probabilities are shared out among `names` alone.

    Where none of them has a share there is no answer.
    """
    shares = rows[list(names)].to_numpy(dtype=np.float64)
    sums = shares.sum(axis=1, keepdims=True)
    probabilities = np.divide(shares, sums, out=np.full_like(shares, np.nan), where=sums > 0)
    return EvaluationSet(protocol, names, rows, probabilities, class_numbers(rows["label"], names))


def under_prior(
    chosen: EvaluationSet, prior: Prior, training: TrainingShares
) -> EvaluationSet | None:
    """Return a set with its probabilities under a prior; None if that cannot be.

    Args:
        chosen: with the probabilities that the model gives.
        prior: what is expected of the set's faces.
        training: of the set's classes and perhaps more.
    """
    expected = expect(prior, training.among(chosen.classes), chosen.probabilities)
    if expected.prior is not prior:
        return None
    return chosen._replace(probabilities=expected.of(chosen.probabilities))


def measure(
    chosen: EvaluationSet, bootstrap: Bootstrap, training: TrainingShares | None = None
) -> dict[str, Any]:
    """Return the figures of one set under the keys of `metrics/evaluation.json`.

    Where it is known what the model was trained with, each other prior has the figures
    of its probabilities under that: `estimated` only if there are enough faces, `intended` if it
    is known what faces were meant to show.
    Where there are votes, one voter's accuracy stands beside the model's. Pictures with a
    pixel-identical twin among all training pictures, kept or dropped, are also counted apart.
    """
    figures = flatten(compute_metrics(chosen.matrix, chosen.reliability, bootstrap))
    votes = chosen.votes
    if len(votes):
        majority = chosen.protocol.startswith("majority")
        figures["human_accuracy"] = human_accuracy(votes, chosen.classes, majority)
    if training is not None:
        for prior in BESIDE_TRAINING:
            other = under_prior(chosen, prior, training)
            if other is not None:
                found = compute_metrics(other.matrix, other.reliability, bootstrap)
                figures[str(prior)] = flatten(found)
    twin = chosen.rows["twin"].to_numpy(dtype=np.bool_)
    for name, those in (("twins", twin), ("without_twins", ~twin)):
        if twin.any() and those.any():
            figures[name] = flatten(_accuracy_of(chosen.correct[those], bootstrap))
    return figures


def tabulate_answers(chosen: EvaluationSet) -> pd.DataFrame:
    """Return the true and the predicted emotion of each picture, as `actual` and `predicted`."""
    names = np.array(chosen.classes)
    return pd.DataFrame({"actual": names[chosen.labels], "predicted": names[chosen.predicted]})


def _both_protocols(
    rows: pd.DataFrame, names: tuple[str, ...], ending: str
) -> Iterator[EvaluationSet]:
    for protocol, kept in (("most_votes", rows), ("majority", rows[rows["majority"]])):
        if len(kept):
            yield select(f"{protocol}{ending}", kept, names)


def _accuracy_of(correct: NDArray[np.bool_], bootstrap: Bootstrap) -> Accuracy:
    n = len(correct)
    return Accuracy(n, estimate_share(int(correct.sum()), n, bootstrap))


def _vote_column(name: str) -> str:
    return f"{name} votes"

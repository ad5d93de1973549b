"""What the report shows of one split: confusion, scores, mistakes and their pictures."""

from pathlib import Path
from typing import Any, NamedTuple

from expressions.pipeline import paths
from expressions.pipeline.inputs import read_csv
from expressions.report.embedding import embed_file

# Columns that the page shows of the tables that `evaluate` wrote.
_PAIR = ("actual", "predicted", "n", "share")
_AGREEMENT = ("above", "up_to", "n", "accuracy")
_SCORE = ("split", "protocol", "emotion", "n", "precision", "recall", "f1")

Record = dict[Any, Any]
"""A row of a table by the names of its columns."""


class Confusion(NamedTuple):
    """A confusion matrix to be shown: rows are true classes."""

    classes: tuple[str, ...]
    counts: list[list[int]]
    shares: list[list[float]]
    """Of each row."""
    answers: tuple[str, ...]
    """The names of the columns."""


class Split(NamedTuple):
    """A split as one protocol sees it."""

    name: str
    protocol: str
    figures: Record
    """As `metrics/evaluation.json` has them."""
    confusion: Confusion
    scores: list[Record]
    """As `metrics/per_class.csv` has them."""
    mistakes: list[Record]
    agreement: list[Record]
    """Without votes none."""
    reliability: str
    """A data URI, as is `errors`."""
    errors: str


def strictest_protocol(protocols: Record) -> str:
    """Return the protocol by which the page shows a split: the official majority, if it is there.

    Raises:
        StopIteration: there is no protocol at all.
    """
    return "majority" if "majority" in protocols else next(iter(protocols))


def read_split(
    split: str, protocol: str, figures: Record, confusion: Confusion, mistakes: int
) -> Split:
    """Return what `evaluate` wrote of a split, with as many `mistakes`, the most frequent first."""
    start = paths.EVALUATION / f"{split}.{protocol}"
    agreement = Path(f"{start}.agreement.csv")
    return Split(
        split,
        protocol,
        figures,
        confusion,
        _read_scores(split, protocol),
        read_csv(Path(f"{start}.pairs.csv"), _PAIR).head(mistakes).to_dict("records"),
        read_csv(agreement, _AGREEMENT).to_dict("records") if agreement.exists() else [],
        embed_file(Path(f"{start}.reliability.png")),
        embed_file(paths.EVALUATION / f"{split}.errors.png"),
    )


def _read_scores(split: str, protocol: str) -> list[Record]:
    scores = read_csv(paths.PER_CLASS_METRICS, _SCORE)
    chosen = scores[(scores["split"] == split) & (scores["protocol"] == protocol)].astype(object)
    # A class that no picture was taken for has no precision: None, for the page.
    return chosen.where(chosen.notna(), None).to_dict("records")

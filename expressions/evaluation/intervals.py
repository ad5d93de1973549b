"""Figures with their 95 % bootstrap intervals (Efron and Tibshirani 1993, chapter 13)."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from expressions.evaluation.confusion import Matrix, Shares, hits, macro_f1

_PERCENTILES = (2.5, 97.5)


class Bootstrap(NamedTuple):
    """How often pictures are drawn with replacement behind an interval, and the seed of that."""

    resamples: int
    seed: int


class Estimate(NamedTuple):
    """A figure of `n` pictures with the bounds of its 95 % interval."""

    value: float
    low: float
    high: float
    n: int

    @classmethod
    def read(cls, figures: Mapping[str, Any], name: str) -> Self:
        """Return the figure `name` of what `flatten` made of a record with the field `n`."""
        return cls(figures[name], figures[f"{name}_low"], figures[f"{name}_high"], figures["n"])

    def __str__(self) -> str:
        """Return the value with its interval in brackets, four decimals each."""
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"


def flatten(record: NamedTuple) -> dict[str, Any]:
    """Return the fields of `record` by name, as JSON and CSV files have them.

    An estimate `<name>` becomes `<name>`, `<name>_low` and `<name>_high`.
    """
    flat: dict[str, Any] = {}
    for name, value in record._asdict().items():
        if isinstance(value, Estimate):
            flat |= {name: value.value, f"{name}_low": value.low, f"{name}_high": value.high}
        else:
            flat[name] = value
    return flat


def estimate_share(hits: int, n: int, bootstrap: Bootstrap) -> Estimate:
    """Return `hits / n`, from 0 to 1, with its percentile bootstrap interval; `n` is above 0.

    The number of hits in a resample of n pictures is binomial, so it is drawn directly.
    """
    rng = np.random.default_rng(bootstrap.seed)
    share = hits / n
    return _estimate(share, rng.binomial(n, share, bootstrap.resamples) / n, n)


def estimate_macro_f1(matrix: Matrix, bootstrap: Bootstrap) -> Estimate:
    """Return the macro F1, from 0 to 1, with its percentile bootstrap interval.

    Pictures drawn with replacement fall into the cells of the confusion matrix,
    `[classes, answers]`, as a multinomial says, so the cells are drawn directly. A resample counts
    the classes that occur among its labels.
    """
    n = int(matrix.sum())
    rng = np.random.default_rng(bootstrap.seed)
    drawn = rng.multinomial(n, matrix.ravel() / n, bootstrap.resamples)
    cells = drawn.reshape(bootstrap.resamples, *matrix.shape)
    return _estimate(float(macro_f1(matrix)), macro_f1(cells), n)


class Differences(NamedTuple):
    """What one model has more than another on the same pictures."""

    n: int
    accuracy: Estimate
    macro_f1: Estimate
    only_first: int
    """Pictures on which the first model alone is right."""
    only_second: int


def estimate_differences(joint: Matrix, bootstrap: Bootstrap) -> Differences:
    """Return the differences of accuracy and macro F1 with their paired bootstrap intervals.

    Both models answer the same pictures, so these are drawn once for both: pictures fall into the
    cells of `joint` as a multinomial says. Pictures on which both are right or both are wrong say
    nothing about which one is better, as in McNemar's test (1947).

    Args:
        joint: `[classes, answers, answers]`, how many pictures of each true class got each answer
            of the first and each of the second model.
        bootstrap: how the intervals are drawn.
    """
    n = int(joint.sum())
    rng = np.random.default_rng(bootstrap.seed)
    cells = rng.multinomial(n, joint.ravel() / n, bootstrap.resamples)
    drawn = cells.reshape(bootstrap.resamples, *joint.shape)
    accuracy, macro = (
        _estimate(float(figure(joint)), figure(drawn), n)
        for figure in (_accuracy_difference, _macro_f1_difference)
    )
    first, second = _hits_alone(joint)
    return Differences(n, accuracy, macro, int(first), int(second))


def _hits_alone(joint: Matrix) -> tuple[Matrix, Matrix]:
    """How often the first and how often the second model alone is right, `[...]` each."""
    classes = np.arange(joint.shape[-3])
    both = joint[..., classes, classes, classes].sum(axis=-1)
    first, second = joint.sum(axis=-1), joint.sum(axis=-2)
    return hits(first).sum(axis=-1) - both, hits(second).sum(axis=-1) - both


def _accuracy_difference(joint: Matrix) -> Shares:
    first, second = _hits_alone(joint)
    return (first - second) / joint.sum(axis=(-3, -2, -1))


def _macro_f1_difference(joint: Matrix) -> Shares:
    return macro_f1(joint.sum(axis=-1)) - macro_f1(joint.sum(axis=-2))


def _estimate(value: float, resampled: NDArray[np.float64], n: int) -> Estimate:
    low, high = np.percentile(resampled, _PERCENTILES)
    return Estimate(value, float(low), float(high), n)

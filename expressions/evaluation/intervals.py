"""Figures with their 95 % bootstrap intervals (Efron and Tibshirani 1993, chapter 13)."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from expressions.evaluation.confusion import Matrix, macro_f1

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


def _estimate(value: float, resampled: NDArray[np.float64], n: int) -> Estimate:
    low, high = np.percentile(resampled, _PERCENTILES)
    return Estimate(value, float(low), float(high), n)

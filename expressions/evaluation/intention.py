"""Learning what faces were meant to show from a model's answers to validation pictures."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from expressions.labels.intention import Intention, logits

FEWEST_PICTURES = 10
"""Of any emotion that was meant; with fewer nothing is learnt of it."""

# Of two, scikit-learn gives one row of weights and not a row for each.
_FEWEST_CLASSES = 3
_DECIMALS = 4
_CLOSE = 1e-8


def fit_intention(
    answers: pd.DataFrame, intended: "pd.Series[str]", names: tuple[str, ...]
) -> Intention | None:
    """Return how a model's answers tell what was meant; None where too few pictures say it.

    It is a logistic regression on the logits, in which each emotion that was meant weighs alike, so
    that it expects none of them beforehand.

    Args:
        answers: `image_id`, and a probability for each of `names`.
        intended: by `image_id`, for some of them.
        names: the model's classes.
    """
    meant = answers["image_id"].map(intended)
    known = meant.isin(names)
    counts = meant[known].value_counts()
    classes = tuple(name for name in names if counts.get(name, 0) >= FEWEST_PICTURES)
    if len(classes) < _FEWEST_CLASSES or len(classes) < len(counts):
        return None
    rows = logits(answers.loc[known, list(names)].to_numpy(dtype=np.float64))
    numbers = meant[known].map(classes.index).to_numpy()
    # Newton's steps end so near to the minimum that their last digits are rounded away.
    model = LogisticRegression(class_weight="balanced", solver="newton-cholesky", tol=_CLOSE)
    model.fit(rows, numbers)
    return Intention(classes, _rounded(model.coef_), _rounded(model.intercept_))


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    # Without the zeros that are negative.
    return values.round(_DECIMALS) + 0.0

"""The wrong answers that a model is most sure of: where labels and model deserve a look."""

import numpy as np
import pandas as pd

from expressions.evaluation.protocols import select


def most_confident_errors(rows: pd.DataFrame, names: tuple[str, ...], count: int) -> pd.DataFrame:
    """Return those of `rows` with the `count` wrong answers that the model is most sure of.

    The surest come first; `predicted` and its probability, `confidence`, stand beside the columns
    that `rows` have: `label` and the probabilities of `names`.
    """
    chosen = select("most_votes", rows, names)
    confidence = chosen.probabilities.max(axis=1)
    wrong = np.flatnonzero(chosen.answered & ~chosen.correct)
    first = wrong[np.argsort(-confidence[wrong], kind="stable")][:count]
    errors = rows.iloc[first]
    predicted = np.array(names)[chosen.predicted[first]]
    return errors.assign(predicted=predicted, confidence=confidence[first])


def caption_errors(errors: pd.DataFrame) -> list[str]:
    """Return what stands below each face: its id, its label, and what the model says."""
    return [
        f"{row.image_id}\n{row.label}\nnot {row.predicted} {row.confidence:.2f}"
        for row in errors.itertuples()
    ]

"""Labels that look wrong, by confident learning."""

import numpy as np
import pandas as pd
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from pydantic import Field

from expressions.evaluation.protocols import select
from expressions.pipeline.parameters import Section


class Audit(Section):
    """The `audit` section of the parameters."""

    shown: int = Field(gt=0, le=400, description="pictures on the contact sheet")


def find_suspects(predictions: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """Return the rows whose label the model contradicts more surely than its mistakes explain.

    Confident learning (Northcutt et al. 2021, arXiv:1911.00068): a label is suspicious where the
    probability of another class is above the average that class has on its own pictures. Only
    meaningful for pictures that the model was not trained on.

    Args:
        predictions: `image_id, split, label, row` and a probability for each of `names`.
        names: the model's classes.

    Returns:
        `image_id, split, label, row, predicted, label_quality` (the probability of the given label,
        six decimals), the most suspicious rows first.
    """
    chosen = select("most_votes", predictions, names)
    # One process: more start faster only beyond some 100,000 rows.
    suspicious = find_label_issues(chosen.labels, chosen.probabilities, n_jobs=1)
    quality = get_label_quality_scores(
        chosen.labels, chosen.probabilities, method="self_confidence"
    )
    table = predictions[["image_id", "split", "label", "row"]].assign(
        predicted=np.array(names)[chosen.predicted], label_quality=quality.round(6)
    )
    return table[suspicious].sort_values(["label_quality", "image_id"])


def caption_suspects(suspects: pd.DataFrame) -> list[str]:
    """Return what stands below each face: its id, its label, and what the model says."""
    return [
        f"{row.image_id}\n{row.label} {row.label_quality:.2f}\nor {row.predicted}?"
        for row in suspects.itertuples()
    ]

"""The audit, on labels that were swapped on purpose."""

import numpy as np
import pandas as pd
import pytest

from expressions.evaluation.label_issues import caption_suspects, find_suspects

NAMES = ("neutral", "happiness", "surprise")


def predictions(swapped: int) -> pd.DataFrame:
    """300 pictures of which the model knows the emotion; the first labels are wrong."""
    true = np.random.default_rng(0).integers(0, 3, 300)
    given = true.copy()
    given[:swapped] = (true[:swapped] + 1) % 3
    # As sure of all but the second picture.
    probabilities = np.full((300, 3), 0.05)
    probabilities[np.arange(300), true] = 0.9
    probabilities[1, given[1]], probabilities[1, true[1]] = 0.01, 0.94
    table = pd.DataFrame(probabilities, columns=NAMES)
    table["image_id"] = [f"i{place:03d}" for place in range(300)]
    return table.assign(split="test", row=range(300), label=np.array(NAMES)[given])


def test_labels_that_were_swapped_are_found():
    suspects = find_suspects(predictions(6), NAMES)
    assert list(suspects) == ["image_id", "split", "label", "row", "predicted", "label_quality"]
    assert suspects["image_id"].tolist() == ["i001", "i000", "i002", "i003", "i004", "i005"]
    assert suspects["label_quality"].tolist() == pytest.approx([0.01] + [0.05] * 5)
    assert suspects["row"].tolist() == [1, 0, 2, 3, 4, 5]
    assert (suspects["label"] != suspects["predicted"]).all()
    first = suspects.iloc[0]
    assert caption_suspects(suspects)[0] == f"i001\n{first['label']} 0.01\nor {first['predicted']}?"


def test_a_label_that_the_model_shares_is_no_suspect():
    table = predictions(0)
    table.loc[1, "label"] = table.loc[1, list(NAMES)].astype(float).idxmax()
    assert len(find_suspects(table, NAMES)) == 0

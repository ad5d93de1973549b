"""Targets: of votes, of rows without votes, and of rows the mode discards."""

import numpy as np
import pandas as pd
import pytest

from expressions.labels import ferplus
from expressions.labels.emotions import classes
from expressions.labels.tables import Labels
from expressions.labels.targets import make_targets, one_hot, target_table

VOTES = list(ferplus.VOTE_COLUMNS)
LABELS = Labels(classes=7, target="crossentropy")


def samples(*rows: tuple[str, dict[str, int]]) -> pd.DataFrame:
    table = pd.DataFrame(
        [
            {"image_id": f"i{number}", "label": label, "majority": True}
            | dict.fromkeys(VOTES, 0 if votes else pd.NA)
            | votes
            for number, (label, votes) in enumerate(rows)
        ]
    )
    return table.astype(dict.fromkeys(VOTES, "Int64"))


def test_rows_without_votes_are_certain():
    rows = make_targets(samples(("sadness", {}), ("fear", {"fear": 6, "anger": 4})), LABELS)
    assert rows[0].tolist() == [0, 0, 0, 1, 0, 0, 0]
    assert rows[1].tolist() == pytest.approx([0, 0, 0, 0, 0.4, 0, 0.6])
    assert np.array_equal(one_hot(pd.Series(["sadness", "fear"]), ("sadness", "fear")), np.eye(2))


def test_a_row_that_the_mode_discards_has_no_target_and_keeps_its_label_for_evaluation():
    table = samples(("anger", {"fear": 3, "anger": 3, "sadness": 2, "neutral": 2}))
    targets = make_targets(table, LABELS)
    assert not targets.any()
    written = target_table(table, targets, classes(7))
    assert written.columns.tolist() == ["image_id", "label", "majority", *classes(7)]
    assert written[list(classes(7))].to_numpy().tolist() == [[0, 0, 0, 0, 1, 0, 0]]

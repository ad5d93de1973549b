"""Arrays: what is left out and why, and that nothing of an evaluation split is in training."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from expressions.labels import ferplus
from expressions.labels.tables import Labels
from expressions.pictures.files import encode_png
from expressions.pictures.shards import write_shards
from stages.arrays import one_hot, read_faces, reject, targets, twins

VOTES = list(ferplus.VOTE_COLUMNS)
LABELS = Labels(classes=7, target="crossentropy")


def samples(rows: list[tuple[str, str, dict[str, int]]]) -> pd.DataFrame:
    table = pd.DataFrame(
        [
            {"image_id": f"i{place}", "split": split, "label": label}
            | dict.fromkeys(VOTES, 0 if votes else pd.NA)
            | votes
            for place, (split, label, votes) in enumerate(rows)
        ]
    )
    return table.astype(dict.fromkeys(VOTES, "Int64"))


def pictures(*values: int) -> np.ndarray:
    return np.stack([np.full((48, 48), value, np.uint8) for value in values])


SURE = {"fear": 10}


def test_twins_of_evaluation_pictures_leave_training_only():
    table = samples([("training", "fear", SURE)] * 3 + [("validation", "fear", SURE)] * 2)
    faces = pictures(1, 2, 2, 1, 1)
    reasons = reject(table, faces, np.ones(5, bool), {}, LABELS, drop_twins=True)
    assert reasons.tolist() == ["twin", "", "", "", ""]
    kept = reject(table, faces, np.ones(5, bool), {}, LABELS, drop_twins=False)
    assert kept.tolist() == [""] * 5


@given(
    hnp.arrays(np.uint8, 12, elements=st.integers(0, 5)),
    hnp.arrays(np.bool_, 12),
)
def test_no_training_picture_is_left_that_equals_another_splits(values, training):
    faces = pictures(*values)
    gone = twins(faces, training)
    assert not gone[~training].any()
    left = {face.tobytes() for face in faces[training & ~gone]}
    assert left.isdisjoint({face.tobytes() for face in faces[~training]})


def test_every_reason_against_a_row():
    undecided = {"fear": 3, "anger": 3, "sadness": 2, "neutral": 2}
    table = samples(
        [("training", "fear", SURE), ("training", "anger", undecided), ("test", "anger", undecided)]
        + [("iefdb", "fear", {})] * 3
    )
    has_face = np.array([True, True, True, False, False, True])
    left_out = {"i3": "no_face", "i4": "unreadable"}
    reasons = reject(table, pictures(1, 2, 3, 0, 0, 6), has_face, left_out, LABELS, True)
    assert reasons.tolist() == ["", "no_target", "", "no_face", "unreadable", ""]


def test_rows_without_votes_are_certain():
    table = samples([("iefdb", "sadness", {}), ("training", "fear", {"fear": 6, "anger": 4})])
    rows = targets(table, LABELS)
    assert rows[0].tolist() == [0, 0, 0, 1, 0, 0, 0]
    assert rows[1].tolist() == pytest.approx([0, 0, 0, 0, 0.4, 0, 0.6])
    assert np.array_equal(one_hot(table, ("sadness", "fear")), np.eye(2))


def test_faces_come_in_the_order_of_the_table(tmp_path):
    stored = [(f"i{n}", encode_png(pictures(n)[0])) for n in (1, 2, 3)]
    write_shards(tmp_path / "set", 2, stored)
    faces, has_face = read_faces([tmp_path / "set"], pd.Series(["i3", "i9", "i1"]))
    assert has_face.tolist() == [True, False, True]
    assert faces[[0, 2], 0, 0].tolist() == [3, 1]

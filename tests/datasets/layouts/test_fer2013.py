"""Labels out of FER+'s votes: nothing lost, nothing mixed up."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from expressions.datasets.layouts import fer2013
from expressions.errors import InputError
from expressions.labels import emotions, ferplus

VOTES = list(ferplus.VOTE_COLUMNS)


def vote_table(rows: list[list[int]], usage: str = "Training") -> pd.DataFrame:
    return pd.DataFrame(rows, columns=VOTES).assign(Usage=usage, **{"Image name": "same.png"})


def one(column: str, votes: int = 10) -> list[int]:
    return [votes * (name == column) for name in VOTES]


def test_labels_follow_the_rows_although_all_names_are_the_same():
    kept, rejected = fer2013.label_by_votes(
        "fer2013", vote_table([one("fear"), one("NF"), one("anger")]), 7
    )
    assert kept["image_id"].tolist() == ["fer2013-00000", "fer2013-00002"]
    assert kept["label"].tolist() == ["fear", "anger"]
    assert rejected.to_numpy().tolist() == [["fer2013-00001", "not_a_face"]]


@pytest.mark.parametrize(
    ("row", "classes", "reason"),
    [
        (one("contempt"), 7, "contempt"),
        (one("contempt"), 8, None),
        (one("unknown"), 8, "unknown"),
        (one("NF"), 8, "not_a_face"),
        ([0] * 10, 8, "no_votes"),
        (one("fear", 8), 7, "few_votes"),
        (one("fear", 1), 7, "few_votes"),
        (one("sadness", 9), 7, None),
    ],
)
def test_each_reason_of_rejection(row, classes, reason):
    kept, rejected = fer2013.label_by_votes("fer2013", vote_table([row]), classes)
    assert rejected["reason"].tolist() == ([reason] if reason else [])
    assert len(kept) == (reason is None)


@pytest.mark.parser
@given(hnp.arrays(np.int64, (6, 10), elements=st.integers(0, 10)), st.sampled_from([7, 8]))
def test_every_row_is_kept_or_rejected_once(votes, classes):
    kept, rejected = fer2013.label_by_votes("fer2013", vote_table(votes.tolist()), classes)
    ids = [*kept["image_id"], *rejected["image_id"]]
    assert sorted(ids) == [f"fer2013-{row:05d}" for row in range(6)]
    assert kept["label"].isin(emotions.classes(classes)).all()


def test_fer2013s_own_labels_are_for_training_only():
    table = pd.concat(
        [vote_table([one("fear")] * 2), vote_table([one("fear")], "PrivateTest")],
        ignore_index=True,
    )
    kept, _ = fer2013.label_by_votes("fer2013", table, 7)
    meant = fer2013.with_intended("fer2013", kept, ["3", "6", "3"])
    assert meant["intended"].tolist() == ["happiness", "neutral", "happiness"]
    assert meant.drop(columns="intended").equals(kept)
    relabelled = fer2013.with_fer2013_labels(meant)
    assert relabelled["label"].tolist() == ["happiness", "neutral", "fear"]
    assert relabelled["fear"].isna().tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("rows", "first", "last"),
    [
        (1, "kaggle-00000", "kaggle-00000"),
        (35_887, "kaggle-00000", "kaggle-35886"),
        (100_000, "kaggle-00000", "kaggle-99999"),
        (100_001, "kaggle-000000", "kaggle-100000"),
        (358_870, "kaggle-000000", "kaggle-358869"),
    ],
)
def test_ids_are_the_rows_and_sort_as_they_do(rows, first, last):
    ids = fer2013.image_ids("kaggle", rows)
    assert (ids[0], ids[-1], len(ids)) == (first, last, rows)
    assert ids == sorted(set(ids))


def test_pictures_without_votes_stop_render(tmp_path):
    pixels = " ".join(["7"] * 48 * 48)
    rows = "".join(f"0,Training,{pixels}\n" for _ in range(3))
    (tmp_path / "fer2013.csv").write_text(f"emotion,Usage,pixels\n{rows}", encoding="utf-8")
    for count in (3, 2):
        votes = vote_table([one("fear")] * count)
        votes.to_csv(tmp_path / "fer2013new.csv", index=False)
        if count == 3:
            ids = [image_id for image_id, _ in fer2013.render("fer2013", tmp_path)]
            assert ids == ["fer2013-00000", "fer2013-00001", "fer2013-00002"]
    with pytest.raises(InputError, match=r"has more rows than fer2013new\.csv, which has 2"):
        list(fer2013.render("fer2013", tmp_path))


def test_tables_of_which_only_the_order_differs_stop_clean(tmp_path):
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 7, 300)
    winners = [fer2013.EMOTION_CODES[code] for code in codes]
    vote_table([one(winner) for winner in winners]).to_csv(tmp_path / "fer2013new.csv", index=False)
    section = fer2013.Clean(training_labels="ferplus")

    def read(order: np.ndarray) -> int:
        rows = "".join(f"{code},Training,0\n" for code in order)
        (tmp_path / "fer2013.csv").write_text(f"emotion,Usage,pixels\n{rows}", encoding="utf-8")
        return len(fer2013.read_rows("fer2013", tmp_path, section, 7).kept)

    assert read(codes) == 300
    with pytest.raises(InputError, match="as if these were other pictures' ones"):
        read(codes[::-1])

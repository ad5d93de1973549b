"""Cleaning and joining labels: nothing lost, nothing mixed up, every spelling known."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from expressions.datasets import iefdb
from expressions.errors import InputError
from expressions.labels import emotions, ferplus
from expressions.labels.tables import check_counts, read_labels_csv
from expressions.pipeline.leftovers import forget_others
from expressions.pipeline.outputs import write_csv
from stages import clean
from stages.join import join

VOTES = list(ferplus.VOTE_COLUMNS)


def vote_table(rows: list[list[int]], usage: str = "Training") -> pd.DataFrame:
    return pd.DataFrame(rows, columns=VOTES).assign(Usage=usage, **{"Image name": "same.png"})


def one(column: str, votes: int = 10) -> list[int]:
    return [votes * (name == column) for name in VOTES]


def test_labels_follow_the_rows_although_all_names_are_the_same():
    kept, rejected = clean.clean_fer2013(vote_table([one("fear"), one("NF"), one("anger")]), 7)
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
        (one("sadness", 9), 7, None),
    ],
)
def test_each_reason_of_rejection(row, classes, reason):
    kept, rejected = clean.clean_fer2013(vote_table([row]), classes)
    assert rejected["reason"].tolist() == ([reason] if reason else [])
    assert len(kept) == (reason is None)


@given(hnp.arrays(np.int64, (6, 10), elements=st.integers(0, 10)), st.sampled_from([7, 8]))
def test_every_row_is_kept_or_rejected_once(votes, classes):
    kept, rejected = clean.clean_fer2013(vote_table(votes.tolist()), classes)
    ids = [*kept["image_id"], *rejected["image_id"]]
    assert sorted(ids) == [f"fer2013-{row:05d}" for row in range(6)]
    assert kept["label"].isin(emotions.classes(classes)).all()


def test_counts_that_do_not_add_up_stop_the_stage():
    kept, rejected = clean.clean_fer2013(vote_table([one("fear"), one("NF")]), 7)
    with pytest.raises(RuntimeError, match="3 rows in, 1 kept"):
        check_counts(3, kept, rejected, "FER-2013")


def picture_table(path: Path, usage: list[str]) -> Path:
    rows = [f"0,{value},0" for value in usage]
    path.write_text("\n".join(["emotion, Usage, pixels", *rows, ""]), encoding="utf-8")
    return path


def test_votes_and_pictures_belong_together_by_row(tmp_path):
    votes = pd.DataFrame({"Usage": ["Training", "Training", "PublicTest"]})
    same = picture_table(tmp_path / "same.csv", votes["Usage"].tolist())
    clean.prove_rows_belong(votes, same)
    swapped = picture_table(tmp_path / "swapped.csv", ["Training", "PublicTest", "Training"])
    with pytest.raises(InputError, match="differ in row 3"):
        clean.prove_rows_belong(votes, swapped)
    short = picture_table(tmp_path / "short.csv", ["Training", "Training"])
    with pytest.raises(InputError, match="3 and 2 rows"):
        clean.prove_rows_belong(votes, short)


def test_fer2013s_own_labels_are_for_training_only():
    table = pd.concat(
        [vote_table([one("fear")] * 2), vote_table([one("fear")], "PrivateTest")],
        ignore_index=True,
    )
    kept, _ = clean.clean_fer2013(table, 7)
    relabelled = clean.with_fer2013_labels(kept, ["3", "6", "3"])
    assert relabelled["label"].tolist() == ["happiness", "neutral", "fear"]
    assert relabelled["fear"].isna().tolist() == [True, True, False]


def test_known_spellings_in_any_case():
    spelt = ["Happiness", " happy ", "SAD", "angry", "Disgust", "Fear", "surprise", "Neutral"]
    assert emotions.canonical(spelt, "table.csv") == [
        "happiness",
        "happiness",
        "sadness",
        "anger",
        "disgust",
        "fear",
        "surprise",
        "neutral",
    ]


@given(st.text(max_size=12).filter(lambda t: t.strip().lower() not in emotions.SPELLINGS))
def test_an_unknown_spelling_is_named_and_never_a_missing_label(spelling):
    with pytest.raises(InputError) as error:
        emotions.canonical(["happy", spelling], "table.csv")
    assert "table.csv, row 3" in str(error.value)
    assert repr(spelling) in str(error.value)


def iefdb_table(*rows: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["PicNum", "IntendedExpression"])


def test_photographs_and_rows_that_miss_each_other_are_listed():
    table = iefdb_table(("2", "Happy"), ("1", "Sadness"), ("3", "fear"))
    kept, rejected = clean.clean_iefdb(table, "IntendedExpression", {"1", "2", "9"}, 7)
    assert kept.to_numpy().tolist() == [
        ["iefdb-1", "iefdb", "sadness"],
        ["iefdb-2", "iefdb", "happiness"],
    ]
    assert rejected.to_numpy().tolist() == [["iefdb-3", "no_picture"], ["iefdb-9", "no_label"]]


def test_a_photograph_listed_twice_is_an_error(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("PicNum,IntendedExpression\n007,sad\n8,fear\n007,happy\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 4: column 'PicNum' holds '007'"):
        iefdb.read_labels(path)


def test_two_files_for_one_photograph_are_an_error(tmp_path):
    for name in ("7.jpg", "7.png"):
        (tmp_path / name).touch()
    with pytest.raises(InputError, match=r"7\.jpg and 7\.png"):
        iefdb.pictures(tmp_path)


def test_join_marks_the_official_majority_and_places_iefdb(tmp_path):
    votes = [one("fear"), [3, 0, 3, 2, 2, 0, 0, 0, 0, 0]]
    fer2013, _ = clean.clean_fer2013(vote_table(votes), 7)
    photographs, _ = clean.clean_iefdb(iefdb_table(("1", "sad")), "IntendedExpression", {"1"}, 7)
    tables = {}
    for name, table in (("fer2013", fer2013), ("iefdb", photographs)):
        write_csv(tmp_path / f"{name}.csv", table)
        tables[name] = read_labels_csv(tmp_path / f"{name}.csv")
    samples = join(tables, "validation")
    assert samples["majority"].tolist() == [True, False, True]
    assert samples["split"].tolist() == ["training", "training", "validation"]
    assert samples["dataset"].tolist() == ["fer2013", "fer2013", "iefdb"]
    assert join(tables, "iefdb")["split"].tolist()[-1] == "iefdb"
    assert samples["fear"].tolist()[:2] == [10, 0]
    assert samples["fear"].isna().tolist() == [False, False, True]


def test_what_an_earlier_run_left_of_another_data_set_goes(tmp_path):
    others = ["raw/iefdb/a.jpg", "clean/iefdb.csv", "clean/iefdb.rejected.csv"]
    kept = ["clean/.gitignore", "clean/fer2013.csv", "raw/fer2013/b.csv"]
    for name in others + kept:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    forget_others(tmp_path, ["fer2013"])
    left = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file())
    assert left == kept

"""The joined table: splits, the official majority, and which samples are left out and why."""

import numpy as np
import pandas as pd
import pytest

from expressions.errors import InputError
from expressions.labels import ferplus
from expressions.labels.samples import (
    check_splits,
    count_samples,
    join_datasets,
    reject_samples,
)
from expressions.labels.tables import SAMPLE_COLUMNS, read_labels_csv
from expressions.pipeline.outputs import write_csv

VOTES = list(ferplus.VOTE_COLUMNS)


def test_join_marks_the_official_majority_and_places_iefdb(tmp_path):
    votes = [[10 * (name == "fear") for name in VOTES], [3, 0, 3, 2, 2, 0, 0, 0, 0, 0]]
    rows = [["f-0", "training", "fear"], ["f-1", "training", "neutral"]]
    voted = pd.DataFrame(rows, columns=SAMPLE_COLUMNS).join(pd.DataFrame(votes, columns=VOTES))
    certain = pd.DataFrame([["iefdb-1", "iefdb", "sadness"]], columns=SAMPLE_COLUMNS)
    tables = {}
    for name, table in (("fer2013", voted), ("iefdb", certain)):
        write_csv(tmp_path / f"{name}.csv", table)
        tables[name] = read_labels_csv(tmp_path / f"{name}.csv")
    samples = join_datasets(tables, "validation")
    assert samples["majority"].tolist() == [True, False, True]
    assert samples["split"].tolist() == ["training", "training", "validation"]
    assert samples["dataset"].tolist() == ["fer2013", "fer2013", "iefdb"]
    assert join_datasets(tables, "iefdb")["split"].tolist()[-1] == "iefdb"
    assert samples["fear"].tolist()[:2] == [10, 0]
    assert samples["fear"].isna().tolist() == [False, False, True]


def test_every_reason_against_a_sample_and_which_comes_first():
    splits = pd.Series(["training"] * 4 + ["test"] * 3)
    without_face = ["", "", "", "no_face", "unreadable", "", ""]
    twins = np.array([True, False, True, True, True, True, False])
    undecided = np.array([False, True, True, True, True, True, True])
    reasons = reject_samples(splits, without_face, twins, undecided)
    assert reasons.tolist() == ["twin", "no_target", "twin", "no_face", "unreadable", "", ""]


def test_counts_add_up_per_split():
    samples = pd.DataFrame(
        {"image_id": ["a", "b", "c", "d"], "split": ["training", "training", "training", "test"]}
    )
    by_label = pd.DataFrame({"image_id": ["x", "y"], "reason": ["unknown", "contempt"]})
    rejected = pd.DataFrame({"image_id": ["a", "b", "z"], "reason": ["twin", "no_face", "twin"]})
    every, splits = count_samples(samples, by_label, rejected)
    assert every == {"rows": 6, "rejected_by_label": {"contempt": 1, "unknown": 1}}
    assert splits == {
        "training": {"rows": 3, "kept": 1, "rejected": {"no_face": 1, "twin": 1}},
        "test": {"rows": 1, "kept": 1, "rejected": {}},
    }


@pytest.mark.parametrize("missing", ["training", "validation", "test"])
def test_a_split_without_pictures_is_named(missing):
    splits = [split for split in ("training", "validation", "test", "mine") if split != missing]
    with pytest.raises(InputError, match=f"no picture is left for the split {missing}"):
        check_splits(pd.DataFrame({"split": splits}))
    check_splits(pd.DataFrame({"split": [*splits, missing]}))

"""The facts of the real data, which the pipeline has to reproduce (needs `FER_DATA`)."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from expressions.datasets.layouts.fer2013_tables import (
    SPLITS as USAGES,
)
from expressions.datasets.layouts.fer2013_tables import VOTES, find_picture_table, read_pictures
from expressions.datasets.sources.source_files import open_source
from expressions.labels import ferplus
from expressions.labels.ferplus import Target

pytestmark = pytest.mark.real

SPLITS = ["training", "validation", "test"]


@pytest.fixture(scope="module")
def votes(fer_data) -> pd.DataFrame:
    with open_source(fer_data, VOTES) as (_, _, stream):
        return pd.read_csv(stream, keep_default_na=False)


@pytest.fixture(scope="module")
def arrays(fer_data, new_repository) -> Path:
    """A repository in which `make fer2013 STAGE=arrays` has run."""
    repository = new_repository()
    repository.run("expressions", "use", str(fer_data))
    repository.run("dvc", "repro", "arrays")
    return repository.folder


def per_split(table: pd.DataFrame, keep: np.ndarray) -> list[int]:
    return [int((keep & (table["Usage"] == usage)).sum()) for usage in USAGES]


def test_the_three_protocols_keep_the_known_numbers_of_rows(votes):
    counts = votes[list(ferplus.VOTE_COLUMNS)].to_numpy()
    winner, majority = ferplus.most_votes(counts), ferplus.majority(counts)
    assert per_split(votes, winner < 7) == [28224, 3529, 3519]
    assert per_split(votes, majority) == [25060, 3199, 3153]
    assert per_split(votes, majority & (winner < 7)) == [24941, 3186, 3137]


def test_the_traps_are_there(votes):
    names = votes["Image name"]
    numbers = pd.to_numeric(names.str.slice(3, 10), errors="coerce")
    assert (names == "").sum() == 173
    assert names[(names != "") & names.duplicated()].nunique() == 4
    assert (numbers == np.arange(len(votes))).sum() == 57
    assert (votes[list(ferplus.VOTE_COLUMNS)].sum(axis=1) != 10).sum() == 1


@pytest.mark.parametrize("target", Target)
def test_every_mode_has_targets_for_most_rows(votes, target):
    rows = ferplus.targets(votes[list(ferplus.VOTE_COLUMNS)].to_numpy(), target, 8)
    share = (rows.sum(axis=1) > 0).mean()
    assert 0.85 < share < 0.99


def test_the_pipeline_reproduces_the_counts(arrays):
    counts = json.loads((arrays / "metrics/data.json").read_text(encoding="utf-8"))["fer2013"]
    assert counts["rows"] == 35887
    assert [counts[split]["rows"] for split in SPLITS] == [28224, 3529, 3519]
    assert [counts[split]["kept"] for split in SPLITS[1:]] == [3529, 3519]
    training = counts["training"]
    assert training["rejected"]["twin"] == 680
    assert training["kept"] + sum(training["rejected"].values()) == 28224
    test = pd.read_csv(arrays / "data/arrays/test.csv")
    assert test["majority"].sum() == 3137
    assert (arrays / "data/images/fer2013.rejected.csv").read_text().splitlines() == [
        "image_id,reason"
    ]


def test_what_pictures_were_searched_by_stands_beside_what_is_seen(arrays):
    """The two agree on 63 of 100 kept pictures; of those meant to show fear, 13 are seen to."""
    table = pd.read_csv(arrays / "data/clean/fer2013.csv").set_index("image_id")
    assert table.columns[-1] == "NF"
    kept = table["label"]
    intended = pd.read_csv(arrays / "data/clean/fer2013.intended.csv").set_index("image_id")
    assert len(intended) == len(kept) == 35272
    meant = intended["intended"].loc[kept.index]
    assert (meant == kept).mean() == pytest.approx(0.6339, abs=1e-4)
    assert (kept[meant == "fear"] == "fear").mean() == pytest.approx(0.1283, abs=1e-4)


def test_no_training_row_equals_a_row_of_validation_or_test(arrays):
    pixels = {split: np.load(arrays / f"data/arrays/{split}.npy") for split in SPLITS}
    assert pixels["training"].dtype == np.float32
    seen = {row.tobytes() for split in SPLITS[1:] for row in pixels[split]}
    assert seen.isdisjoint(row.tobytes() for row in pixels["training"])


def test_labels_stay_with_their_pictures(arrays, votes):
    """Row by row, from the CSVs to the arrays, whatever the names say."""
    test = pd.read_csv(arrays / "data/arrays/test.csv")
    pixels = np.load(arrays / "data/arrays/test.npy")
    wanted = {int(image_id[-5:]): place for place, image_id in enumerate(test["image_id"])}
    emotions = np.array(ferplus.VOTE_COLUMNS)[
        votes[list(ferplus.VOTE_COLUMNS)].to_numpy().argmax(1)
    ]
    for block in read_pictures(find_picture_table(arrays / "data/raw/fer2013")):
        for offset, picture in enumerate(block.pixels):
            row = block.first_row + offset
            if row in wanted and row % 17 == 0:
                place = wanted[row]
                grey = (pixels[place, :, :, 0] + 1) * 127.5
                assert np.array_equal(np.rint(grey), picture)
                assert test["label"][place] == emotions[row]

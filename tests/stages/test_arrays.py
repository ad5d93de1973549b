"""The stage `arrays`: no row is lost, none is twice, and no twin is learnt."""

import json

import numpy as np
import pandas as pd
import pytest
from small_run import main_of

from expressions.errors import InputError
from expressions.faces.tables import TABLE_COLUMNS
from expressions.labels.ferplus import VOTE_COLUMNS
from expressions.pictures.files import encode_png
from expressions.pictures.shards import write_shards
from expressions.pipeline import paths
from expressions.pipeline.outputs import write_csv

PARAMETERS = """
datasets: [mine]
labels: {classes: 7, target: majority}
arrays: {low: -1.0, high: 1.0, drop_twins: true}
"""
# The second one is the picture of the fourth, which is in another split; the fifth has no face.
SPLITS = ["training", "training", "validation", "test", "test"]
GREY = [10, 20, 30, 20, None]


@pytest.fixture(autouse=True)
def samples(tmp_path, monkeypatch) -> pd.DataFrame:
    """What `join` and `crop` left of a data set of five pictures."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(PARAMETERS, encoding="utf-8")
    ids = [f"mine-{number}" for number in range(len(SPLITS))]
    pictures = [
        (image_id, encode_png(np.full((48, 48), value, np.uint8)))
        for image_id, value in zip(ids, GREY, strict=True)
        if value is not None
    ]
    write_shards(paths.FACES / "mine", 2, pictures)
    found = pd.DataFrame({"image_id": ids, "action": ["unchanged"] * 4 + ["no_face"]})
    write_csv(paths.face_table("mine"), found.reindex(columns=TABLE_COLUMNS))
    left_out = pd.DataFrame({"image_id": ["mine-9"], "reason": ["no_label"]})
    write_csv(paths.rejected_by_clean("mine"), left_out)
    table = pd.DataFrame({"image_id": ids, "dataset": "mine", "split": SPLITS, "label": "fear"})
    table = table.assign(majority=True, **dict.fromkeys(VOTE_COLUMNS, pd.NA))
    write_csv(paths.SAMPLES, table)
    return table


def test_rows_in_are_rows_kept_and_rows_rejected_each_with_its_reason():
    main_of("arrays")()
    rejected = pd.read_csv(paths.REJECTED_BY_ARRAYS)
    assert rejected.to_numpy().tolist() == [["mine-1", "twin"], ["mine-4", "no_face"]]
    counts = json.loads(paths.DATA_METRICS.read_text(encoding="utf-8"))["mine"]
    assert counts["rows"] == 6
    assert counts["rejected_by_label"] == {"no_label": 1}
    assert counts["training"] == {"rows": 2, "kept": 1, "rejected": {"twin": 1}}
    assert counts["test"] == {"rows": 2, "kept": 1, "rejected": {"no_face": 1}}
    assert pd.read_csv(paths.array_table("training"))["image_id"].tolist() == ["mine-0"]
    assert np.load(paths.array("test")).shape == (1, 48, 48, 1)


def test_a_row_that_stands_twice_is_named_and_nothing_is_written(samples):
    write_csv(paths.SAMPLES, pd.concat([samples, samples.tail(2)]))
    with pytest.raises(InputError, match="get the image_id mine-3"):
        main_of("arrays")()
    assert not paths.ARRAYS.exists()

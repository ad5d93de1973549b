"""A data set of one's own: by folders or by a table, every row kept or rejected with a reason."""

from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expressions.datasets import own as own_data
from expressions.errors import InputError
from expressions.labels import splits
from expressions.pipeline.parameters import read_section
from stages.clean import clean_own
from stages.ingest import ingest
from stages.render import photographs_by_id, render_photographs

SHARES = {"training": 0.7, "validation": 0.2, "test": 0.1}


def put(folder: Path, *names: str) -> Path:
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.full((20, 20), number, np.uint8))
    return folder


def table(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def columns(**others) -> own_data.Table:
    section = {"file_column": "file", "label_column": "emotion", "split": "test"}
    return own_data.Table.model_validate(section | others)


def test_folders_give_labels_in_any_case_and_depth(tmp_path):
    put(tmp_path, "Happy/1.jpg", "Happy/anna/1.png", "sad/1.webp", "joyful/x.JPG")
    rows = own_data.rows_of_folders(tmp_path)
    own = own_data.Folders(labels={"Joyful": "happiness"}, split="mine")
    kept, rejected = clean_own("mine", rows, set(rows["name"]), own, 7)
    assert kept.to_numpy().tolist() == [
        ["mine-Happy-1", "mine", "happiness"],
        ["mine-Happy-anna-1", "mine", "happiness"],
        ["mine-joyful-x", "mine", "happiness"],
        ["mine-sad-1", "mine", "sadness"],
    ]
    assert rejected.empty


def test_a_table_gives_labels_and_splits_and_every_other_row_has_a_reason(tmp_path):
    text = (
        "file,emotion,use\n./a/1.jpg,Happy,train\na\\2,sad,\n3.png,unsure,val\n4,contempt,test\n"
        "gone.jpg,fear,test\n"
    )
    put(tmp_path, "a/1.jpg", "a/2.png", "3.png", "4.tif", "5.bmp")
    section = columns(split_column="use", labels={"unsure": "unknown"})
    rows = own_data.rows_of_table(table(tmp_path / "labels.csv", text), section)
    kept, rejected = clean_own("mine", rows, set(own_data.find_pictures(tmp_path)), section, 7)
    assert kept.to_numpy().tolist() == [
        ["mine-a-1", "training", "happiness"],
        ["mine-a-2", "test", "sadness"],
    ]
    assert dict(rejected.to_numpy().tolist()) == {
        "mine-3": "unknown",
        "mine-4": "contempt",
        "mine-5": "no_label",
        "mine-gone": "no_picture",
    }


@pytest.mark.parametrize(
    ("text", "others", "message"),
    [
        ("file,emotion\n1,happpy\n", {}, "labels.csv, row 2: 'happpy' is no known emotion"),
        ("file,mood\n1,happy\n", {}, "column 'emotion' is missing. Found the columns file, mood"),
        ("file,emotion\n1,sad\n1.jpg,sad\n", {}, "row 3: column 'file' names '1'"),
        ("file,emotion\n,sad\n", {}, "row 2: column 'file'"),
        ("file,emotion,use\n1,sad,holdout\n", {"split_column": "use"}, "'holdout' is no split"),
        ("file,emotion\n1,sad\n", {"split": "tset"}, "clean.mine.split is 'tset'"),
        ("file,emotion\n1,sad\n", {"labels": {"joy": "happy"}}, "labels: 'happy' is none of"),
    ],
)
def test_a_mistake_in_a_table_is_named(tmp_path, text, others, message):
    put(tmp_path, "1.jpg")
    section = columns(**others)
    with pytest.raises(InputError, match=message):
        clean_own(
            "mine",
            own_data.rows_of_table(table(tmp_path / "labels.csv", text), section),
            {"1"},
            section,
            7,
        )


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("happy/1.jpg", "happy/1.png"), "would get one image_id"),
        (("happy/a-1.jpg", "happy/a/1.jpg"), "would get one image_id"),
        (("1.jpg",), "lies in no folder"),
    ],
)
def test_pictures_that_have_no_id_or_label_of_their_own_are_named(tmp_path, names, message):
    with pytest.raises(InputError, match=message):
        own_data.rows_of_folders(put(tmp_path, *names))


@pytest.mark.parametrize("name", ["training", "my-data", "my.data", "Mine", "2mine", ""])
def test_a_name_that_could_be_taken_for_another_is_refused(name):
    with pytest.raises(InputError, match="is no possible name"):
        own_data.check_name(name)


def test_shares_have_to_add_up(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table(tmp_path / "params.yaml", "clean: {mine: {split: {training: 0.8, test: 0.1}}}")
    with pytest.raises(InputError, match=r"add up to 0\.9, not to 1"):
        read_section(own_data.Folders, "clean.mine")
    table(tmp_path / "params.yaml", "clean: {mine: {split: {train: 1.0}}}")
    with pytest.raises(InputError, match="shares are of training, validation, test"):
        read_section(own_data.Folders, "clean.mine")


@given(st.sets(st.text(min_size=1, max_size=20), max_size=30), st.text(max_size=20))
def test_a_new_picture_moves_no_other_to_another_split(names, new):
    before = {name: splits.by_share(f"mine-{name}", SHARES) for name in names}
    after = {name: splits.by_share(f"mine-{name}", SHARES) for name in [*sorted(names), new]}
    assert before.items() <= after.items()
    assert set(after.values()) <= set(SHARES)


def test_each_split_gets_its_share():
    counts = Counter(splits.by_share(f"mine-{number}", SHARES) for number in range(10_000))
    for split, share in SHARES.items():
        # Four standard deviations of a binomial count.
        assert abs(counts[split] - 10_000 * share) < 4 * np.sqrt(10_000 * share * (1 - share))


def test_raw_pictures_are_copied_unchanged_and_rendered_by_id(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = put(tmp_path / "source", "sad/b.png", "happy/a.png", "happy/.hidden.png")
    (source / "sad/broken.jpg").write_bytes(b"no picture")
    (source / "notes.txt").write_text("x", encoding="utf-8")
    ingest("mine", "folders", source, demo=True)
    raw = Path("data/raw/mine")
    copied = sorted(p.relative_to(raw).as_posix() for p in raw.rglob("*") if p.is_file())
    assert copied == ["happy/a.png", "sad/b.png", "sad/broken.jpg"]
    assert (raw / "happy/a.png").read_bytes() == (source / "happy/a.png").read_bytes()
    unreadable: list[str] = []
    rendered = render_photographs(photographs_by_id("mine", "folders", raw), unreadable)
    assert [image_id for image_id, _ in rendered] == ["mine-happy-a", "mine-sad-b"]
    assert unreadable == ["mine-sad-broken"]


def test_a_folder_without_pictures_or_with_two_tables_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="no folder"):
        ingest("mine", "folders", tmp_path / "none", demo=False)
    source = tmp_path / "source"
    source.mkdir()
    with pytest.raises(InputError, match="holds no pictures"):
        ingest("mine", "folders", source, demo=False)
    put(source, "1.jpg")
    for name in ("a.csv", "b.csv"):
        table(source / name, "file,emotion\n")
    with pytest.raises(InputError, match=r"found a\.csv, b\.csv"):
        ingest("mine", "table", source, demo=False)
    assert not Path("data/raw/mine").exists()


def test_splits_come_in_one_order():
    assert splits.in_order(["mine", "test", "iefdb", "training", "test"]) == [
        "training",
        "test",
        "iefdb",
        "mine",
    ]


def test_rows_are_kept_or_rejected_once(tmp_path):
    rows = pd.DataFrame(
        {"name": ["a", "b"], "label": ["sad", "contempt"], "split": "", "where": "row"}
    )
    kept, rejected = clean_own("mine", rows, {"a", "b", "c"}, columns(), 7)
    assert len(kept) + len(rejected) == 3

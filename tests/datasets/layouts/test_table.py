"""The layout `table`: every row is kept or rejected with a reason, or its mistake is named."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from picture_files import put_pictures

from expressions.datasets.layouts import folders, own_pictures, table
from expressions.datasets.sources.limits import Limits
from expressions.errors import InputError


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def columns(**others) -> table.Clean:
    section = {"file_column": "file", "label_column": "emotion", "split": "test"}
    return table.Clean.model_validate(section | others)


def test_a_table_gives_labels_and_splits_and_every_other_row_has_a_reason(tmp_path):
    text = (
        "file,emotion,use\n./a/1.jpg,Happy,train\na\\2,sad,\n3.png,unsure,val\n4,contempt,test\n"
        "gone.jpg,fear,test\n"
    )
    put_pictures(tmp_path, "a/1.jpg", "a/2.png", "3.png", "4.tif", "5.bmp")
    section = columns(split_column="use", labels={"unsure": "unknown"})
    write(tmp_path / "labels.csv", text)
    kept, rejected = table.read_rows("mine", tmp_path, section, 7)
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


def test_what_is_no_suffix_of_pictures_is_part_of_the_name_in_the_table_and_in_the_folder(tmp_path):
    put_pictures(tmp_path, "a.jpg", "b.JPEG", "c.tif")
    (tmp_path / "a.jpg").rename(tmp_path / "KA.AN1.39")
    (tmp_path / "c.tif").rename(tmp_path / "c.photo")
    write(tmp_path / "labels.csv", "file,emotion\nKA.AN1.39,angry\nb.jpeg,sad\nc.photo,fear\n")
    kept, rejected = table.read_rows("mine", tmp_path, columns(), 7)
    assert kept["image_id"].tolist() == ["mine-KA.AN1.39", "mine-b", "mine-c.photo"]
    assert rejected.empty


def test_persons_and_the_sources_own_words_for_splits(tmp_path):
    rows = [f"{n},sad,{'dev-set' if n < 40 else ''},p{n % 8}" for n in range(80)]
    put_pictures(tmp_path, *(f"{n}.png" for n in range(80)))
    write(tmp_path / "labels.csv", "\n".join(["file,emotion,use,who", *rows]))
    section = columns(
        split_column="use",
        person_column="who",
        splits={"Dev-Set": "mine"},
        split={"training": 0.5, "test": 0.5},
    )
    kept, _ = table.read_rows("mine", tmp_path, section, 7)
    number = kept["image_id"].str.extract(r"(\d+)")[0].astype(int)
    assert (kept["split"][number < 40] == "mine").all()
    shared = kept[number >= 40]
    assert (shared["split"].groupby(number % 8).nunique() == 1).all()
    assert set(shared["split"]) == {"training", "test"}


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
    put_pictures(tmp_path, "1.jpg")
    section = columns(**others)
    write(tmp_path / "labels.csv", text)
    with pytest.raises(InputError, match=message):
        table.read_rows("mine", tmp_path, section, 7)


def test_a_folder_without_pictures_or_with_two_tables_is_refused(tmp_path):
    with pytest.raises(InputError, match="no folder"):
        folders.take(tmp_path / "none", tmp_path / "raw", Limits())
    source = tmp_path / "source"
    source.mkdir()
    with pytest.raises(InputError, match="holds no pictures"):
        folders.take(source, tmp_path / "raw", Limits())
    put_pictures(source, "1.jpg")
    for name in ("a.csv", "b.csv"):
        write(source / name, "file,emotion\n")
    with pytest.raises(InputError, match=r"found a\.csv, b\.csv"):
        table.take(source, tmp_path / "raw", Limits())


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("/home/me/1.jpg", "names '/home/me/1', expected a path below the table's folder"),
        ("C:\\photos\\1.jpg", "names 'C:/photos/1', expected a path below"),
        ("https://example.org/1.jpg", "names .*, expected a path below"),
        ("a/../../1.jpg", "names .*, expected a path below"),
        ("A/1.jpg", "names 'A/1', and the picture is 'a/1'. Write it with the same capitals"),
    ],
)
def test_a_name_that_can_be_no_pictures_is_told_from_one_that_is_missing(tmp_path, cell, message):
    put_pictures(tmp_path, "a/1.jpg", "2.jpg")
    write(tmp_path / "labels.csv", f"file,emotion\n2.jpg,sad\n{cell},sad\n")
    with pytest.raises(InputError, match=f"row 3: column 'file' {message}"):
        table.read_rows("mine", tmp_path, columns(), 7)


@pytest.mark.parametrize("beside", ["._labels.csv", ".~lock.labels.csv#", ".labels.csv", "A.TXT"])
def test_hidden_files_and_others_are_no_second_table(tmp_path, beside):
    write(tmp_path / beside, "x")
    assert table.find_table(write(tmp_path / "labels.CSV", "file").parent).name == "labels.CSV"


def test_a_table_that_is_no_text_stops_ingest_under_the_users_own_path(tmp_path):
    put_pictures(tmp_path / "in", "1.jpg")
    (tmp_path / "in/labels.csv").write_bytes("file,emotion\nZo\xeb,sad\n".encode("cp1252"))
    (tmp_path / "raw").mkdir()
    with pytest.raises(InputError, match=r"in/labels\.csv, line 2 is no UTF-8"):
        table.take(tmp_path / "in", tmp_path / "raw", Limits())


@pytest.fixture(scope="module")
def two_pictures(tmp_path_factory) -> Path:
    return put_pictures(tmp_path_factory.mktemp("two"), "a/1.png", "b.jpg")


WORDS = ("a/1.png", "a\\1", "b", "../b", "happy", "Sad", "contempt", "train", "", "nan", " b ")
CELLS = st.sampled_from(WORDS) | st.text(st.sampled_from('a1b/\\.,;" \0é\n\r'), max_size=5)


@pytest.mark.parser
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=5), st.sampled_from([7, 8]))
def test_any_table_has_rows_kept_and_rejected_or_one_message(two_pictures, rows, classes):
    with (two_pictures / "labels.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("file", "emotion", "use"), *rows])
    try:
        kept, rejected = table.read_rows("mine", two_pictures, columns(split_column="use"), classes)
    except InputError as error:
        assert str(two_pictures) in str(error)  # noqa: PT017
        return
    unlabelled = {"a/1", "b"} - {own_pictures.picture_name(row[0]) for row in rows}
    assert len(kept) + len(rejected) == len(rows) + len(unlabelled)
    assert (rejected["reason"] != "").all()

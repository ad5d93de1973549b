"""Labelled pictures to measure on: folders, tables, FER-2013; what is left out is counted."""

from pathlib import Path

import pandas as pd
import pytest
from helpers import write_fer2013_tables
from hypothesis import given
from hypothesis import strategies as st

from expressions.datasets.labelled_pictures import read_file_table, read_labelled_pictures
from expressions.errors import InputError
from expressions.labels.ferplus import VOTE_COLUMNS

# Usage, the grey value of all pixels, votes.
FER2013 = [
    ("Training", 10, {"fear": 10}),
    ("Training", 20, {"NF": 10}),
    ("PrivateTest", 10, {"fear": 10}),
    ("PrivateTest", 20, {"happiness": 6, "neutral": 4}),
    ("PublicTest", 30, {"anger": 10}),
    ("PrivateTest", 30, {"neutral": 4, "sadness": 4, "anger": 2}),
    ("PrivateTest", 40, {"contempt": 10}),
    ("PrivateTest", 50, {"unknown": 9, "fear": 1}),
    ("PrivateTest", 60, {"NF": 10}),
]


@pytest.fixture
def fer2013(tmp_path) -> Path:
    return write_fer2013_tables(tmp_path, FER2013)


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def test_fer2013_has_labels_by_votes_and_twins_told_apart(fer2013, capsys):
    found = read_labelled_pictures(fer2013, "test")
    assert found.samples["image_id"].tolist() == [f"fer2013-0000{row}" for row in (2, 3, 5, 6)]
    assert found.samples["label"].tolist() == ["fear", "happiness", "neutral", "contempt"]
    assert found.samples["majority"].tolist() == [True, True, False, True]
    assert found.samples["happiness"].tolist() == [0, 6, 0, 0]
    # The picture of row 3 stands in training, too, but as no face: it could not be learnt from.
    assert found.twins["image_id"].tolist() == ["fer2013-00002"]
    assert found.left_out == {"unknown": 1, "not_a_face": 1}
    assert found.faces.shape == (4, 48, 48)
    assert found.faces[:, 0, 0].tolist() == [10, 20, 30, 40]
    assert capsys.readouterr().out == "", "what is printed is the figures alone"


def test_another_split_of_fer2013_can_be_measured(fer2013):
    found = read_labelled_pictures(fer2013, "validation")
    assert found.samples["image_id"].tolist() == ["fer2013-00004"]
    assert found.twins.empty
    assert found.left_out == {}


def test_a_split_that_cannot_be_measured_is_named(fer2013):
    for split in ("training", "tests"):
        with pytest.raises(InputError, match=f"'{split}'.*validation.*test"):
            read_labelled_pictures(fer2013, split)


def test_a_folder_gives_labels_whatever_the_spelling(tmp_path):
    touch(tmp_path, "Happy/b.jpg", "Happy/deeper/a.PNG", "FEAR/a.jpg", "FEAR/notes.txt")
    found = read_labelled_pictures(tmp_path, "test")
    assert found.samples["image_id"].tolist() == ["FEAR/a.jpg", "Happy/b.jpg", "Happy/deeper/a.PNG"]
    assert found.samples["label"].tolist() == ["fear", "happiness", "happiness"]
    assert found.files == [tmp_path / name for name in found.samples["image_id"]]
    assert found.samples[list(VOTE_COLUMNS)].isna().all(axis=None)
    assert found.left_out == {"neither picture nor video": 1}
    assert (found.faces, len(found.twins)) == (None, 0)


def test_a_link_to_a_picture_is_measured_under_its_own_label(tmp_path):
    touch(tmp_path, "sad/1.png", "fear/2.png")
    (tmp_path / "fear/1.png").symlink_to(tmp_path / "sad/1.png")
    found = read_labelled_pictures(tmp_path, "test")
    assert found.samples["image_id"].tolist() == ["fear/1.png", "fear/2.png", "sad/1.png"]
    assert found.left_out == {}


def test_a_table_names_files_beside_it(tmp_path):
    touch(tmp_path, "x/a.jpg", "b.jpg")
    table = tmp_path / "labels.csv"
    table.write_text("label,file,who\nHappy,x\\a.jpg,me\nsad,b.jpg,you\nfear,c.jpg,us\n", "utf-8")
    found = read_labelled_pictures(table, "test")
    assert found.samples["image_id"].tolist() == ["x/a.jpg", "b.jpg"]
    assert found.samples["label"].tolist() == ["happiness", "sadness"]
    assert found.files == [tmp_path / "x/a.jpg", tmp_path / "b.jpg"]
    assert found.left_out == {"no_picture": 1}


@pytest.mark.parametrize(
    ("names", "table", "message"),
    [
        (["a.jpg"], None, r"a\.jpg lies in no folder"),
        (["hapy/a.jpg"], None, r"hapy: 'hapy' is no known emotion.*Rename the folder"),
        (["happy/notes.txt"], None, "holds no picture"),
        ([], "file,label\na.jpg,hapy\n", r"labels\.csv, row 2: 'hapy' is no known emotion"),
        ([], "file,label\na.jpg,sad\na.jpg,sad\n", r"labels\.csv, row 3: 'a\.jpg' stands twice"),
        ([], "file,emotion\na.jpg,sad\n", "column 'label' is missing"),
        ([], "file,label\nb.jpg,sad\n", "holds no picture"),
    ],
)
def test_a_mistake_is_named(tmp_path, names, table, message):
    touch(tmp_path, *names)
    source = tmp_path
    if table is not None:
        source = tmp_path / "labels.csv"
        source.write_text(table, encoding="utf-8")
        touch(tmp_path, "a.jpg")
    with pytest.raises(InputError, match=message):
        read_labelled_pictures(source, "test")


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="photos is missing"):
        read_labelled_pictures(tmp_path / "photos", "test")


def test_tables_of_different_rows_are_refused(fer2013):
    votes = fer2013 / "fer2013new.csv"
    votes.write_text(votes.read_text("utf-8").replace("PublicTest", "PrivateTest"), "utf-8")
    with pytest.raises(InputError, match="differ in row 6"):
        read_labelled_pictures(fer2013, "test")


CELLS = st.sampled_from(["a.png", "b.png", "c\\d.png", "../a.png", "sad", "Happy", ""]) | st.text(
    st.sampled_from('a/\\.,;" \0é\n'), max_size=4
)


@pytest.mark.parser
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5))
def test_any_table_is_measured_and_left_out_or_one_message(tmp_path_factory, rows):
    folder = tmp_path_factory.getbasetemp() / "measured"
    touch(folder, "a.png", "b.png")
    pd.DataFrame(rows, columns=["file", "label"]).to_csv(folder / "t.csv", index=False)
    try:
        found = read_file_table(folder / "t.csv")
    except InputError as error:
        assert str(folder) in str(error)  # noqa: PT017
        return
    assert len(found.samples) + sum(found.left_out.values()) == len(rows)

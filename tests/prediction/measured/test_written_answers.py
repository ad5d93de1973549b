"""Probabilities out of tables of every kind, matched with the pictures they are of."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expressions.errors import InputError
from expressions.labels.emotions import SPELLINGS
from expressions.prediction.measured.models import Pictures
from expressions.prediction.measured.written_answers import WrittenAnswers

NAMES = ("happy/a.jpg", "happy/b.jpg", "sad/a.jpg")


def answers(tmp_path, text: str, names=NAMES):
    path = tmp_path / "theirs.csv"
    path.write_text(text, encoding="utf-8")
    return WrittenAnswers(path, SPELLINGS).answer(Pictures(names), quiet=True)


def test_rows_are_matched_by_path_in_any_order(tmp_path):
    found = answers(
        tmp_path,
        "Sad, file ,HAPPY\n0.1,sad/a.jpg,0.9\n0.7,/home/me/photos/happy/a.jpg,0.3\n0,b.jpg,1\n",
    )
    assert set(found.classes) == {"sadness", "happiness"}
    happiness = found.classes.index("happiness")
    assert found.probabilities[:, happiness].tolist() == [0.3, 1, 0.9]
    assert found.notes == ()
    assert found.faces_per_second is None


def test_a_picture_without_a_row_or_with_blanks_has_no_face(tmp_path):
    found = answers(tmp_path, "file,happy,sad\nhappy/a.jpg,,\nsad/a.jpg,0,1\nx.jpg,1,0\n")
    assert np.isnan(found.probabilities[:2]).all()
    assert not np.isnan(found.probabilities[2]).any()
    assert found.notes == (
        "1 pictures have no row and count as without a face",
        "1 rows are of none of the pictures",
    )


def test_of_several_faces_the_largest_counts(tmp_path):
    """As `expressions predict --csv` writes them."""
    found = answers(
        tmp_path,
        "source,x,y,width,height,happiness,sadness\n"
        "happy/a.jpg,0,0,10,10,0.2,0.8\nhappy/a.jpg,0,0,30,20,0.9,0.1\n"
        "happy/b.jpg,,,,,,\nsad/a.jpg,0,0,9,9,0.4,0.6\n",
    )
    happiness = found.classes.index("happiness")
    assert found.probabilities[0, happiness] == 0.9
    assert np.isnan(found.probabilities[1]).all()


def test_windows_paths_and_a_byte_order_mark_are_read(tmp_path):
    found = answers(tmp_path, "\ufefffile,happy,sad\nC:\\photos\\sad\\a.jpg,0.25,0.75\n")
    assert found.probabilities[2, found.classes.index("sadness")] == 0.75


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has the columns"),
        ("happy,sad\n0,1\n", "expected one of pictures"),
        ("file,happy\nsad/a.jpg,1\n", "one for each emotion"),
        ("file,happy,Happiness,sad\nsad/a.jpg,1,0,0\n", "each once"),
        ("file,happy,sad\nsad/a.jpg,much,0\n", "row 2: column 'happy' holds 'much'"),
        ("file,happy,sad\nsad/a.jpg,nan,0\n", "row 2: column 'happy' holds 'nan'"),
        ("file,happy,sad\nsad/a.jpg,0,-1\n", "row 2: column 'sad' holds '-1'"),
        ("file,happy,sad\nsad/a.jpg,0,inf\n", "row 2: column 'sad' holds 'inf'"),
        ("file,happy,sad\nsad/a.jpg,1,\n", "row 2: column 'sad' holds ''"),
        ("file,happy,sad\nsad/a.jpg,1\n", "row 2: 2 cells, expected 3"),
        ("file,happy,sad\nsad/a.jpg,1,0\nsad/a.jpg,0,1\n", "row 3: 'sad/a.jpg' stands twice"),
        ("file,happy,sad\nsad/a.jpg,1,0\nx/sad/a.jpg,0,1\n", "name one picture"),
        ("file,happy,sad\na.jpg,1,0\n", "names none of the pictures: it has 'a.jpg'"),
        ('file,happy,sad\n"a.jpg,1,0\n', "cannot be read as a CSV table"),
    ],
)
def test_a_mistake_in_the_table_is_named(tmp_path, text, message):
    with pytest.raises(InputError, match=r"theirs\.csv") as error:
        answers(tmp_path, text)
    assert message in str(error.value)


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(InputError, match=r"missing\.csv cannot be read"):
        WrittenAnswers(tmp_path / "missing.csv", SPELLINGS)


@pytest.mark.parser
@given(st.text(alphabet=st.sampled_from('file,happysd01.5"\n\r\\/ ;é\x00'), max_size=80))
def test_no_table_ends_in_another_error(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("any") / "theirs.csv"
    path.write_text(text, encoding="utf-8")
    try:
        found = WrittenAnswers(path, SPELLINGS).answer(Pictures(NAMES), quiet=True)
    except InputError as error:
        assert str(path) in str(error)  # noqa: PT017
    else:
        assert found.probabilities.shape == (3, len(found.classes))

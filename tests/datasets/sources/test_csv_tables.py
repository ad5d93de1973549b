"""CSV tables: what a spreadsheet saves is read, and every mistake gets one message with its row."""

import tracemalloc
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expressions.datasets.sources import csv_tables
from expressions.datasets.sources.csv_tables import LONGEST_LINE, read_blocks, read_table
from expressions.errors import InputError

SCHEMA = pa.DataFrameSchema({"file": pa.Column(str), "emotion": pa.Column(str)})
PLAIN = b"file,emotion\na.jpg,happy\nb.jpg,\n"


def write(folder: Path, content: bytes) -> Path:
    path = folder / "table.csv"
    path.write_bytes(content)
    return path


def both(path: Path) -> pd.DataFrame:
    """Read a table as a whole and in blocks, which have to give the same."""
    table = read_table(path, SCHEMA)
    blocks = pd.concat(read_blocks(path, ("file", "emotion"), 1), ignore_index=True)
    assert table.to_numpy().tolist() == blocks.to_numpy().tolist()
    return table


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        b"\xef\xbb\xbf" + PLAIN,
        PLAIN.replace(b"\n", b"\r\n"),
        PLAIN.rstrip(b"\n"),
        PLAIN + b"\n\n",
        b'"file","emotion"\n"a.jpg","happy"\n"b.jpg",""\n',
        b" file , emotion\na.jpg,happy\nb.jpg,\n",
    ],
)
def test_what_programs_save_is_read_alike(tmp_path, content):
    table = both(write(tmp_path, content))
    assert table.to_numpy().tolist() == [["a.jpg", "happy"], ["b.jpg", ""]]


def test_words_that_other_programs_take_for_missing_stay_words(tmp_path):
    table = both(write(tmp_path, b"file,emotion\nnan,null\nNone,\n"))
    assert table.to_numpy().tolist() == [["nan", "null"], ["None", ""]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "column 'file' is missing"),
        (b"file,emotion\n", "holds no rows"),
        (b"file,emotion", "holds no rows"),
        (PLAIN.replace(b",", b";"), "between them: save it with commas"),
        (PLAIN.replace(b",", b"\t"), "between them: save it with commas"),
        (b"file,mood\na,b\n", "column 'emotion' is missing. Found the columns file, mood"),
        (b"file,emotion,file\na,b,c\n", "column 'file' stands twice"),
        (b"file,emotion\n1,a,b\n2,c,d\n", "more cells than its header has names"),
        (b"file,emotion\na,b\nc,d,e\n", "row 3: found 3 cells, expected 2"),
        (b'file,emotion\na,"b\nc,d\n', "row 2: nothing closes a quote"),
        (b"file,emotion\na,b\nZo\xeb,c\n", r"line 3 is no UTF-8 \(byte 0xeb\)"),
        (b"file,emotion\na,b\nc,d\xc3", r"line 3 is no UTF-8 \(byte 0xc3\)"),
        (b"file,emotion\na,b\nc\0,d\n", "line 3 holds a NUL byte"),
        (b"file,emotion\na,b\nc\0,d", "line 3 holds a NUL byte"),
        (b"file,emotion\n" + b"a,b\n" * (1 << 16) + b"c\0" + b"d" * 99 + b",e\n", "a NUL byte"),
        (b"file,emotion\n" + b"a,b\n" * ((1 << 16) - 9) + b"c\0" + b"d" * 99 + b",e\n", "NUL"),
        (PLAIN.decode().encode("utf-16"), "is UTF-16 text"),
        (PLAIN.replace(b"\n", b"\r"), "line ends of old Macs"),
        (b"file,emotion\n" + b"a" * (LONGEST_LINE + 1), "line 2 has more than"),
        (b"file,emotion" + b"," * 2000 + b"\na,b\n", "has 2002 columns, more than 1000"),
        (b"\x89PNG\r\n\x1a\n\0\0", "line 1 is no UTF-8"),
    ],
)
def test_a_mistake_is_named_under_the_users_own_path(tmp_path, content, message):
    path = write(tmp_path, content)
    for read in (
        lambda: read_table(path, SCHEMA, "mine/labels.csv"),
        lambda: list(read_blocks(path, ("file", "emotion"), 1, "mine/labels.csv")),
    ):
        with pytest.raises(InputError, match=message) as error:
            read()
        assert str(error.value).startswith("mine/labels.csv")
        assert "\n" not in str(error.value)
        assert str(tmp_path) not in str(error.value)


def test_a_value_that_the_schema_refuses_is_named_with_its_row(tmp_path):
    schema = pa.DataFrameSchema({"n": pa.Column(pa.Int64, coerce=True, description="a number")})
    path = write(tmp_path, b"n\n1\n" + b"x" * 500 + b"\n")
    with pytest.raises(
        InputError, match=r"row 3: column 'n' holds 'xxx.*expected a number"
    ) as error:
        read_table(path, schema)
    assert len(str(error.value)) < 300


def test_a_table_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"gone\.csv cannot be read: No such file"):
        read_table(tmp_path / "gone.csv", SCHEMA)


def test_a_table_that_is_read_as_a_whole_has_a_size(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_tables, "LARGEST_TABLE", 10)
    with pytest.raises(InputError, match="MiB, too many"):
        read_table(write(tmp_path, PLAIN), SCHEMA)


@pytest.mark.parametrize("content", [b"," * 20_000_000, b"a" * 20_000_000, bytes(20_000_000)])
def test_a_line_without_end_takes_no_memory(tmp_path, content):
    path = write(tmp_path, b"file,emotion\n" + content)
    del content
    tracemalloc.start()
    with pytest.raises(InputError, match="line 2"):
        list(read_blocks(path, ("file",), 1000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.parser
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes_are_a_table_or_one_message(tmp_path, content):
    for start in (b"", b"file,emotion\n"):
        path = write(tmp_path, start + content)
        with suppress(InputError):
            both(path)


CELLS = st.text(
    st.characters(codec="utf-8", exclude_characters='\0\r\n"', exclude_categories=("Z",))
)


@pytest.mark.parser
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=20))
def test_what_is_written_comes_back(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("table") / "table.csv"
    table = pd.DataFrame(rows, columns=["file", "emotion"])
    table.to_csv(path, index=False, quoting=1)
    assert read_table(path, SCHEMA).to_numpy().tolist() == table.to_numpy().tolist()

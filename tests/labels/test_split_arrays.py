"""The door to `data/arrays/`: whatever else than a split stands there is one message."""

import io
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expressions.errors import InputError
from expressions.faces.size import SIDE
from expressions.labels import split_arrays
from expressions.labels.split_arrays import read_faces, read_split
from expressions.pipeline import paths

FACES = np.random.default_rng(0).uniform(-1, 1, (3, 48, 48, 1)).astype(np.float32)
ROWS = ["image_id,label,majority", "a-0,neutral,True", "a-1,neutral,True", "001,fear,False"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths.ARRAYS.mkdir(parents=True)
    np.save(paths.array("test"), FACES)
    write_rows(ROWS)
    return tmp_path


def write_rows(rows: list[str]) -> None:
    paths.array_table("test").write_text("\n".join(rows) + "\n", encoding="utf-8")


def bytes_of(array, **named) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **named)
    return file.getvalue()


def claiming(count: int) -> bytes:
    """A file whose header claims `count` faces and that holds one."""
    file = io.BytesIO()
    header = {"descr": "<f4", "fortran_order": False, "shape": (count, 48, 48, 1)}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue() + FACES[:1].tobytes()


def archive() -> bytes:
    file = io.BytesIO()
    np.savez(file, faces=FACES)
    return file.getvalue()


def with_value(value: float) -> bytes:
    faces = FACES.copy()
    faces[2, 5, 5, 0] = value
    return bytes_of(faces)


def test_a_split_is_read_and_stays_on_disk():
    split = read_split("test")
    assert isinstance(split.faces, np.memmap)
    assert np.array_equal(split.faces, FACES)
    assert split.table["image_id"].tolist() == ["a-0", "a-1", "001"]


def test_a_face_has_the_size_that_faces_have():
    assert split_arrays.FACE == (SIDE, SIDE, 1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cannot be read"),
        (b"no array", "cannot be read"),
        (b"\x93NUMPY\x01\x00\xff\xff{", "cannot be read"),
        (pickle.dumps({"a": 1}), "cannot be read"),
        (bytes_of(np.array([{}], dtype=object)), "cannot be read"),
        (claiming(2), "cannot be read"),
        (claiming(10**12), "cannot be read"),
        (claiming(10**30), "cannot be read"),
        (archive(), "is an archive of several arrays"),
        (bytes_of(FACES[..., 0]), r"is float32 \[3, 48, 48\], not float32"),
        (bytes_of(FACES[:, :40]), r"is float32 \[3, 40, 48, 1\], not float32"),
        (bytes_of(FACES.astype(np.float64)), "is float64"),
        (bytes_of(np.float32(3)), r"is float32 \[\]"),
        (bytes_of(FACES[:0]), "the split test has no pictures"),
        (with_value(np.nan), "no numbers, from face 0 on"),
        (with_value(-np.inf), "no numbers, from face 0 on"),
    ],
)
def test_other_arrays_are_errors(content, message):
    paths.array("test").write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_split("test")
    with pytest.raises(InputError, match=r"data/arrays/test\.npy"):
        read_faces("test")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (ROWS[:3], "has 2 rows for the 3 faces"),
        ([*ROWS, "a-3,fear,True"], "has 4 rows for the 3 faces"),
        (['image_id,label\n"a'], "cannot be read"),
        (["image_id,label", "a,b,c,d", "a"], "rows for the 3 faces"),
        ([""], "cannot be read"),
    ],
)
def test_a_table_of_something_else_is_an_error(rows, message):
    write_rows(rows)
    with pytest.raises(InputError, match=message):
        read_split("test")


@pytest.mark.parametrize("path", [paths.array("test"), paths.array_table("test")])
def test_missing_files_and_folders_in_their_place_are_errors(path):
    path.unlink()
    with pytest.raises(InputError, match=f"{path} is missing"):
        read_split("test")
    Path(path).mkdir()
    with pytest.raises(InputError, match=f"{path} cannot be read"):
        read_split("test")


@pytest.mark.parser
@given(st.binary(max_size=200), st.integers(0, 200))
def test_no_bytes_end_in_another_error(content, cut):
    whole = bytes_of(FACES[:1])
    for damaged in (content, whole[:cut] + content + whole[cut + len(content) :]):
        paths.array("test").write_bytes(damaged)
        try:
            faces = read_faces("test")
        except InputError:
            continue
        assert faces.dtype == np.float32
        assert faces.shape[1:] == split_arrays.FACE

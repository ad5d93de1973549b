"""Faces to arrays: in the order of the tables, each with its pixels, none without a reason."""

import numpy as np
import pandas as pd
import pytest

from expressions.errors import InputError
from expressions.faces.arrays import (
    Arrays,
    digest_faces,
    explain_without_face,
    read_faces,
    write_arrays,
)
from expressions.pictures.files import encode_png
from expressions.pictures.shards import write_shards

SECTION = Arrays(low=-1.0, high=1.0, drop_twins=True)


def grey(value: int) -> np.ndarray:
    return np.full((48, 48), value, np.uint8)


@pytest.fixture
def folders(tmp_path) -> list:
    """Two data sets in shards: `a1` to `a3` and `b1`, whose pixels are those of `a2`."""
    write_shards(tmp_path / "a", 2, [(f"a{n}", encode_png(grey(n))) for n in (1, 2, 3)])
    write_shards(tmp_path / "b", 1, [("b1", encode_png(grey(2)))])
    return [tmp_path / "a", tmp_path / "b"]


def test_equal_pixels_and_no_others_have_equal_digests(folders):
    one, two, same, none = digest_faces(folders, ["a1", "a2", "b1", "a9"])
    assert two == same != one
    assert none is None


def test_arrays_are_what_numpy_saves_of_the_faces_in_the_order_of_the_ids(folders, tmp_path):
    splits = {"training": ["a3", "b1"], "test": ["a1"]}
    write_arrays(tmp_path, splits, read_faces(folders), SECTION)
    expected = np.array([3, 2], np.float32)[:, None, None, None] / 255 * 2 - 1
    np.save(tmp_path / "expected.npy", np.broadcast_to(expected, (2, 48, 48, 1)))
    written = np.load(tmp_path / "training.npy")
    assert np.array_equal(written, np.load(tmp_path / "expected.npy"))
    header = slice(0, 128)
    assert (tmp_path / "training.npy").read_bytes()[header] == (
        tmp_path / "expected.npy"
    ).read_bytes()[header]
    assert np.load(tmp_path / "test.npy").shape == (1, 48, 48, 1)


def test_a_picture_without_a_face_needs_a_reason():
    table = pd.DataFrame(
        {"image_id": ["a1", "a2", "a3"], "action": ["no_face", "unreadable", "kept_whole"]}
    )
    reasons = explain_without_face(["a1", "a2", "a3"], [None, None, b"x"], [table])
    assert reasons == ["no_face", "unreadable", ""]
    with pytest.raises(InputError, match="names a3, and data/faces/ has neither"):
        explain_without_face(["a3"], [None], [table])
    with pytest.raises(InputError, match="names a4"):
        explain_without_face(["a4"], [None], [table])


def test_a_damaged_picture_in_a_shard_is_named(tmp_path):
    write_shards(tmp_path / "a", 1, [("a1", b"no picture")])
    with pytest.raises(InputError, match=r"00\.zip: a1\.png is damaged"):
        list(read_faces([tmp_path / "a"]))

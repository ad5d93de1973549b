"""The packings a source file may come in, and their damages."""

import gzip
import lzma
import zipfile
from pathlib import Path

import pytest

from expressions.datasets import packings
from expressions.errors import InputError

NAMES = ("icml_face_data.csv", "fer2013.csv")
CONTENT = b"emotion, Usage, pixels\r\n"


def pack(folder: Path, packing: str) -> Path:
    name = "icml_face_data.csv"
    path = folder / (name + packing)
    if packing == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(f"some/folder/{name}", CONTENT)
    else:
        path.write_bytes({"": bytes, ".gz": gzip.compress, ".xz": lzma.compress}[packing](CONTENT))
    return path


@pytest.mark.parametrize("packing", packings.SUFFIXES)
def test_every_packing_is_found_and_unpacked(tmp_path, packing):
    path = pack(tmp_path, packing)
    assert packings.find_packed(tmp_path, NAMES) == path
    name = packings.packed_name(path, NAMES)
    assert name == "icml_face_data.csv"
    with packings.open_packed(path, name) as stream:
        assert stream.read() == CONTENT


def test_a_file_is_found_inside_an_archive_of_another_name(tmp_path):
    pack(tmp_path, ".zip").rename(tmp_path / "challenges-in-representation-learning.zip")
    path = packings.find_packed(tmp_path, NAMES)
    assert packings.packed_name(path, NAMES) == "icml_face_data.csv"


@pytest.mark.parametrize("packing", [".zip", ".gz", ".xz"])
def test_a_cut_off_archive_is_an_error_for_the_user(tmp_path, packing):
    path = pack(tmp_path, packing)
    path.write_bytes(path.read_bytes()[:-20])
    with (
        pytest.raises(InputError, match="damaged"),
        packings.open_packed(path, "icml_face_data.csv") as stream,
    ):
        stream.read()

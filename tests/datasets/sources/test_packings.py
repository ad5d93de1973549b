"""Packed files: every packing is read, and whatever is wrong with one is a message."""

import gzip
import io
import lzma
import os
import struct
import tarfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expressions.datasets.sources import packings
from expressions.datasets.sources.limits import Limits
from expressions.datasets.sources.packings import (
    PACKINGS,
    find_packed,
    open_packed,
    packed_name,
    unpack_pictures,
)
from expressions.errors import InputError

NAMES = ("icml_face_data.csv", "fer2013.csv")
NAME = NAMES[0]
CONTENT = b"emotion, Usage, pixels\r\n" + os.urandom(2000).hex().encode()


def zipped(content: bytes, name: str = f"some/folder/{NAME}", **options: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", **options) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def tarred(content: bytes, name: str = f"some/{NAME}") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for member, its in (("some/README", b"hello"), (name, content)):
            entry = tarfile.TarInfo(member)
            entry.size = len(its)
            archive.addfile(entry, io.BytesIO(its))
    return packed.getvalue()


PACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".zip": zipped,
    ".gz": gzip.compress,
    ".xz": lzma.compress,
    ".tar": tarred,
    ".tar.gz": lambda content: gzip.compress(tarred(content)),
    ".tgz": lambda content: gzip.compress(tarred(content)),
    ".tar.xz": lambda content: lzma.compress(tarred(content)),
}


def read(folder: Path, limits: Limits | None = None) -> bytes:
    """Find, name and unpack the table, as `ingest` does."""
    path = find_packed(folder, NAMES)
    assert path is not None
    with open_packed(path, packed_name(path, NAMES), limits) as stream:
        return stream.read()


def test_every_packing_has_a_test():
    assert PACK.keys() == {"", *PACKINGS}


@pytest.mark.parametrize("suffix", PACK)
def test_every_packing_is_found_and_unpacked(tmp_path, suffix):
    (tmp_path / (NAME + suffix)).write_bytes(PACK[suffix](CONTENT))
    assert read(tmp_path) == CONTENT


@pytest.mark.parametrize("suffix", [s for s in PACK if "tar" in s or s in (".tgz", ".zip")])
def test_a_file_is_found_inside_an_archive_of_another_name(tmp_path, suffix):
    (tmp_path / ("Kaggle" + suffix.upper())).write_bytes(PACK[suffix](CONTENT))
    assert read(tmp_path) == CONTENT


def test_a_file_that_is_not_there_is_not_found(tmp_path):
    (tmp_path / "other.zip").write_bytes(zipped(b"x", "other.csv"))
    os.mkfifo(tmp_path / NAME)
    os.mkfifo(tmp_path / "pipe.zip")
    assert find_packed(tmp_path, NAMES) is None
    assert find_packed(tmp_path / "nowhere", NAMES) is None
    with pytest.raises(InputError, match=r"other\.zip holds none of icml_face_data\.csv, fer2013"):
        packed_name(tmp_path / "other.zip", NAMES)


@pytest.mark.parametrize("suffix", [suffix for suffix in PACK if suffix])
@pytest.mark.parametrize("cut", [20, 700, 1500])
def test_a_cut_off_file_is_an_error_that_names_it(tmp_path, suffix, cut):
    path = tmp_path / (NAME + suffix)
    whole = PACK[suffix](CONTENT)
    # A tar ends with blocks of zeros that nobody misses.
    end = len(whole.rstrip(b"\0")) if suffix == ".tar" else len(whole)
    path.write_bytes(whole[: end - cut])
    with pytest.raises(InputError, match="Download it again") as error:
        read(tmp_path)
    assert str(path) in str(error.value)


@pytest.mark.parser
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([suffix for suffix in PACK if suffix]),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_a_damaged_file_is_read_as_it_was_or_is_an_error(tmp_path_factory, suffix, damages):
    folder = tmp_path_factory.mktemp("damaged")
    packed = bytearray(PACK[suffix](CONTENT))
    for place, value in damages:
        packed[place % len(packed)] = value
    (folder / (NAME + suffix)).write_bytes(packed)
    with suppress(InputError):
        content = read(folder)
        # A tar has no checksum of what it holds.
        assert content == CONTENT or "tar" in suffix or suffix == ".tgz"


MAGIC = [b"", b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b\x08\0", b"\xfd7zXZ\0", bytes(257) + b"ustar"]


@pytest.mark.parser
@given(st.sampled_from(list(PACK)), st.sampled_from(MAGIC), st.binary(max_size=300))
def test_any_bytes_are_unpacked_or_one_message(tmp_path_factory, suffix, magic, content):
    folder = tmp_path_factory.getbasetemp() / f"any{suffix}"
    folder.mkdir(exist_ok=True)
    (folder / (NAME + suffix)).write_bytes(magic + content)
    try:
        assert read(folder) == content or suffix
    except InputError as error:
        assert str(folder) in str(error)  # noqa: PT017


def patched(packed: bytes, local: int, central: int, value: int) -> bytes:
    """Change a field of 16 bits in both headers of the only entry of a zip."""
    changed = bytearray(packed)
    for sign, offset in ((b"PK\x03\x04", local), (b"PK\x01\x02", central)):
        struct.pack_into("<H", changed, changed.index(sign) + offset, value)
    return bytes(changed)


@pytest.mark.parametrize(
    ("packed", "message"),
    [
        (patched(zipped(CONTENT), 6, 8, 1), "encrypted"),
        (patched(zipped(CONTENT), 8, 10, 97), "compression method"),
        (zipped(CONTENT).replace(CONTENT[100:110], b"0123456789"), "Bad CRC-32"),
        (zipped(CONTENT)[:-30], "cannot be unpacked"),
        (b"PK\x03\x04", "cannot be unpacked"),
        (b"PK\x05\x06" + b"\xff" * 18, "more than|cannot be unpacked"),
    ],
)
def test_a_zip_that_cannot_be_read_is_an_error_that_says_why(tmp_path, packed, message):
    (tmp_path / f"{NAME}.zip").write_bytes(packed)
    with pytest.raises(InputError, match=message):
        read(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (NAME, b"version https://git-lfs.github.com/spec/v1\noid x\n", "Git LFS.*git lfs pull"),
        (NAME, b"\n <!DOCTYPE html><html>", "a web page in place.*logged in"),
        (NAME, b"", "an empty file"),
        (NAME, "emotion,Usage".encode("utf-16"), "UTF-16 text.*Save it as UTF-8"),
        (NAME, tarred(CONTENT), r"a tar archive, expected a plain file.*ends in \.tar\."),
        (NAME, zipped(CONTENT), r"a zip archive, expected a plain file.*ends in \.zip"),
        (f"{NAME}.gz", gzip.compress(tarred(CONTENT)), r"a tar archive in a gzip.*in \.tar\.gz"),
        (f"{NAME}.gz", lzma.compress(CONTENT), r"an xz file, expected a gzip file.*in \.xz"),
        (f"{NAME}.zip", b"<html>log in</html>", "a web page in place"),
        (f"{NAME}.zip", b"Rar!\x1a\x07\x00rest", "a RAR archive, expected a zip"),
        (f"{NAME}.tar.gz", gzip.compress(CONTENT), r"a gzip file, expected a tar archive in"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_said_to_be_what_it_is(
    tmp_path, name, content, message
):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message) as error:
        find_packed(tmp_path, NAMES)
    assert str(tmp_path / name) in str(error.value)


def test_a_file_that_the_system_does_not_give_is_an_error(tmp_path, monkeypatch):
    (tmp_path / NAME).write_bytes(CONTENT)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match=r"icml_face_data\.csv cannot be read: Permission denied"):
        find_packed(tmp_path, NAMES)


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".zip", ".tar.gz"])
def test_no_more_than_a_hundred_times_its_size_comes_out_of_a_file(tmp_path, suffix, monkeypatch):
    monkeypatch.setattr("expressions.datasets.sources.limits.ANY_RATIO_BELOW", 1 << 16)
    content = bytes(1 << 21)
    pack = (lambda c: zipped(c, compression=zipfile.ZIP_DEFLATED)) if suffix == ".zip" else None
    (tmp_path / (NAME + suffix)).write_bytes((pack or PACK[suffix])(content))
    with pytest.raises(InputError, match="unpacks to more than 100 times its own size"):
        read(tmp_path)


@pytest.mark.parametrize("suffix", PACK)
def test_the_largest_size_is_a_parameter(tmp_path, suffix):
    (tmp_path / (NAME + suffix)).write_bytes(PACK[suffix](CONTENT))
    few = Limits(largest_gib=1000 / (1 << 30))
    with pytest.raises(InputError, match=r"more than 9.*GiB \(largest_gib in params\.yaml"):
        read(tmp_path, few)
    assert read(tmp_path, Limits(largest_gib=20_000 / (1 << 30))) == CONTENT


@pytest.mark.parametrize("suffix", [".tar", ".zip"])
def test_an_archive_of_too_many_files_is_refused_before_it_is_read(tmp_path, suffix, monkeypatch):
    packed = io.BytesIO()
    if suffix == ".zip":
        with zipfile.ZipFile(packed, "w") as archive:
            for number in range(300):
                archive.writestr(f"{number}", b"")
        monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("it was read"))
    else:
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for number in range(300):
                tar.addfile(tarfile.TarInfo(f"{number}"))
    path = tmp_path / f"{NAME}{suffix}"
    path.write_bytes(packed.getvalue())
    with (
        pytest.raises(InputError, match=r"more than 299 files \(most_files in params.yaml"),
        open_packed(path, NAME, Limits(most_files=299)),
    ):
        pass


def test_a_zip_of_more_files_than_16_bits_can_count_states_how_many(tmp_path):
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for number in range(70_000):
            archive.writestr(f"{number}", b"")
    assert packings._count_entries(tmp_path / "many.zip") == 70_000


def pictures(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, name.encode())
    return path


def test_pictures_are_unpacked_flat_without_macs_twins_and_without_leaving_the_folder(tmp_path):
    names = ("Original/1.jpg", "../../2.JPG", "/etc/3.png", "4.txt", "5.jpg/")
    hidden = ("__MACOSX/Original/._1.jpg", "Original/__MACOSX/6.jpg", "Original/._7.jpg")
    folder = tmp_path / "in/folder"
    folder.mkdir(parents=True)
    path = pictures(tmp_path / "Original.zip", *names, *hidden)
    assert unpack_pictures(path, folder, (".jpg", ".png")) == 3
    assert sorted(p.name for p in folder.iterdir()) == ["1.jpg", "2.JPG", "3.png"]
    assert [p.name for p in sorted(tmp_path.rglob("*.*"))] == [
        "Original.zip",
        "1.jpg",
        "2.JPG",
        "3.png",
    ]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("a/1.jpg", "b/1.jpg"), r"two pictures named 1\.jpg"),
        (("a" * 256 + ".jpg",), "a name too long"),
    ],
)
def test_pictures_that_cannot_stand_side_by_side_are_named(tmp_path, names, message):
    path = pictures(tmp_path / "Original.zip", *names)
    with pytest.raises(InputError, match=message):
        unpack_pictures(path, tmp_path, (".jpg",))


def test_pictures_have_limits_that_are_checked_before_anything_is_written(tmp_path):
    path = pictures(tmp_path / "Original.zip", "1.jpg", "2.jpg")
    for limits, message in (
        (Limits(most_files=1), "more than 1 files"),
        (Limits(largest_gib=1e-9), "GiB"),
    ):
        with pytest.raises(InputError, match=message):
            unpack_pictures(path, tmp_path, (".jpg",), limits)
    assert [p.name for p in tmp_path.iterdir()] == ["Original.zip"]

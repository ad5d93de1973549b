"""Files are known by their first bytes, whatever their names end in."""

import io

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from expressions.pictures.kinds import HEAD, SUFFIXES, Kind, Role, kind_of, read_kind


def iso(brand: bytes, *others: bytes) -> bytes:
    brands = brand + bytes(4) + b"".join(others)
    return (len(brands) + 8).to_bytes(4, "big") + b"ftyp" + brands + bytes(64)


@pytest.mark.parametrize(
    "suffix",
    [".jpg", ".png", ".bmp", ".webp", ".tiff", ".jp2", ".ppm", ".pgm", ".pfm", ".hdr", ".ras",
     ".pam"],
)  # fmt: skip
def test_what_opencv_writes_as_a_picture_is_one(suffix):
    values = np.zeros((64, 64, 1 if suffix == ".pgm" else 3), np.uint8)
    if suffix in (".pfm", ".hdr"):
        values = values.astype(np.float32)
    kind = kind_of(cv2.imencode(suffix, values)[1].tobytes()[:HEAD])
    assert kind is not None
    assert kind.role is Role.PICTURE
    assert not kind.problem


@pytest.mark.parametrize("form", ["GIF", "AVIF", "MPO"])
def test_what_pillow_writes_as_a_picture_is_one(form):
    sink = io.BytesIO()
    Image.new("RGB", (64, 64)).save(sink, form)
    kind = kind_of(sink.getvalue()[:HEAD])
    assert kind is not None
    assert (kind.role, kind.problem) == (Role.PICTURE, "")


@pytest.mark.parametrize(("suffix", "codec"), [(".mp4", "mp4v"), (".avi", "MJPG"), (".mkv", "mp4v"),
                                               (".mov", "mp4v"), (".ts", "mp4v"), (".flv", "FLV1"),
                                               (".mpg", "PIM1"), (".wmv", "WMV2"), (".3gp", "mp4v"),
                                               (".m2ts", "mp4v")])  # fmt: skip
def test_what_opencv_writes_as_a_video_is_one(suffix, codec, tmp_path):
    path = tmp_path / f"video{suffix}"
    writer = cv2.VideoWriter(
        str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*codec), 25, (64, 64)
    )
    for shade in range(0, 250, 10):
        writer.write(np.full((64, 64, 3), shade, np.uint8))
    writer.release()
    kind = read_kind(path)
    assert kind is not None
    assert kind.role is Role.VIDEO


@pytest.mark.parametrize(
    ("head", "role", "is_read"),
    [
        (iso(b"isom", b"iso2"), Role.VIDEO, True),
        (iso(b"qt  "), Role.VIDEO, True),
        (iso(b"3gp4"), Role.VIDEO, True),
        (b"\0\0\x10\0moov" + bytes(99), Role.VIDEO, True),
        (iso(b"avif", b"mif1"), Role.PICTURE, True),
        (iso(b"mif1", b"avif"), Role.PICTURE, True),
        (iso(b"heic", b"mif1"), Role.PICTURE, False),
        (iso(b"mif1", b"heic"), Role.PICTURE, False),
        (iso(b"crx "), Role.PICTURE, False),
        (iso(b"M4A "), Role.OTHER, True),
        (b"RIFF\0\0\0\0WAVE", Role.OTHER, True),
        (b"RIFF\0\0\0\0AVI LIST", Role.VIDEO, True),
        (b"RIFF\0\0\0\0WEBPVP8 ", Role.PICTURE, True),
        (b"\x1aE\xdf\xa3" + bytes(99), Role.VIDEO, True),
        (b"OggS" + bytes(99), Role.VIDEO, True),
        (b"8BPS" + bytes(99), Role.PICTURE, False),
    ],
)
def test_kinds_by_hand(head, role, is_read):
    kind = kind_of(head)
    assert kind is not None
    assert kind.role is role
    assert (not kind.problem) is is_read


@pytest.mark.parametrize(
    "head", [b"", b"text", b"%PDF-1.7", b"PK\3\4", b"\0" * HEAD, b"G" * 100, b"#EXTM3U\nhttp://a/b"]
)
def test_what_is_neither(head):
    assert kind_of(head) is None


@given(st.binary(max_size=HEAD))
def test_any_bytes_have_a_kind_or_none(head):
    assert kind_of(head) is None or isinstance(kind_of(head), Kind)


def test_no_suffix_claims_to_be_both():
    assert not set(SUFFIXES["picture"]) & set(SUFFIXES["video"])

"""Picture files of every kind become what a viewer shows; what is cut or hostile is an error."""

import os
import struct
import subprocess
import sys
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from picture_files import ASTRONAUT, BGR, difference, saved
from PIL import Image

from expressions.pictures import decoding
from expressions.pictures.decoding import (
    PictureError,
    decode,
    read_picture,
)

GREY = cv2.cvtColor(BGR, cv2.COLOR_BGR2GRAY)
WHITE = (255, 255, 255)


def by_opencv(suffix: str, values: np.ndarray) -> bytes:
    return cv2.imencode(suffix, values)[1].tobytes()


def chunk(kind: bytes, content: bytes) -> bytes:
    """A part of a PNG file."""
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


JPEG = saved(Image.fromarray(ASTRONAUT), "JPEG", quality=90)


@pytest.mark.parametrize(
    ("form", "most"),
    [("PNG", 0), ("BMP", 0), ("TIFF", 0), ("PPM", 0), ("JPEG", 4), ("WEBP", 4), ("AVIF", 5),
     ("JPEG2000", 4), ("GIF", 25)],
)  # fmt: skip
def test_every_format_gives_the_same_picture(form, most):
    assert difference(decode(saved(Image.fromarray(ASTRONAUT), form)), BGR) <= most


@pytest.mark.parametrize("suffix", [".pfm", ".hdr", ".ras", ".pam"])
def test_what_opencv_alone_reads_is_read(suffix):
    values = BGR.astype(np.float32) / 255 if suffix in (".pfm", ".hdr") else BGR
    assert difference(decode(by_opencv(suffix, values)), BGR) < 2


def test_ordinary_files_have_opencvs_pixels_to_the_bit():
    for suffix in (".png", ".jpg"):
        for values in (BGR, GREY):
            content = by_opencv(suffix, values)
            expected = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_ANYCOLOR)
            assert np.array_equal(decode(content), expected)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr"])
def test_colour_modes_are_converted(mode):
    image = Image.fromarray(ASTRONAUT).convert(mode)
    picture = decode(saved(image, "JPEG" if mode in ("CMYK", "YCbCr") else "PNG", **(
        {"quality": 95} if mode in ("CMYK", "YCbCr") else {})))  # fmt: skip
    if mode in ("1", "L"):
        expected = np.asarray(image.convert("L"))
    else:
        expected = np.asarray(image.convert("RGB"))[..., ::-1]
    assert difference(picture, expected) < 4


# Depth.


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("values", [GREY, BGR], ids=["grey", "colour"])
@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_bits_are_counted_in_the_values_and_not_in_the_file(bits, values, suffix):
    deep = np.rint(values * ((2**bits - 1) / 255)).astype(np.uint16)
    assert difference(decode(by_opencv(suffix, deep)), values) < 1


@pytest.mark.parametrize("white", [1, 255, 65535])
def test_floats_are_shares_or_integers(white):
    values = (GREY.astype(np.float32) / 255) * white
    assert difference(decode(by_opencv(".tiff", values)), GREY) < 1


@pytest.mark.parametrize(
    "value", [-1.0, float("nan"), float("inf"), 3.5, 1e6], ids=["low", "nan", "inf", "odd", "high"]
)
def test_values_without_a_known_white_are_refused(value):
    values = np.zeros((9, 9), np.float32)
    values[4, 4] = value
    with pytest.raises(PictureError, match="values"):
        decode(by_opencv(".tiff", values))


def test_a_deep_picture_is_turned_and_put_on_white():
    deep = np.dstack([BGR, np.full_like(GREY, 255)]).astype(np.uint16) * 257
    deep[:100, :, 3] = 0
    picture = decode(by_opencv(".png", deep))
    assert (picture[:100] == 255).all()
    assert difference(picture[100:], BGR[100:]) < 1


# Transparency.


def cutout(under: tuple[int, int, int]) -> Image.Image:
    """The astronaut's head; all around it is transparent, with a colour that nobody sees."""
    mask = Image.new("L", (512, 512), 0)
    mask.paste(255, (150, 20, 300, 200))
    image = Image.new("RGB", (512, 512), under)
    image.paste(Image.fromarray(ASTRONAUT), mask=mask)
    image.putalpha(mask)
    return image


def on_white() -> np.ndarray:
    expected = np.full_like(BGR, 255)
    expected[20:200, 150:300] = BGR[20:200, 150:300]
    return expected


@pytest.mark.parametrize("under", [(0, 0, 0), (255, 0, 255)])
@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF", "AVIF", "JPEG2000"])
def test_transparent_parts_are_white_whatever_lies_under_them(form, under):
    options = {"lossless": True} if form == "WEBP" else {}
    picture = decode(saved(cutout(under), form, **options))
    assert difference(picture, on_white()) < 4
    assert (picture[300:] >= 250).all()


def test_a_picture_that_is_all_transparent_is_white():
    image = Image.fromarray(ASTRONAUT)
    image.putalpha(0)
    assert (decode(saved(image, "PNG")) == 255).all()


def test_half_transparent_parts_are_half_white():
    image = Image.new("RGBA", (8, 8), (0, 0, 0, 128))
    assert abs(decode(saved(image, "PNG")).astype(int) - 127).max() <= 1


def test_transparency_of_grey_and_palette_files():
    grey = Image.fromarray(GREY)
    grey.putalpha(Image.new("L", grey.size, 0))
    assert decode(saved(grey, "PNG")).tolist() == np.full((512, 512), 255).tolist()
    palette = Image.new("P", (8, 8), 0)
    palette.putpalette([200, 0, 0, 0, 0, 200])
    palette.putpixel((3, 3), 1)
    picture = decode(saved(palette, "PNG", transparency=0))
    assert picture[0, 0].tolist() == [255, 255, 255]
    assert picture[3, 3].tolist() == [200, 0, 0]


# Orientation.


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_stand_upright_in_every_format_that_says_how(form, orientation):
    upright = Image.fromarray(ASTRONAUT[:300])
    stored = {
        1: lambda i: i,
        2: lambda i: i.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: lambda i: i.transpose(Image.Transpose.ROTATE_180),
        4: lambda i: i.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: lambda i: i.transpose(Image.Transpose.TRANSPOSE),
        6: lambda i: i.transpose(Image.Transpose.ROTATE_90),
        7: lambda i: i.transpose(Image.Transpose.TRANSVERSE),
        8: lambda i: i.transpose(Image.Transpose.ROTATE_270),
    }[orientation](upright)
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if form == "WEBP" else {}
    assert difference(decode(saved(stored, form, exif=exif, **options)), BGR[:300]) < 6


def test_a_deep_tiff_stands_upright():
    stored = np.rot90(GREY[:300].astype(np.uint16) * 257)
    exif = Image.Exif()
    exif[0x0112] = 6
    content = saved(Image.fromarray(stored), "TIFF", exif=exif)
    assert difference(decode(content), GREY[:300]) < 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_deep_colours_stand_upright(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    expected = decode(saved(Image.fromarray(ASTRONAUT[:300]), "PNG", exif=exif))
    content = by_opencv(".png", BGR[:300].astype(np.uint16) * 257)
    # Behind the header.
    content = content[:33] + chunk(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0")) + content[33:]
    assert difference(decode(content), expected) < 1


# Cut files.


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "PPM"])
@pytest.mark.parametrize("share", [0.02, 0.4, 0.9])
def test_cut_files_of_other_formats_are_errors(form, share):
    content = saved(Image.fromarray(ASTRONAUT), form)
    with pytest.raises(PictureError, match="cut or damaged"):
        decode(content[: int(len(content) * share)])


def test_nothing_is_written_to_standard_error():
    """libjpeg, libpng and libtiff write there, past Python's streams."""
    code = """
import io, sys, numpy as np
from PIL import Image
from expressions.pictures.decoding import decode, PictureError
for form in ("JPEG", "PNG", "TIFF", "GIF"):
    sink = io.BytesIO()
    pixels = np.random.default_rng(1).integers(0, 256, (99, 99, 3), np.uint8)
    Image.fromarray(pixels).save(sink, form)
    whole = sink.getvalue()
    for content in (whole[:-2], whole[: len(whole) // 2], whole[:-9] + b"junk" + whole[-9:],
                    whole[:200] + bytes(100) + whole[300:]):
        try:
            decode(content)
        except PictureError:
            pass
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""


@pytest.mark.parser
@given(st.sampled_from([JPEG, saved(Image.fromarray(ASTRONAUT).resize((40, 40)), "PNG"),
                        saved(Image.fromarray(ASTRONAUT).resize((40, 40)), "TIFF"),
                        saved(Image.fromarray(ASTRONAUT).resize((40, 40)), "GIF"),
                        by_opencv(".hdr", np.ones((9, 9, 3), np.float32))]),
       st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=9),
       st.integers(0, 10**6))  # fmt: skip
def test_any_damage_is_a_picture_or_one_kind_of_error(content, changes, length):
    damaged = bytearray(content[: max(1, length % (len(content) + 1))])
    for at, value in changes:
        damaged[at % len(damaged)] = value
    try:
        picture = decode(bytes(damaged), most_pixels=10**6)
    except PictureError:
        return
    assert picture.dtype == np.uint8


@given(st.binary(max_size=300))
def test_no_bytes_end_in_another_error(content):
    with pytest.raises(PictureError):
        decode(content)


# Limits.


def huge_png(side: int) -> bytes:
    """A PNG of a few bytes that claims `side` squared pixels."""
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "content",
    [
        huge_png(32_000),
        huge_png(13_000),
        b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 30000 +X 30000\n",
        b"PF\n30000 30000\n-1.0\n",
        b"P7\nWIDTH 30000\nHEIGHT 30000\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n",
        b"P6\n30000 30000\n255\n",
        b"BM" + struct.pack("<IIIIiiHH", 0, 0, 54, 40, 30_000, 30_000, 1, 24) + bytes(24),
    ],
    ids=["png", "png-below-pillows-limit", "hdr", "pfm", "pam", "ppm", "bmp"],
)
def test_a_size_beyond_the_limit_is_refused_before_anything_is_decoded(content, monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda *_: pytest.fail("was decoded"))
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("was decoded"))
    with pytest.raises(PictureError, match="make it smaller"):
        decode(content)


def test_the_limit_can_be_lower():
    content = saved(Image.fromarray(ASTRONAUT), "PNG")
    with pytest.raises(PictureError, match=r"0 million pixels, more than the 0 million"):
        decode(content, most_pixels=512 * 512 - 1)
    assert decode(content, most_pixels=512 * 512).shape == (512, 512, 3)
    with pytest.raises(PictureError, match="million"):
        decode(JPEG[:-2], most_pixels=1000)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "an empty file"),
        (b"no picture", "no picture that can be read"),
        (b"<html><body>404</body></html>", "no picture that can be read"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "no picture that can be read"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64), "heif-convert"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(64), "heif-convert"),
        (b"v/1\x01" + bytes(64), "OpenEXR"),
        (b"8BPS" + bytes(64), "Photoshop"),
        (b"II*\0\x10\0\0\0CR" + bytes(64), "raw file"),
        (b"\0\0\0\x18ftypisom" + bytes(64), "no picture that can be read"),
        (b"#?RADIANCE\n\n", "cut or damaged"),
    ],
)
def test_what_is_no_picture_or_not_read_is_said(content, message):
    with pytest.raises(PictureError, match=message):
        decode(content)


def test_reading_a_file_says_what_is_wrong_with_it(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_bytes(saved(Image.fromarray(ASTRONAUT), "PNG"))
    assert read_picture(tmp_path / "a.png")[0].shape == (512, 512, 3)
    with pytest.raises(PictureError, match="No such file"):
        read_picture(tmp_path / "missing.png")
    with pytest.raises(PictureError, match="directory"):
        read_picture(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PictureError, match="a device, pipe or socket"):
        read_picture(tmp_path / "pipe")
    monkeypatch.setattr(decoding, "LARGEST_FILE", 1000)
    with pytest.raises(PictureError, match="more than the"):
        read_picture(tmp_path / "a.png")


def test_a_machine_without_memory_is_said(monkeypatch):
    def fail(*_: object) -> None:
        raise MemoryError

    content = saved(Image.fromarray(ASTRONAUT), "PNG")
    monkeypatch.setattr(Image.Image, "tobytes", fail)
    with pytest.raises(PictureError, match="too large for the memory"):
        decode(content)

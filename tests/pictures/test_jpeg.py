"""JPEG files are whole or cut, whatever follows their last pixel and whatever decoders fill up."""

import io
import os

import cv2
import numpy as np
import pytest
import skimage.data
from PIL import Image

from expressions.pictures.decoding import PictureError, decode

ASTRONAUT = skimage.data.astronaut()
GREY = cv2.cvtColor(ASTRONAUT, cv2.COLOR_RGB2GRAY)


def saved(image: Image.Image, form: str, **options) -> bytes:
    sink = io.BytesIO()
    image.save(sink, form, **options)
    return sink.getvalue()


JPEG = saved(Image.fromarray(ASTRONAUT), "JPEG", quality=90)
PROGRESSIVE = saved(Image.fromarray(ASTRONAUT), "JPEG", quality=90, progressive=True)
ONE_COLOUR = saved(Image.new("L", (900, 900), 128), "JPEG", optimize=True)
"""Its coded data is one long run of zeros."""


def half_flat(**options) -> bytes:
    """The astronaut's head on a large flat ground."""
    image = Image.new("L", (900, 900), 255)
    image.paste(Image.fromarray(GREY[:200, 100:300]), (300, 300))
    return saved(image, "JPEG", optimize=True, **options)


WHOLE = {
    "base": JPEG,
    "progressive": PROGRESSIVE,
    "one-colour": ONE_COLOUR,
    "half-flat": half_flat(),
    "half-flat-progressive": half_flat(progressive=True),
}


@pytest.mark.parametrize("whole", WHOLE.values(), ids=WHOLE.keys())
@pytest.mark.parametrize(
    "change",
    [
        lambda jpeg: jpeg,
        lambda jpeg: jpeg[:-2],
        lambda jpeg: jpeg[:-1],
        lambda jpeg: jpeg + b"trailing text",
        lambda jpeg: jpeg + bytes(5000),
        lambda jpeg: jpeg + b"\0\0\0\x18ftypmp42" + os.urandom(20_000),
        lambda jpeg: jpeg[:-2] + b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 40,
        lambda jpeg: jpeg[:-2] + b"junk before the end" + jpeg[-2:],
        lambda jpeg: jpeg + jpeg,
    ],
    ids=[
        "as-it-is",
        "no-end",
        "half-end",
        "text",
        "zeros",
        "motion",
        "motion-no-end",
        "junk",
        "twice",
    ],
)
def test_whole_jpegs_are_read_whatever_follows_their_last_pixel(whole, change):
    expected = cv2.imdecode(np.frombuffer(whole, np.uint8), cv2.IMREAD_ANYCOLOR)
    assert np.array_equal(decode(change(whole)), expected)


@pytest.mark.parametrize("whole", [JPEG, PROGRESSIVE], ids=["base", "progress"])
@pytest.mark.parametrize("share", [0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98])
def test_cut_jpegs_are_errors(whole, share):
    cut = whole[: int(len(whole) * share)]
    for content in (cut, cut + bytes(len(whole) - len(cut))):
        with pytest.raises(PictureError, match="cut or damaged"):
            decode(content)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.9, 0.98])
def test_a_cut_jpeg_to_which_an_end_was_given_is_an_error(share):
    with pytest.raises(PictureError, match="cut or damaged"):
        decode(JPEG[: int(len(JPEG) * share)] + b"\xff\xd9")


@pytest.mark.parametrize("whole", [JPEG, PROGRESSIVE], ids=["base", "progress"])
@pytest.mark.parametrize("share", [0.2, 0.4, 0.5, 0.6, 0.8])
def test_a_jpeg_that_lost_a_part_is_an_error(whole, share):
    lost = 4096
    middle = int(len(whole) * share)
    with pytest.raises(PictureError, match="cut or damaged"):
        decode(whole[:middle] + bytes(lost) + whole[middle + lost :])

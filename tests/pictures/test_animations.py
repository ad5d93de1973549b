"""Files of several pictures: animations have all their frames; what is left out is said."""

import pytest
from picture_files import ASTRONAUT, BGR, difference, saved
from PIL import Image

from expressions.pictures.decoding import (
    PictureError,
    decode_animation,
    decode_first,
    is_animation,
)


def animation(form: str, frames: int = 4) -> bytes:
    images = [Image.new("RGB", (40, 30), (0, 60 * n, 0)) for n in range(frames)]
    options = {"lossless": True} if form == "WEBP" else {}
    return saved(images[0], form, save_all=True, append_images=images[1:], duration=200, **options)


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "AVIF"])
def test_animations_have_all_their_frames_and_times(form, tmp_path):
    path = tmp_path / "moving"
    path.write_bytes(animation(form))
    assert is_animation(path)
    frames = list(decode_animation(path.read_bytes()))
    assert [round(float(picture[..., 1].mean()) / 60) for picture, _ in frames] == [0, 1, 2, 3]
    assert [seconds for _, seconds in frames] == pytest.approx([0.2] * 4)
    first, note = decode_first(path.read_bytes())
    assert first[..., 1].mean() < 8
    assert note == "only the first of 4 pictures in this file was looked at"


def test_pages_are_said_and_no_animation(tmp_path):
    (tmp_path / "pages").write_bytes(animation("TIFF"))
    assert not is_animation(tmp_path / "pages")
    assert "first of 4" in decode_first((tmp_path / "pages").read_bytes())[1]
    (tmp_path / "still").write_bytes(saved(Image.fromarray(ASTRONAUT), "GIF"))
    assert not is_animation(tmp_path / "still")
    assert not is_animation(tmp_path / "missing")


def test_a_cut_animation_is_an_error_after_its_whole_frames():
    content = animation("GIF")
    frames = decode_animation(content[: len(content) * 2 // 3])
    with pytest.raises(PictureError, match="cut or damaged"):
        list(frames)


def test_the_main_picture_of_a_stereo_file_needs_no_word():
    images = [Image.fromarray(ASTRONAUT), Image.fromarray(ASTRONAUT[::-1])]
    content = saved(images[0], "MPO", save_all=True, append_images=images[1:])
    picture, note = decode_first(content)
    assert difference(picture, BGR) < 5
    assert note == ""

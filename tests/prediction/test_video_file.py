"""Videos as a player shows them: at their times, upright and in square pixels."""

import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from film_files import (
    VARIABLE,
    film,
    matroska,
    number_of,
    picture,
    with_pixel_ratio,
    with_times,
    with_turn,
)
from PIL import Image

from expressions.errors import InputError
from expressions.prediction import video_file
from expressions.prediction.containers import is_cut
from expressions.prediction.frames import Frame
from expressions.prediction.sources import Medium, Source
from expressions.prediction.video_file import Choice, open_camera, open_video

ALL = Choice()


def read(path: Path, choice: Choice = ALL, medium: Medium = Medium.VIDEO) -> list[Frame]:
    with open_video(Source(str(path), path.stem, medium), choice) as video:
        return list(video.frames)


# Times.


def test_times_are_those_of_the_film_and_not_of_its_mean_rate(tmp_path):
    path = with_times(film(tmp_path / "phone.mp4", len(VARIABLE)), VARIABLE)
    frames = read(path)
    assert [round(1000 * frame.time) for frame in frames] == VARIABLE
    assert [frame.number for frame in frames] == list(range(len(VARIABLE)))
    assert not any(frame.error or frame.note for frame in frames)


@pytest.mark.parametrize("rate", [0.5, 1, 2, 5])
def test_frames_a_second_are_counted_in_time(tmp_path, rate):
    path = with_times(film(tmp_path / "phone.mp4", len(VARIABLE)), VARIABLE)
    slots = [int(frame.time * rate + 1e-6) for frame in read(path, Choice(rate=rate))]
    assert slots == sorted({int(at / 1000 * rate) for at in VARIABLE})


def test_each_second_of_an_even_film_has_as_many_frames_as_were_asked_for(tmp_path):
    path = film(tmp_path / "even.mp4", 75)
    assert [frame.number for frame in read(path, Choice(rate=2.5))] == list(range(0, 75, 10))
    assert len(read(path, Choice(rate=10))) == 30
    assert len(read(path, Choice(rate=1000))) == 75
    assert [frame.number for frame in read(path, Choice(every=20))] == [0, 20, 40, 60]


def test_a_browsers_film_is_as_long_as_it_lasts(tmp_path):
    times = [33 * number + number % 3 for number in range(40)]
    path = matroska(tmp_path / "browser.webm", times, claimed_rate=1000)
    assert cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FPS) == 1000
    frames = read(path)
    assert [round(1000 * frame.time) for frame in frames] == times
    with open_video(Source(str(path), "browser", Medium.VIDEO), ALL) as video:
        assert video.rate == pytest.approx(30, abs=1)


def test_a_film_without_times_has_those_of_its_rate(tmp_path, monkeypatch):
    path = film(tmp_path / "a.mp4")
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: Capture(20))
    assert [frame.time for frame in read(path)] == pytest.approx(np.arange(20) / 25)


def test_animations_are_read_at_their_times(tmp_path):
    images = [Image.fromarray(picture(number)) for number in range(5)]
    for suffix, options in ((".gif", {}), (".png", {}), (".webp", {"lossless": True})):
        path = tmp_path / f"moving{suffix}"
        images[0].save(path, save_all=True, append_images=images[1:], duration=120, **options)
        frames = read(path, medium=Medium.ANIMATION)
        assert [frame.time for frame in frames] == pytest.approx([0, 0.12, 0.24, 0.36, 0.48])
        assert [number_of(frame.picture) for frame in frames] == [0, 1, 2, 3, 4]
        few = read(path, Choice(every=2), Medium.ANIMATION)
        assert [frame.number for frame in few] == [0, 2, 4]
    path.write_bytes(path.read_bytes()[:60])
    assert "cut or damaged" in read(path, medium=Medium.ANIMATION)[-1].error


# Pixels.


def test_frames_stand_upright(tmp_path):
    (first, *_) = read(with_turn(film(tmp_path / "turned.mp4")))
    assert first.picture.shape == (160, 120, 3)
    # The dark corner, at the upper left, is at the upper right now.
    assert first.picture[:12, -12:].mean() < 20
    assert first.picture[-12:, :12].mean() > 230


@pytest.mark.parametrize(
    ("ratio", "turned", "shape"),
    [
        ((2, 1), False, (120, 320, 3)),
        ((1, 2), False, (120, 80, 3)),
        ((2, 1), True, (320, 120, 3)),
        ((1, 1), False, (120, 160, 3)),
        ((900, 1), False, (120, 160, 3)),
    ],
)
def test_pixels_are_made_square(tmp_path, ratio, turned, shape):
    path = with_pixel_ratio(film(tmp_path / "wide.mp4"), *ratio)
    if turned:
        with_turn(path)
    assert read(path)[0].picture.shape == shape


# What is missing.


@pytest.mark.parametrize(
    ("name", "codec"), [("a.avi", "mp4v"), ("a.mkv", "mp4v"), ("a.avi", "MJPG")]
)
def test_a_film_that_is_cut_gives_what_is_there_and_says_so(tmp_path, name, codec):
    path = film(tmp_path / name, codec=codec)
    assert [frame.error for frame in read(path)] == [""] * 50
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 4 // 10])
    *frames, last = read(path)
    assert 5 < len(frames) < 45
    assert all(frame.picture is not None for frame in frames)
    assert last.picture is None
    assert "cut off: its frames end at" in last.error
    assert "of the 2.0 s" in last.error


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda content: content[:5000], "no video that can be read"),
        (lambda content: b"", "no video that can be read"),
        (lambda content: b"no video", "no video that can be read"),
        (lambda content: content[:-5000] + bytes(5000), "no video that can be read"),
    ],
    ids=["no-index", "empty", "text", "lost-index"],
)
def test_a_film_without_frames_is_one_error(tmp_path, damage, message):
    path = film(tmp_path / "a.mp4")
    path.write_bytes(damage(path.read_bytes()))
    (frame,) = read(path)
    assert frame.picture is None
    assert frame.time is None
    assert message in frame.error


def test_a_film_that_opens_and_has_no_frames_is_one_error(tmp_path):
    path = film(tmp_path / "a.avi")
    content = path.read_bytes()
    # Its list of pictures is empty.
    start = content.index(b"movi")
    path.write_bytes(content[: start - 4] + (4).to_bytes(4, "little") + content[start : start + 4])
    (frame,) = read(path)
    assert "without a frame" in frame.error or "no video" in frame.error


def test_a_cover_picture_is_no_film(tmp_path):
    path = matroska(tmp_path / "song.mkv", [0], claimed_rate=90_000)
    (frame,) = read(path)
    assert frame.error == "sound with a cover picture, and no video"


def test_a_film_of_one_frame_is_one(tmp_path):
    (frame,) = read(film(tmp_path / "one.mp4", 1))
    assert (frame.number, frame.time, frame.error) == (0, 0.0, "")


def test_frames_that_the_file_states_and_lacks_are_said(tmp_path):
    times = list(range(0, 2000, 40))
    path = matroska(tmp_path / "a.mkv", times, claimed_rate=25, claimed_length=9000.0)
    *frames, last = read(path)
    assert len(frames) == 50
    assert not last.error
    assert "of the 9.0 s that it states" in last.note


class Capture:
    """OpenCV's, of a film that is damaged in a way of its own."""

    def __init__(self, frames: int, fails: str = "") -> None:
        self.left, self.fails = frames, fails

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return True

    def get(self, what: int) -> float:
        return {cv2.CAP_PROP_FPS: 25.0, cv2.CAP_PROP_FRAME_COUNT: 20.0}.get(what, 0.0)

    def grab(self) -> bool:
        self.left -= 1
        if self.left == 5 and self.fails == "error":
            raise cv2.error("FFmpeg stumbled")
        return self.left >= 0

    def retrieve(self) -> tuple[bool, np.ndarray | None]:
        return (False, None) if self.left == 3 and self.fails == "lost" else (True, picture(1))

    def release(self) -> None:
        pass


@pytest.mark.parametrize(
    ("fails", "message"), [("error", "a video that is damaged"), ("lost", "1 of 20 frames")]
)
def test_a_film_that_fails_ends_with_its_error(tmp_path, monkeypatch, fails, message):
    path = film(tmp_path / "a.mp4")
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: Capture(20, fails))
    *frames, last = read(path)
    assert len(frames) in (14, 19)
    assert message in last.error


def test_whether_a_file_is_shorter_than_it_states(tmp_path):
    for name in ("a.mp4", "a.mov", "a.avi", "a.mkv"):
        path = film(tmp_path / name)
        content = path.read_bytes()
        assert not is_cut(path), name
        path.write_bytes(content[:-200])
        assert is_cut(path), name
        path.write_bytes(content + b"a trailer of some kind")
        assert not is_cut(path), name
    assert not is_cut(matroska(tmp_path / "open.mkv", [0, 40], 25))
    path = tmp_path / "long.mp4"
    for length, cut in ((40, False), (5000, True)):
        path.write_bytes(b"\0\0\0\x01mdat" + length.to_bytes(8, "big") + bytes(24))
        assert is_cut(path) is cut
    path.write_bytes(b"\x1aE\xdf\xa3\x81\0" + bytes(99))
    assert not is_cut(path)
    (tmp_path / "text").write_bytes(b"words that are no video")
    assert not is_cut(tmp_path / "text")


# Cameras.


def test_a_cameras_times_are_those_of_the_clock(monkeypatch):
    clock = iter(np.arange(0, 100, 0.5))
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: Capture(20))
    monkeypatch.setattr(video_file.time, "monotonic", lambda: float(next(clock)))
    with open_camera(0, ALL) as video:
        assert video.length is None
        times = [frame.time for frame in video.frames]
    assert times == [0.5 * number for number in range(1, 21)]
    with open_camera(0, Choice(every=7)) as video:
        assert [frame.number for frame in video.frames] == [0, 7, 14]
    assert video.source == Source("camera 0", "camera-0", Medium.CAMERA)


def test_a_camera_that_is_not_there_is_an_error():
    with pytest.raises(InputError, match="There is no camera 9"), open_camera(9, ALL):
        pytest.fail("there is none")


def test_a_long_film_is_read_no_further_than_it_is_used(tmp_path, monkeypatch):
    grabbed = 0

    class Counted(Capture):
        def grab(self) -> bool:
            nonlocal grabbed
            grabbed += 1
            return super().grab()

    path = film(tmp_path / "a.mp4")
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: Counted(10_000))
    with open_video(Source(str(path), "a", Medium.VIDEO), ALL) as video:
        assert video.length == 20
        next(video.frames)
        time.sleep(0.3)
        assert grabbed <= 20

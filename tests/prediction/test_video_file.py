"""Videos as a player shows them: at their times, upright, in square pixels, as long as they are."""

import struct
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from expressions.errors import InputError
from expressions.prediction import video_file
from expressions.prediction.annotations import is_annotation
from expressions.prediction.containers import is_cut
from expressions.prediction.frames import Frame
from expressions.prediction.sources import Medium, Source
from expressions.prediction.video_file import Choice, open_camera, open_video, write_video

SIZE = 160, 120
ALL = Choice()


def picture(number: int) -> np.ndarray:
    """A frame whose upper left and lower right corners say which one it is."""
    frame = np.random.default_rng(number).integers(100, 156, (*SIZE[::-1], 3), np.uint8)
    frame[:16, :16] = number % 16 * 16
    frame[-16:, -16:] = 255 - number % 16 * 16
    return frame


def number_of(frame: np.ndarray) -> int:
    return round(float(frame[4:12, 4:12].mean()) / 16)


def film(path: Path, count: int = 50, rate: float = 25, codec: str = "mp4v") -> Path:
    """A video by OpenCV alone."""
    writer = cv2.VideoWriter(
        str(path.absolute()), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*codec), rate, SIZE
    )
    assert writer.isOpened()
    for number in range(count):
        writer.write(picture(number))
    writer.release()
    return path


def read(path: Path, choice: Choice = ALL, medium: Medium = Medium.VIDEO) -> list[Frame]:
    with open_video(Source(str(path), path.stem, medium), choice) as video:
        return list(video.frames)


# Surgery on MP4 files, which OpenCV writes with their index behind the pictures.


def boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        yield content[at + 4 : at + 8], content[at + 8 : at + length]
        at += length


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


def operated(content: bytes, path: Iterable[bytes], change: Callable[[bytes], bytes]) -> bytes:
    """The boxes with the content of the one at `path` changed."""
    first, *rest = path
    return b"".join(
        box(kind, inner)
        if kind != first
        else box(kind, operated(inner, rest, change) if rest else change(inner))
        for kind, inner in boxes(content)
    )


STBL = (b"moov", b"trak", b"mdia", b"minf", b"stbl")


def with_times(path: Path, milliseconds: list[int]) -> Path:
    """Show each frame from the time given on; the last one for 40 ms."""
    content = path.read_bytes()

    def without_edits(trak: bytes) -> bytes:
        parts = boxes(trak)
        return b"".join(box(b"free" if kind == b"edts" else kind, inner) for kind, inner in parts)

    def set_clock(header: bytes) -> bytes:
        return header[:12] + struct.pack(">II", 1000, milliseconds[-1] + 40) + header[20:]

    def set_durations(_: bytes) -> bytes:
        steps = [*np.diff(milliseconds), 40]
        table = b"".join(struct.pack(">II", 1, step) for step in steps)
        return struct.pack(">II", 0, len(steps)) + table

    content = operated(content, (b"moov", b"trak"), without_edits)
    content = operated(content, (b"moov", b"trak", b"mdia", b"mdhd"), set_clock)
    path.write_bytes(operated(content, (*STBL, b"stts"), set_durations))
    return path


def with_turn(path: Path) -> Path:
    """Have players turn the frames by 90 degrees clockwise."""
    matrix = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    path.write_bytes(
        operated(
            path.read_bytes(),
            (b"moov", b"trak", b"tkhd"),
            lambda header: header[:40] + matrix + header[76:],
        )
    )
    return path


def with_pixel_ratio(path: Path, across: int, down: int) -> Path:
    def change(stsd: bytes) -> bytes:
        entry = next(inner for _, inner in boxes(stsd[8:]))
        others = [(kind, inner) for kind, inner in boxes(entry[78:]) if kind != b"pasp"]
        inner = b"".join(box(kind, content) for kind, content in others)
        ratio = box(b"pasp", struct.pack(">II", across, down))
        return stsd[:8] + box(b"mp4v", entry[:78] + inner + ratio)

    path.write_bytes(operated(path.read_bytes(), (*STBL, b"stsd"), change))
    return path


def matroska(
    path: Path, milliseconds: list[int], claimed_rate: int, claimed_length: float | None = None
) -> Path:
    """JPEG frames at any times, in a file of unknown length that claims a rate, as browsers do."""

    def element(identity: int, content: bytes) -> bytes:
        head = identity.to_bytes((identity.bit_length() + 7) // 8, "big")
        return head + (len(content) | 1 << 56).to_bytes(8, "big") + content

    def whole(identity: int, value: int) -> bytes:
        return element(identity, value.to_bytes(8, "big"))

    head = element(0x1A45DFA3, element(0x4282, b"matroska") + whole(0x4287, 4) + whole(0x4285, 2))
    sizes = element(0xE0, whole(0xB0, SIZE[0]) + whole(0xBA, SIZE[1]))
    track = element(
        0xAE,
        whole(0xD7, 1) + whole(0x73C5, 1) + whole(0x83, 1) + element(0x86, b"V_MJPEG")
        + whole(0x23E383, 10**9 // claimed_rate) + sizes,
    )  # fmt: skip
    length = b"" if claimed_length is None else element(0x4489, struct.pack(">d", claimed_length))
    info = element(0x1549A966, whole(0x2AD7B1, 10**6) + length)
    clusters = b"".join(
        element(
            0x1F43B675,
            whole(0xE7, at)
            + element(
                0xA3,
                b"\x81\0\0\x80" + cv2.imencode(".jpg", picture(number))[1].tobytes(),
            ),
        )
        for number, at in enumerate(milliseconds)
    )
    segment = b"\x18\x53\x80\x67\x01" + b"\xff" * 7
    path.write_bytes(head + segment + info + element(0x1654AE6B, track) + clusters)
    return path


# Times.

VARIABLE = [*range(0, 1000, 40), *range(1000, 9000, 1000), *range(9000, 10_000, 40)]
"""A phone's: 25 frames a second, one a second where it is dark."""


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


# Writing.


def written(path: Path) -> tuple[list[int], float]:
    """Which frames a video has, and how long it is."""
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    numbers = []
    while (shot := capture.read())[0]:
        numbers.append(number_of(shot[1]))
    return numbers, len(numbers) / capture.get(cv2.CAP_PROP_FPS)


def test_an_even_film_keeps_every_frame(tmp_path):
    path = tmp_path / "out.mp4"
    with write_video(path, 25) as write:
        for number in range(12):
            write(picture(number), number / 25)
    assert written(path) == (list(range(12)), pytest.approx(12 / 25))
    assert is_annotation(path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_frame_stays_until_the_next_one_is_due(tmp_path):
    path = tmp_path / "out.mp4"
    with write_video(path, 10) as write:
        for number, at in enumerate((0.0, 0.1, 0.5, 0.52, 0.6)):
            write(picture(number), at)
    # The one at 0.52 has no room beside that at 0.5.
    assert written(path)[0] == [0, 1, 1, 1, 1, 2, 4]


def test_an_uneven_film_is_as_long_when_it_is_written_again(tmp_path):
    path = with_times(film(tmp_path / "phone.mp4", len(VARIABLE)), VARIABLE)
    with open_video(Source(str(path), "phone", Medium.VIDEO), ALL) as video:
        assert video.rate == pytest.approx(25)
        with write_video(tmp_path / "out.mp4", video.rate) as write:
            for frame in video.frames:
                write(frame.picture, frame.time)
    numbers, seconds = written(tmp_path / "out.mp4")
    assert seconds == pytest.approx(10, abs=0.05)
    assert numbers[100] == VARIABLE.index(4000) % 16


@pytest.mark.parametrize("rate", [1, 2.5, 5])
def test_a_film_of_few_frames_is_as_long(tmp_path, rate):
    path = film(tmp_path / "a.mp4", 100)
    with (
        open_video(Source(str(path), "a", Medium.VIDEO), Choice(rate=rate)) as video,
        write_video(tmp_path / "out.mp4", video.rate) as write,
    ):
        for frame in video.frames:
            write(frame.picture, frame.time)
    assert written(tmp_path / "out.mp4")[1] == pytest.approx(4, abs=0.1)


def test_frames_of_other_or_odd_sizes_fit(tmp_path):
    path = tmp_path / "out.mp4"
    with write_video(path, 25) as write:
        write(np.zeros((51, 65, 3), np.uint8), 0)
        write(np.zeros((90, 91, 3), np.uint8), 0.04)
    shot = cv2.VideoCapture(str(path)).read()[1]
    assert shot.shape == (50, 64, 3)
    assert len(written(path)[0]) == 2


@pytest.mark.parametrize(
    "name", ["2024-05-01T12:30:05", "-dash", "100%d", "a\nb", "[1] $x_$", "caf\udce9", "ü" * 60]
)
def test_films_with_odd_names_are_read_and_written(tmp_path, name):
    path = film(tmp_path / "a.mp4", 10).rename(tmp_path / f"{name}.mp4")
    assert len(read(path)) == 10
    with write_video(tmp_path / f"{name}-2.mp4", 25) as write:
        write(picture(3), 0)
    assert (tmp_path / f"{name}-2.mp4").stat().st_size > 500
    assert sorted(its.name for its in tmp_path.iterdir()) == sorted(
        [f"{name}.mp4", f"{name}-2.mp4"]
    )


def test_a_name_with_a_colon_in_the_working_folder_is_no_address(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    film(tmp_path / "a.mp4", 10).rename(tmp_path / "http:a.mp4")
    assert len(read(Path("http:a.mp4"))) == 10


class SilentWriter:
    """OpenCV's where the disk is full: it says nothing, and nothing is written."""

    fourcc = cv2.VideoWriter.fourcc
    opens = True

    def __init__(self, path: str, *_: object) -> None:
        Path(path).write_bytes(b"")

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self.opens

    def write(self, frame: np.ndarray) -> None:
        pass

    def release(self) -> None:
        pass


def test_a_disk_that_fills_leaves_what_stood_there_and_says_so(tmp_path, monkeypatch):
    path = tmp_path / "out.mp4"
    path.write_bytes(b"before")

    monkeypatch.setattr(cv2, "VideoWriter", SilentWriter)
    with pytest.raises(InputError, match=r"out\.mp4 cannot be written: not all of it was written"):
        write_all(path)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def write_all(path: Path) -> None:
    with write_video(path, 25) as write:
        for number in range(30):
            write(picture(number), number / 25)


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match="cannot be written"):
        write_all(tmp_path / "file/out.mp4")
    monkeypatch.setattr(SilentWriter, "opens", False)
    monkeypatch.setattr(cv2, "VideoWriter", SilentWriter)
    with pytest.raises(InputError, match="no encoder"):
        write_all(tmp_path / "out.mp4")


def test_ctrl_c_leaves_a_film_of_what_was_done(tmp_path):
    def stop() -> None:
        with write_video(tmp_path / "out.mp4", 25) as write:
            for number in range(20):
                write(picture(number), number / 25)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop()
    assert len(written(tmp_path / "out.mp4")[0]) == 20


def test_a_video_without_a_frame_has_no_file(tmp_path):
    with write_video(tmp_path / "out.mp4", 25):
        pass
    assert list(tmp_path.iterdir()) == []


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

"""Videos that are written: as long as their source, whole or not at all, under any name."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from film_files import VARIABLE, film, number_of, picture, with_times

from expressions.errors import InputError
from expressions.prediction.annotations import is_annotation
from expressions.prediction.frames import Frame
from expressions.prediction.sources import Medium, Source
from expressions.prediction.video_file import Choice, open_video, write_video

ALL = Choice()


def read(path: Path) -> list[Frame]:
    with open_video(Source(str(path), path.stem, Medium.VIDEO), ALL) as video:
        return list(video.frames)


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


@pytest.mark.parametrize("name", ["2024-05-01T12:30:05.mp4", "http:a.mp4", "pipe:0.mp4", "-i.mp4"])
def test_a_name_in_the_working_folder_is_no_address_and_no_option(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    film(tmp_path / "a.mp4", 10).rename(tmp_path / name)
    assert len(read(Path(name))) == 10
    with write_video(Path(f"2-{name}"), 25) as write:
        write(picture(3), 0)
    assert len(read(Path(f"2-{name}"))) == 1


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

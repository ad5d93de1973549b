"""Videos, animations and cameras: read frame by frame at the times they are shown, and written so.

OpenCV brings FFmpeg, which reads any container; PyAV would say more about streams, for 35 MB more.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import cv2
import numpy as np

from expressions.errors import InputError
from expressions.pictures.decoding import PictureError, decode_animation, read_content
from expressions.pictures.files import Picture
from expressions.pipeline.streams import ahead
from expressions.prediction.annotations import new_file
from expressions.prediction.containers import is_cut, why_unreadable
from expressions.prediction.frames import Frame
from expressions.prediction.sources import Medium, Source

_FRAMES_AHEAD = 8
# Frames a second, where a camera or a file does not say.
_USUAL_RATE = 30.0
_HIGHEST_RATE = 60.0
# What a file states for a picture that never moves, such as the cover of a piece of music.
_NO_RATE = 1000.0
# A file may end so many seconds before it says, for instance where its sound is longer.
_MISSING = 0.5
# Share by which the times of frames may differ from the rate that a file states.
_SAME_RATE = 0.1
# MPEG-4 needs no library beyond what OpenCV's packages bring.
_CODEC = "mp4v"
_MOST_STRETCHED = 8
# Seconds.
_ANIMATION_INTERVAL = 0.1


class Choice(NamedTuple):
    """Which frames of a video are looked at."""

    every: int = 1
    """One of so many."""
    rate: float | None = None
    """Or so many a second, by the times at which they are shown."""


class Video(NamedTuple):
    """A video, animation or camera, whose frames can be read once."""

    source: Source
    frames: Iterator[Frame]
    """Those that are looked at. One with an error may be the last, or the only one."""
    length: int | None
    """Frames to come; None where nobody knows."""
    rate: float
    """Frames a second, of those to come."""


@contextmanager
def open_video(source: Source, choice: Choice) -> Iterator[Video]:
    """Open a video or an animation. What is wrong with it, its last frame says."""
    if source.medium is Medium.ANIMATION:
        frames = _read_animation(source, _chooser(choice))
        with closing(ahead(frames, _FRAMES_AHEAD)) as stream:
            yield _video(source, stream, choice, _USUAL_RATE, None)
        return
    with _plain_path(Path(source.path)) as path, _capture(path) as capture:
        stated, error = capture.get(cv2.CAP_PROP_FPS), ""
        if not capture.isOpened():
            error = why_unreadable(Path(source.path))
        elif stated >= _NO_RATE and _is_still(path):
            error = "sound with a cover picture, and no video"
        if error:
            yield Video(source, iter([Frame(source, None, error)]), None, _USUAL_RATE)
            return
        count = int(max(capture.get(cv2.CAP_PROP_FRAME_COUNT), 0)) or None
        frames = _read_video(source, capture, stated, count, _chooser(choice))
        with closing(ahead(frames, _FRAMES_AHEAD)) as stream:
            yield _video(source, stream, choice, stated, count)


@contextmanager
def open_camera(number: int, choice: Choice) -> Iterator[Video]:
    """Open the camera with this number; its frames never end.

    Raises:
        InputError: there is no such camera.
    """
    source = Source(f"camera {number}", f"camera-{number}", Medium.CAMERA)
    with _capture(number) as capture:
        if not capture.isOpened():
            raise InputError(
                f"There is no camera {number} that can be read. The first one is --camera 0."
            )
        rate = capture.get(cv2.CAP_PROP_FPS) or _USUAL_RATE
        frames = _read_camera(source, capture, _chooser(choice))
        with closing(ahead(frames, _FRAMES_AHEAD)) as stream:
            yield Video(source, stream, None, choice.rate or rate / choice.every)


@contextmanager
def write_video(path: Path, rate: float) -> Iterator[Callable[[Picture, float], None]]:
    """Give a function that appends a frame, to be shown from a time in seconds on.

    Between two times the earlier frame is repeated, so the video lasts as long as its source. On
    Ctrl-C, what is there becomes `path`.

    Raises:
        NotWrittenError: the disk is full, or this build of OpenCV cannot write the format.
    """
    with new_file(path) as partial, _plain_path(partial) as plain:
        writer = _Writer(plain, rate)
        try:
            yield writer.write
        finally:
            writer.close()
        writer.check()


class _Writer:
    def __init__(self, path: str, rate: float) -> None:
        self._path, self._rate = path, rate
        self._writer: cv2.VideoWriter | None = None
        self._size = 0, 0
        self._count = 0
        self._last: Picture | None = None

    def write(self, picture: Picture, time: float) -> None:
        # The format has no odd sizes.
        height, width = (side // 2 * 2 for side in picture.shape[:2])
        if self._writer is None:
            self._size = width, height
            self._writer = self._opened()
        if (width, height) != self._size:
            picture = np.asarray(cv2.resize(picture, self._size), np.uint8)
        picture = picture[: self._size[1], : self._size[0]]
        slot = round(time * self._rate)
        while self._last is not None and self._count < slot:
            self._append(self._last)
        if self._count <= slot:
            self._append(picture)
        self._last = picture

    def close(self) -> None:
        if self._writer is not None:
            self._writer.release()

    def check(self) -> None:
        """Read the file again: OpenCV does not say when a disk is full."""
        if self._writer is None:
            return
        with _capture(self._path) as capture:
            if int(capture.get(cv2.CAP_PROP_FRAME_COUNT)) != self._count:
                raise OSError("not all of it was written, as on a full disk")

    def _opened(self) -> cv2.VideoWriter:
        codec = cv2.VideoWriter.fourcc(*_CODEC)
        writer = cv2.VideoWriter(self._path, cv2.CAP_FFMPEG, codec, self._rate, self._size)
        if not writer.isOpened():
            raise OSError("the folder cannot be written to, or OpenCV has no encoder for MPEG-4")
        return writer

    def _append(self, picture: Picture) -> None:
        assert self._writer is not None
        self._writer.write(picture)
        self._count += 1


@contextmanager
def _capture(what: str | int) -> Iterator[Any]:
    capture = cv2.VideoCapture(what, cv2.CAP_FFMPEG if isinstance(what, str) else cv2.CAP_ANY)
    try:
        yield capture
    finally:
        capture.release()


@contextmanager
def _plain_path(path: Path) -> Iterator[str]:
    """Give a path that FFmpeg takes for no address, in characters that it can be given."""
    absolute = str(path.absolute())
    try:
        absolute.encode()
    except UnicodeEncodeError:
        with TemporaryDirectory() as folder:
            link = Path(folder) / f"video{path.suffix if path.suffix.isascii() else ''}"
            link.symlink_to(path.absolute())
            yield str(link)
    else:
        yield absolute


def _is_still(path: str) -> bool:
    with _capture(path) as capture:
        return bool(capture.grab()) and not capture.grab()


def _video(
    source: Source, stream: Iterator[Frame], choice: Choice, stated: float, count: int | None
) -> Video:
    first = list(islice(stream, _FRAMES_AHEAD))
    rate = _rate([frame.time for frame in first if frame.time is not None], choice, stated)
    share = min(1.0, choice.rate / stated) if choice.rate and stated else 1 / choice.every
    return Video(source, chain(first, stream), count and math.ceil(count * share), rate)


def _rate(times: list[float], choice: Choice, stated: float) -> float:
    """Frames a second of those to come: as the file states, unless their times say otherwise."""
    stated = stated if 0 < stated < _NO_RATE else _USUAL_RATE
    nominal = min(choice.rate, stated) if choice.rate else stated / choice.every
    if len(times) < 2:
        return min(nominal, _HIGHEST_RATE)
    measured = min(1 / float(np.median(np.diff(times))), _HIGHEST_RATE)
    return nominal if abs(measured / nominal - 1) <= _SAME_RATE else measured


def _chooser(choice: Choice) -> Callable[[int, float], bool]:
    """Give a function that says of one frame after the other, by number and time, if it is due."""
    due = 0

    def is_due(number: int, seconds: float) -> bool:
        nonlocal due
        if choice.rate is None:
            return number % choice.every == 0
        # Times are rounded to what the file's clock can say.
        slot = math.floor(seconds * choice.rate + 1e-3)
        if slot < due:
            return False
        due = slot + 1
        return True

    return is_due


class _Clock:
    """The times of frames: as the file has them, or by its rate where it has none."""

    def __init__(self, capture: Any, stated: float) -> None:
        self._capture = capture
        self._interval = 1 / (stated if 0 < stated < _NO_RATE else _USUAL_RATE)
        self.time = -self._interval

    def tick(self) -> float:
        """Return the seconds at which the frame that was grabbed last is shown."""
        before = self.time
        self.time = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        if not self.time > before or not math.isfinite(self.time):
            self.time = max(before, -self._interval) + self._interval
        return self.time

    @property
    def end(self) -> float:
        """When the last frame is over."""
        return self.time + self._interval


def _read_video(
    source: Source,
    capture: Any,
    stated: float,
    count: int | None,
    is_due: Callable[[int, float], bool],
) -> Iterator[Frame]:
    clock, number, lost = _Clock(capture, stated), 0, 0
    scale = _pixel_scale(capture)
    try:
        while capture.grab():
            seconds = clock.tick()
            if is_due(number, seconds):
                there, picture = capture.retrieve()
                lost += not there
                if there:
                    picture = _with_square_pixels(np.asarray(picture, np.uint8), scale)
                    yield Frame(source, picture, number=number, time=seconds)
            number += 1
    except cv2.error as error:
        yield Frame(source, None, f"a video that is damaged after {clock.end:.1f} s ({error.err})")
        return
    stated_end = count / stated if count and stated else None
    yield from _shortfall(source, number, lost, clock.end, stated_end)


def _shortfall(
    source: Source, count: int, lost: int, end: float, stated_end: float | None
) -> Iterator[Frame]:
    """What a video lacks of what it states, as a frame without a picture."""
    cut = is_cut(Path(source.path))
    ends = f"its frames end at {end:.1f} s"
    if stated_end is not None:
        ends += f" of the {stated_end:.1f} s that it states"
    if count == 0:
        yield Frame(source, None, "a video without a frame that can be read: cut off or damaged")
    elif lost:
        yield Frame(source, None, f"{lost} of {count} frames are damaged")
    elif cut:
        yield Frame(source, None, f"a video that is cut off: {ends}")
    elif stated_end is not None and end < stated_end - _MISSING:
        yield Frame(source, None, note=f"{ends}: trimmed, damaged, or with longer sound")


def _pixel_scale(capture: Any) -> tuple[float, float]:
    """By what frames are stretched, across and down, so that their pixels become square."""
    across, down = capture.get(cv2.CAP_PROP_SAR_NUM), capture.get(cv2.CAP_PROP_SAR_DEN)
    ratio = across / down if across > 0 and down > 0 else 1.0
    if not 1 / _MOST_STRETCHED < ratio < _MOST_STRETCHED:
        return 1.0, 1.0
    # The ratio is of the frame as it is stored, which OpenCV turns upright.
    turned = capture.get(cv2.CAP_PROP_ORIENTATION_META) in (90, 270)
    return (1.0, ratio) if turned else (ratio, 1.0)


def _with_square_pixels(picture: Picture, scale: tuple[float, float]) -> Picture:
    if scale == (1.0, 1.0):
        return picture
    stretched = cv2.resize(picture, None, fx=scale[0], fy=scale[1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(stretched, np.uint8)


def _read_animation(source: Source, is_due: Callable[[int, float], bool]) -> Iterator[Frame]:
    try:
        seconds = 0.0
        for number, (picture, shown) in enumerate(
            decode_animation(read_content(Path(source.path)))
        ):
            if is_due(number, seconds):
                yield Frame(source, picture, number=number, time=seconds)
            # Browsers show frames that state no time for so long.
            seconds += shown or _ANIMATION_INTERVAL
    except PictureError as error:
        yield Frame(source, None, str(error))


def _read_camera(
    source: Source, capture: Any, is_due: Callable[[int, float], bool]
) -> Iterator[Frame]:
    number, start = 0, time.monotonic()
    while capture.grab():
        seconds = time.monotonic() - start
        if is_due(number, seconds):
            there, picture = capture.retrieve()
            if there:
                yield Frame(source, np.asarray(picture, np.uint8), number=number, time=seconds)
        number += 1

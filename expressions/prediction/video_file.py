"""Videos and cameras: read frame by frame, and written so."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from expressions.errors import InputError
from expressions.pictures.files import Picture
from expressions.pipeline.streams import ahead
from expressions.prediction.frames import Frame
from expressions.prediction.sources import Source

_FRAMES_AHEAD = 8
# Where a camera or a file does not say.
_USUAL_RATE = 30.0
# MPEG-4 needs no library beyond what OpenCV's packages bring.
_CODEC = "mp4v"


class UnreadableError(InputError):
    """A video or a camera that cannot be read."""


class Video(NamedTuple):
    """A video or a camera, whose frames can be read once."""

    source: Source
    frames: Iterator[Frame]
    length: int | None
    """Frames to come; None where nobody knows."""
    rate: float
    """Frames a second, of those to come."""


@contextmanager
def open_video(source: Source, every: int, rate: float | None) -> Iterator[Video]:
    """Open a video file; give one frame of `every`, or as many as make `rate` a second.

    Raises:
        UnreadableError: the file is no video.
    """
    with _capture(source.path) as capture:
        count = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        yield _video(source, capture, every, rate, count if count > 0 else None)


@contextmanager
def open_camera(number: int, every: int, rate: float | None) -> Iterator[Video]:
    """Open the camera with this number, as `open_video` does; its frames never end.

    Raises:
        UnreadableError: there is no such camera.
    """
    source = Source(f"camera {number}", f"camera-{number}")
    with _capture(number) as capture:
        yield _video(source, capture, every, rate, None)


@contextmanager
def write_video(path: Path, rate: float) -> Iterator[Callable[[Picture], None]]:
    """Give a function that appends a frame; on Ctrl-C, what is there becomes `path`, too.

    Raises:
        InputError: this build of OpenCV cannot write the format.
    """
    # The format follows from the suffix, so a partial file has it, too.
    partial = path.with_name(f".{path.stem}.partial{path.suffix}")
    partial.parent.mkdir(parents=True, exist_ok=True)
    writer: cv2.VideoWriter | None = None

    def write(picture: Picture) -> None:
        nonlocal writer
        # The format has no odd sizes.
        height, width = (side // 2 * 2 for side in picture.shape[:2])
        if writer is None:
            codec = cv2.VideoWriter.fourcc(*_CODEC)
            writer = cv2.VideoWriter(str(partial), codec, rate, (width, height))
            if not writer.isOpened():
                raise InputError(f"{path} cannot be written: OpenCV has no encoder for it.")
        writer.write(picture[:height, :width])

    try:
        try:
            yield write
        finally:
            if writer is not None:
                writer.release()
    except KeyboardInterrupt:
        _put(partial, path)
        raise
    else:
        _put(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _put(partial: Path, path: Path) -> None:
    # A video without a frame has no file.
    if partial.exists():
        partial.replace(path)


@contextmanager
def _capture(what: str | int) -> Iterator[Any]:
    capture = cv2.VideoCapture(what)
    try:
        if not capture.isOpened():
            is_file = isinstance(what, str)
            raise UnreadableError(
                "no video that can be read"
                if is_file
                else f"There is no camera {what} that can be read. The first one is --camera 0."
            )
        yield capture
    finally:
        capture.release()


def _video(
    source: Source, capture: Any, every: int, rate: float | None, count: int | None
) -> Video:
    own_rate = capture.get(cv2.CAP_PROP_FPS) or _USUAL_RATE
    step = max(1, round(own_rate / rate)) if rate else every
    frames = ahead(_read_frames(source, capture, step, own_rate), _FRAMES_AHEAD)
    return Video(source, frames, -(-count // step) if count else None, own_rate / step)


def _read_frames(source: Source, capture: Any, step: int, rate: float) -> Iterator[Frame]:
    number = 0
    while capture.grab():
        if number % step == 0:
            there, picture = capture.retrieve()
            if there:
                picture = np.asarray(picture, np.uint8)
                yield Frame(source, picture, number=number, time=number / rate)
        number += 1

"""What emotions are looked for on: pictures, the frames of videos, and cameras, as one stream."""

import glob
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from expressions.errors import InputError
from expressions.pictures import files as pictures
from expressions.pictures.files import Picture
from expressions.pipeline.streams import ahead, ordered_map

VIDEOS = (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".ogv")
"""Suffixes of the files that are taken for videos, in small letters."""

_DECODING_THREADS = 2
_FRAMES_AHEAD = 8
# Where a camera or a file does not say.
_USUAL_RATE = 30.0


class UnreadableError(InputError):
    """A video or a camera that cannot be read."""


class Source(NamedTuple):
    """A file, as the user named it, or a camera."""

    path: str
    name: str
    """Without a suffix: what is made of it is called so, in the folders it was found in."""


class Frame(NamedTuple):
    """One picture of a stream, or the word why there is none."""

    source: Source
    picture: Picture | None
    error: str = ""
    number: int = 0
    """In its video, from 0; frames that are left out count."""
    time: float = 0.0
    """Seconds from the start of its video."""


class Video(NamedTuple):
    """A video or a camera, whose frames can be read once."""

    source: Source
    frames: Iterator[Frame]
    length: int | None
    """Frames to come; None where nobody knows."""
    rate: float
    """Frames a second, of those to come."""


def find(paths: Iterable[str]) -> list[Source]:
    """The files that `paths` mean: files, folders (in depth), or patterns such as `*.jpg`.

    What does not exist is among them, so that it is reported where it was asked for.
    """
    sources = []
    for text in paths:
        path = Path(text)
        if path.is_dir():
            below = sorted([*pictures.find(path), *_videos(path)])
            sources += [Source(str(p), str(p.relative_to(path).with_suffix(""))) for p in below]
        elif not path.exists() and (matches := sorted(glob.glob(text, recursive=True))):  # noqa: PTH207
            sources += find(matches)
        else:
            sources.append(Source(text, path.stem))
    return sources


def with_unique_names(sources: Sequence[Source]) -> list[Source]:
    """The same, where a name that stands before gets a number behind it."""
    taken: Counter[str] = Counter()
    unique = []
    for source in sources:
        taken[source.name] += 1
        count = taken[source.name]
        unique.append(source if count == 1 else source._replace(name=f"{source.name}-{count}"))
    return unique


def is_video(source: Source) -> bool:
    """Whether a file is taken for a video."""
    return Path(source.path).suffix.lower() in VIDEOS


def read_pictures(sources: Sequence[Source]) -> Iterator[Frame]:
    """Each picture in order; two are decoded while an earlier one is used."""
    return ordered_map(_read_picture, sources, _DECODING_THREADS)


@contextmanager
def video(source: Source, every: int, rate: float | None) -> Iterator[Video]:
    """Open a video file; give one frame of `every`, or as many as make `rate` a second.

    Raises:
        UnreadableError: the file is no video.
    """
    with _capture(source.path) as capture:
        count = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        yield _video(source, capture, every, rate, count if count > 0 else None)


@contextmanager
def camera(number: int, every: int, rate: float | None) -> Iterator[Video]:
    """Open the camera with this number, as `video`; its frames never end.

    Raises:
        UnreadableError: there is no such camera.
    """
    source = Source(f"camera {number}", f"camera-{number}")
    with _capture(number) as capture:
        yield _video(source, capture, every, rate, None)


def _videos(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.suffix.lower() in VIDEOS]


def _read_picture(source: Source) -> Frame:
    try:
        picture = pictures.decode(Path(source.path).read_bytes())
    except OSError as error:
        return Frame(source, None, error.strerror or str(error))
    except cv2.error:
        return Frame(source, None, "larger than pictures can be")
    return Frame(source, picture, "" if picture is not None else "no picture that can be read")


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
    frames = ahead(_read_video(source, capture, step, own_rate), _FRAMES_AHEAD)
    return Video(source, frames, -(-count // step) if count else None, own_rate / step)


def _read_video(source: Source, capture: Any, step: int, rate: float) -> Iterator[Frame]:
    number = 0
    while capture.grab():
        if number % step == 0:
            there, picture = capture.retrieve()
            if there:
                picture = np.asarray(picture, np.uint8)
                yield Frame(source, picture, number=number, time=number / rate)
        number += 1

"""Emotions on files, folders, videos and cameras: found, followed, drawn and written."""

import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import NamedTuple, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from expressions.errors import InputError
from expressions.pictures.files import Picture
from expressions.pipeline.outputs import whole_file
from expressions.pipeline.progress import bar
from expressions.pipeline.streams import ordered_map
from expressions.prediction import sources as frames
from expressions.prediction.drawing import Shown, annotate
from expressions.prediction.persons import Person, Persons
from expressions.prediction.recognizer import THREADS, Recognition, Recognizer, batches
from expressions.prediction.sources import Frame, Source, Video
from expressions.prediction.tracking import Tracker

_JPEG = (cv2.IMWRITE_JPEG_QUALITY, 92)
# MPEG-4 needs no library beyond what OpenCV's packages bring.
_VIDEO_CODE = "mp4v"


class Seen(NamedTuple):
    """A frame and the faces in it."""

    frame: Frame
    recognitions: list[Recognition]
    persons: list[int]
    """The number of each face's person; empty for a picture."""
    smoothed: list[NDArray[np.float32]]
    """Each person's probabilities until now, smoothed; empty for a picture."""
    is_video: bool = False


class Output(Protocol):
    """Where results are written to, as they come."""

    def add(self, seen: Seen) -> str:
        """The text for one picture or frame."""

    def end_video(self, source: Source, persons: Sequence[Person]) -> str:
        """The text after the last frame of a video."""


class Options(NamedTuple):
    """How pictures and videos are read and what is made of them."""

    every: int = 1
    """Of so many frames of a video, one is looked at."""
    rate: float | None = None
    """Or so many frames a second."""
    folder: Path | None = None
    """Where pictures and videos with boxes and bars go."""
    quiet: bool = False


class Predictor:
    """Runs sources through a recognizer and writes what is seen.

    Reading, recognition and drawing overlap; a few batches are in memory at a time, whatever the
    length of a video. What is written is valid at any moment: whole lines, whole pictures, and on
    Ctrl-C the part of a video that was done.
    """

    def __init__(self, recognizer: Recognizer, output: Output, options: Options) -> None:
        self._recognizer = recognizer
        self._output = output
        self._options = options
        self.unreadable = 0
        self._stopped = False

    def stop(self, *_: object) -> None:
        """Handle Ctrl-C: end after the picture or frame in hand, by a `KeyboardInterrupt`.

        Raised at once, it would get lost where Python cannot pass an exception on. A second Ctrl-C
        ends at once.
        """
        self._stopped = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def run(self, sources: Sequence[Source]) -> None:
        """Take in files; those that cannot be read are written with an error and counted."""
        for is_video, group in groupby(frames.with_unique_names(sources), frames.is_video):
            if is_video:
                for source in group:
                    self._video_file(source)
            else:
                self._pictures(list(group))

    def run_camera(self, number: int) -> None:
        """Take in a camera until it ends or Ctrl-C is pressed.

        Raises:
            UnreadableError: there is no such camera.
        """
        with frames.camera(number, self._options.every, self._options.rate) as video:
            self._video(video)

    def _pictures(self, sources: list[Source]) -> None:
        stream = recognized(self._recognizer, frames.read_pictures(sources))
        seen = (Seen(frame, recognitions, [], []) for frame, recognitions in stream)
        saved = ordered_map(self._save_picture, seen, THREADS)
        quiet = self._options.quiet or len(sources) == 1
        with bar(None, "predict", "pictures", len(sources), quiet) as progress:
            for one in saved:
                self._write(one)
                progress.update()

    def _video_file(self, source: Source) -> None:
        try:
            with frames.video(source, self._options.every, self._options.rate) as video:
                self._video(video)
        except frames.UnreadableError as error:
            self._write(Seen(Frame(source, None, str(error)), [], [], []))

    def _video(self, video: Video) -> None:
        tracker, persons = Tracker(), Persons()
        seen = (
            _followed(frame, recognitions, tracker, persons)
            for frame, recognitions in recognized(self._recognizer, video.frames)
        )
        drawn = ordered_map(self._draw_frame, seen, 1)
        progress = bar(None, video.source.name, "frames", video.length, self._options.quiet)
        try:
            with progress, self._video_writer(video) as write:
                for one, picture in drawn:
                    write(picture)
                    self._write(one)
                    progress.update()
        except KeyboardInterrupt:
            self._end_video(video.source, persons)
            raise
        self._end_video(video.source, persons)

    def _end_video(self, source: Source, persons: Persons) -> None:
        most_seen = persons.most_seen()
        _print(self._output.end_video(source, most_seen))
        if self._options.folder is not None:
            # Here, since Matplotlib takes half a second to load and pictures do not need it.
            from expressions.prediction import curves as emotion_curves  # noqa: PLC0415

            path = self._options.folder / f"{source.name}.png"
            emotion_curves.draw(path, most_seen, self._recognizer.classes, Path(source.path).name)

    def _write(self, seen: Seen) -> None:
        self.unreadable += bool(seen.frame.error)
        _print(self._output.add(seen))
        if self._stopped:
            raise KeyboardInterrupt

    def _save_picture(self, seen: Seen) -> Seen:
        folder, picture = self._options.folder, seen.frame.picture
        if folder is None or picture is None:
            return seen
        shown = [Shown(recognition) for recognition in seen.recognitions]
        drawn = annotate(picture, shown, self._recognizer.classes)
        with whole_file(folder / f"{seen.frame.source.name}.jpg") as partial:
            partial.write_bytes(cv2.imencode(".jpg", drawn, _JPEG)[1].tobytes())
        return seen

    def _draw_frame(self, seen: Seen) -> tuple[Seen, Picture | None]:
        if self._options.folder is None or seen.frame.picture is None:
            return seen, None
        classes = self._recognizer.classes
        shown = [
            Shown(Recognition(one.face, classes[int(row.argmax())], row), person)
            for one, row, person in zip(seen.recognitions, seen.smoothed, seen.persons, strict=True)
        ]
        return seen, annotate(seen.frame.picture, shown, classes)

    @contextmanager
    def _video_writer(self, video: Video) -> Iterator[Callable[[Picture | None], None]]:
        if self._options.folder is None:
            yield lambda _: None
            return
        path = self._options.folder / f"{video.source.name}.mp4"
        with whole_video(path, video.rate) as write:
            yield write


def recognized(
    recognizer: Recognizer, stream: Iterable[Frame]
) -> Iterator[tuple[Frame, list[Recognition]]]:
    """Each frame with its faces; batches are worked on side by side."""

    def work(batch: list[Frame]) -> list[tuple[Frame, list[Recognition]]]:
        pictures = [frame.picture for frame in batch if frame.picture is not None]
        found = iter(recognizer.recognize_batch(pictures))
        return [(frame, [] if frame.picture is None else next(found)) for frame in batch]

    for batch in ordered_map(work, batches(stream, lambda frame: frame.picture), THREADS):
        yield from batch


@contextmanager
def whole_video(path: Path, rate: float) -> Iterator[Callable[[Picture | None], None]]:
    """Give a function that appends a frame; on Ctrl-C, what is there becomes `path`, too.

    Raises:
        InputError: this build of OpenCV cannot write the format.
    """
    # The format follows from the suffix, so a partial file has it, too.
    partial = path.with_name(f".{path.stem}.partial{path.suffix}")
    partial.parent.mkdir(parents=True, exist_ok=True)
    writer: cv2.VideoWriter | None = None

    def write(picture: Picture | None) -> None:
        nonlocal writer
        if picture is None:
            return
        # The format has no odd sizes.
        height, width = (side // 2 * 2 for side in picture.shape[:2])
        if writer is None:
            code = cv2.VideoWriter.fourcc(*_VIDEO_CODE)
            writer = cv2.VideoWriter(str(partial), code, rate, (width, height))
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


def _followed(
    frame: Frame, recognitions: list[Recognition], tracker: Tracker, persons: Persons
) -> Seen:
    numbers = tracker.follow([one.face for one in recognitions], frame.time)
    smoothed = [
        persons.see(number, frame.time, one.probabilities).smoothed
        for number, one in zip(numbers, recognitions, strict=True)
    ]
    return Seen(frame, recognitions, numbers, smoothed, is_video=True)


def _print(text: str) -> None:
    # At once, so that Ctrl-C leaves whole lines; by tqdm on a terminal, so that bars stay below.
    if text and sys.stdout.isatty() and sys.stderr.isatty():
        tqdm.write(text, file=sys.stdout, end="")
    else:
        sys.stdout.write(text)
        sys.stdout.flush()

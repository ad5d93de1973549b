"""Emotions on files, folders, videos and cameras: found, followed, drawn and written."""

import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, groupby, islice
from pathlib import Path
from typing import NamedTuple, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from expressions.labels.prior import FEWEST_FACES, Prior
from expressions.pictures.files import Picture
from expressions.pipeline.console import say
from expressions.pipeline.progress import bar
from expressions.pipeline.streams import ordered_map
from expressions.prediction.annotations import Annotations, NotWrittenError, new_file
from expressions.prediction.drawing import annotate
from expressions.prediction.face_finder import THREADS
from expressions.prediction.frames import (
    FaceResult,
    Frame,
    FrameResult,
    read_pictures,
    recognize_frames,
)
from expressions.prediction.persons import Person, Persons
from expressions.prediction.recognizer import Recognizer
from expressions.prediction.sources import Medium, Source
from expressions.prediction.tracking import follow_faces
from expressions.prediction.video_file import (
    Choice,
    Video,
    open_camera,
    open_video,
    write_video,
)

_JPEG = (cv2.IMWRITE_JPEG_QUALITY, 92)


class Output(Protocol):
    """A form in which results are written, as they come."""

    def text_of(self, result: FrameResult) -> str:
        """Return the text for one picture or frame."""

    def text_of_video(self, source: Source, persons: Sequence[Person]) -> str:
        """Return the text after the last frame of a video."""


class Options(NamedTuple):
    """How pictures and videos are read and what is made of them."""

    choice: Choice = Choice()
    """The frames of videos that are looked at."""
    folder: Path | None = None
    """Where pictures and videos with boxes and bars go."""
    quiet: bool = False


class Predictor:
    """Runs sources through a recognizer and writes what is found.

    Reading, recognition and drawing overlap; a few batches are in memory at a time, whatever the
    length of a video. What is written is valid at any moment: whole lines, whole pictures, and on
    Ctrl-C the part of a video that was done.
    """

    def __init__(self, recognizer: Recognizer, output: Output, options: Options) -> None:
        self._recognizer = recognizer
        # By default the frames of a video, which are so alike, are no estimate of anything.
        self._of_videos = recognizer.one_by_one()
        self._output = output
        self._options = options
        self._annotations = Annotations(options.folder) if options.folder else None
        self._paths: dict[Source, Path] = {}
        """Where what is made of a source goes, without a suffix."""
        self.faulty = 0
        """Sources that cannot be read, or whose pictures and videos cannot be written."""
        self._stopped = False

    def stop(self, *_: object) -> None:
        """Handle Ctrl-C: end after the picture or frame in hand, by a `KeyboardInterrupt`.

        Raised at once, it would get lost where Python cannot pass an exception on. A second Ctrl-C
        ends at once.
        """
        self._stopped = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def run(self, sources: Sequence[Source]) -> None:
        """Take in files; those of which something cannot be read or written are counted.

        Each is written with its error, and the next one follows. Where shares are estimated, all
        pictures are looked at before the first one is written; on Ctrl-C those that were.
        """
        self._choose_paths(sources)
        seen = self._look_before(sources) if self._recognizer.prior is Prior.ESTIMATED else None
        # What was seen until then is written all the same, unless Ctrl-C is pressed again.
        is_cut, self._stopped = self._stopped, False
        for are_pictures, group in groupby(sources, lambda source: source.medium is Medium.PICTURE):
            if are_pictures:
                self._run_pictures(list(group), seen)
            elif not is_cut:
                for source in group:
                    with open_video(source, self._options.choice) as video:
                        self._run_video(video)
        if is_cut:
            raise KeyboardInterrupt

    def _look_before(self, sources: Sequence[Source]) -> Iterator[FrameResult]:
        """Look at everything once, to know how often it shows each emotion.

        Videos count only where it was asked for, since they are looked at once more later.

        Returns:
            The results of the pictures, under what is expected now and without the pictures.
        """
        looking = self._recognizer.with_prior(Prior.TRAINING)
        asked = self._recognizer.is_prior_asked
        counted = [one for one in sources if asked or one.medium is Medium.PICTURE]
        kept: list[FrameResult] = []
        rows = [np.empty((0, len(looking.classes)), np.float32)]
        streams = (
            recognize_frames(looking, its) for its in _streams(counted, self._options.choice)
        )
        quiet = self._options.quiet or len(counted) < 2
        with bar(None, "predict", "sources", len(counted), quiet) as progress:
            for result in chain.from_iterable(streams):
                rows += [face.recognition.probabilities[None] for face in result.faces]
                if not result.is_of_video:
                    kept.append(result._replace(frame=result.frame.without_picture()))
                    progress.update()
                if self._stopped:
                    break
        self._expect_as(np.concatenate(rows))
        return (self._reconsidered(result) for result in kept)

    def _expect_as(self, seen: NDArray[np.float32]) -> None:
        """Expect what faces that were seen, `[n, classes]`, show; say so where it matters."""
        self._recognizer = self._recognizer.after(seen)
        expects, asked = self._recognizer.expects, self._recognizer.is_prior_asked
        if asked:
            self._of_videos = self._recognizer
        if expects is Prior.ESTIMATED:
            self._say(f"note: the prior is estimated from {len(seen)} faces.")
        elif asked:
            self._say(
                f"note: {len(seen)} faces are too few to estimate how often each emotion is "
                f"expected, which takes {FEWEST_FACES}. The prior is {expects}."
            )

    def _reconsidered(self, result: FrameResult) -> FrameResult:
        faces = self._recognizer.reconsider([face.recognition for face in result.faces])
        return result._replace(faces=[FaceResult(face) for face in faces])

    def run_camera(self, number: int) -> None:
        """Take in a camera until it ends or Ctrl-C is pressed.

        Raises:
            InputError: there is no such camera.
        """
        with open_camera(number, self._options.choice) as video:
            self._choose_paths([video.source])
            self._run_video(video)

    def _choose_paths(self, sources: Sequence[Source]) -> None:
        """Find a name for what is made of each source, so that it takes no other file's place."""
        if self._annotations is None:
            return
        for source in sources:
            suffixes = (".jpg",) if source.medium is Medium.PICTURE else (".mp4", ".png")
            self._paths[source] = self._annotations.path_for(source.name, suffixes)
        if renamed := self._annotations.renamed:
            self._say(
                f"note: {len(renamed)} of the names in {self._options.folder} are taken. Numbers "
                f"stand behind them, as in {renamed[0].name}, and nothing is written over."
            )

    def _say(self, text: str) -> None:
        if not self._options.quiet:
            say(text, error=True)

    def _run_pictures(self, sources: list[Source], seen: Iterator[FrameResult] | None) -> None:
        if seen is None:
            results, work = recognize_frames(self._recognizer, read_pictures(sources)), "predict"
        else:
            results, work = self._read_again(list(islice(seen, len(sources)))), "write"
        at_once = len(sources) == 1 or (seen is not None and self._options.folder is None)
        quiet = self._options.quiet or at_once
        with bar(None, work, "pictures", len(sources), quiet) as progress:
            for result in ordered_map(self._with_picture_saved, results, THREADS):
                self._write(result)
                progress.update()

    def _run_video(self, video: Video) -> None:
        persons = Persons()
        results = follow_faces(recognize_frames(self._of_videos, video.frames), persons)
        name = Path(video.source.path).name
        progress = bar(None, name, "frames", video.length, self._options.quiet)
        frames = 0
        try:
            with progress, self._video_writer(video) as write:
                for result, drawn in ordered_map(self._with_drawing, results, 1):
                    if drawn is not None and result.frame.time is not None:
                        write(drawn, result.frame.time)
                    frames += result.is_of_video
                    self._write(result)
                    progress.update()
        except KeyboardInterrupt:
            self._end_video(video.source, persons)
            raise
        except NotWrittenError as error:
            self._write_error(video.source, error)
        if frames:
            self._end_video(video.source, persons)

    def _end_video(self, source: Source, persons: Persons) -> None:
        most_seen = persons.most_seen()
        _print(self._output.text_of_video(source, most_seen))
        if self._options.folder is not None:
            # Here, since Matplotlib takes half a second to load and pictures do not need it.
            from expressions.prediction.curves import draw_curves  # noqa: PLC0415

            try:
                with new_file(Path(f"{self._paths[source]}.png")) as partial:
                    name = Path(source.path).name
                    draw_curves(partial, most_seen, self._recognizer.classes, name)
            except NotWrittenError as error:
                self._write_error(source, error)

    def _write_error(self, source: Source, error: NotWrittenError) -> None:
        self._write(FrameResult(Frame(source, None, str(error)), []))

    def _write(self, result: FrameResult) -> None:
        self.faulty += bool(result.frame.error)
        _print(self._output.text_of(result))
        self._raise_if_stopped()

    def _raise_if_stopped(self) -> None:
        if self._stopped:
            raise KeyboardInterrupt

    def _read_again(self, results: Sequence[FrameResult]) -> Iterator[FrameResult]:
        """Results of pictures that were seen before, with the pictures if they are drawn on."""
        if self._options.folder is None:
            return iter(results)
        again = read_pictures([result.frame.source for result in results])
        return (
            result._replace(frame=frame._replace(note=result.frame.note))
            for result, frame in zip(results, again, strict=True)
        )

    def _with_picture_saved(self, result: FrameResult) -> FrameResult:
        _, drawn = self._with_drawing(result)
        if drawn is None:
            return result
        try:
            with new_file(Path(f"{self._paths[result.frame.source]}.jpg")) as partial:
                partial.write_bytes(cv2.imencode(".jpg", drawn, _JPEG)[1].tobytes())
        except NotWrittenError as error:
            return result._replace(frame=result.frame._replace(error=str(error)))
        return result

    def _with_drawing(self, result: FrameResult) -> tuple[FrameResult, Picture | None]:
        if self._options.folder is None or result.frame.picture is None:
            return result, None
        classes = self._recognizer.classes
        return result, annotate(result.frame.picture, result.faces, classes)

    @contextmanager
    def _video_writer(self, video: Video) -> Iterator[Callable[[Picture, float], None]]:
        if self._options.folder is None:
            yield lambda *_: None
            return
        refused: OSError | None = None
        with write_video(Path(f"{self._paths[video.source]}.mp4"), video.rate) as append:

            def write(picture: Picture, time: float) -> None:
                nonlocal refused
                try:
                    append(picture, time)
                except OSError as error:
                    refused = error

            yield write
            # Only now, so that what is seen in the video is written to its end.
            if refused is not None:
                raise refused


def _streams(sources: Sequence[Source], choice: Choice) -> Iterator[Iterable[Frame]]:
    """The frames of all sources, pictures together and each video alone."""
    yield read_pictures([source for source in sources if source.medium is Medium.PICTURE])
    for source in sources:
        if source.medium is not Medium.PICTURE:
            with open_video(source, choice) as video:
                yield video.frames


def _print(text: str) -> None:
    # At once, so that Ctrl-C leaves whole lines; by tqdm on a terminal, so that bars stay below.
    if text and sys.stdout.isatty() and sys.stderr.isatty():
        tqdm.write(text, file=sys.stdout, end="")
    else:
        sys.stdout.write(text)
        sys.stdout.flush()

"""One stream for all that is looked at: pictures and frames of videos, and the faces in them."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from expressions.pictures.decoding import PictureError, read_picture
from expressions.pictures.files import Picture
from expressions.pipeline.streams import ordered_map
from expressions.prediction.recognizer import Recognition, Recognizer
from expressions.prediction.sources import Source

_DECODING_THREADS = 2


class Frame(NamedTuple):
    """A picture file or one frame of a video, or the reason why there is no picture."""

    source: Source
    picture: Picture | None
    error: str = ""
    number: int | None = None
    """In its video, from 0; frames that are left out count. None for a picture file."""
    time: float | None = None
    """Seconds from the start of its video; None for a picture file."""
    note: str = ""
    """What is to be known beside the faces, for instance what was not looked at."""
    was_let_go: bool = False
    """Whether there was a picture, of which the faces alone are kept."""

    def without_picture(self) -> "Frame":
        """Return the same frame with its picture let go."""
        return self._replace(picture=None, was_let_go=self.picture is not None)


class FaceResult(NamedTuple):
    """One face of a frame."""

    recognition: Recognition
    person: int | None = None
    """The number that the person keeps through a video, from 1; None in a picture file."""
    smoothed: NDArray[np.float32] | None = None
    """The person's probabilities until now, smoothed, `[classes]`; None in a picture file."""

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """What is to be shown, `[classes]`: smoothed where there is a past."""
        return self.recognition.probabilities if self.smoothed is None else self.smoothed


class FrameResult(NamedTuple):
    """A frame and the faces in it, largest first."""

    frame: Frame
    faces: list[FaceResult]

    @property
    def is_read(self) -> bool:
        """Whether there is, or was, a picture in which faces were looked for."""
        return self.frame.picture is not None or self.frame.was_let_go

    @property
    def is_of_video(self) -> bool:
        """Whether this is a frame of a video and not a picture file."""
        return self.frame.time is not None


def read_pictures(sources: Sequence[Source]) -> Iterator[Frame]:
    """Read each picture file in order; two are decoded while an earlier one is used."""
    return ordered_map(_read_picture, sources, _DECODING_THREADS)


def recognize_frames(recognizer: Recognizer, frames: Iterable[Frame]) -> Iterator[FrameResult]:
    """Find the faces of each frame; batches are worked on side by side.

    What is not looked for is said in the note of a picture, and of a video's first frame.
    """
    source = None
    for frame, found in recognizer.recognize_stream(frames, lambda frame: frame.picture):
        if frame.picture is not None and frame.source is not source:
            source = frame.source
            notes = (frame.note, recognizer.not_looked_for(frame.picture))
            frame = frame._replace(note="; ".join(filter(None, notes)))  # noqa: PLW2901
        yield FrameResult(frame, [FaceResult(recognition) for recognition in found])


def _read_picture(source: Source) -> Frame:
    try:
        picture, note = read_picture(Path(source.path))
    except PictureError as error:
        return Frame(source, None, str(error))
    return Frame(source, picture, note=note)

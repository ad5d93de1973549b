"""Following faces from frame to frame of a video, so that each person keeps a number.

A face belongs to the person whose last box it overlaps most (the IOU tracker of Bochinski et al.
2017, doi:10.1109/AVSS.2017.8078516, which needs no look at the pixels). Tracking libraries bring
SciPy, Matplotlib or PyTorch and appearance models; faces that are found in every frame need none.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from expressions.faces.detection.boxes import overlaps
from expressions.faces.detection.mtcnn import Face
from expressions.prediction.frames import FaceResult, FrameResult
from expressions.prediction.persons import Persons

MIN_OVERLAP = 0.3
"""Intersection over union, below which a box is another person's."""

LOST_AFTER = 1.0
"""Seconds without a face, after which a person who comes back is a new one."""

_LOST_AFTER_FRAMES = 3


def follow_faces(results: Iterable[FrameResult], persons: Persons) -> Iterator[FrameResult]:
    """Give the faces of a video's frames their persons, and note in `persons` what they show."""
    tracker = Tracker()
    for frame, faces in results:
        if frame.time is None:
            # The word that ends a damaged video.
            yield FrameResult(frame, [])
            continue
        time = frame.time
        numbers = tracker.follow([face.recognition.face for face in faces], time)
        yield FrameResult(
            frame,
            [
                FaceResult(
                    recognition,
                    number,
                    persons.see(number, time, recognition.probabilities).smoothed,
                )
                for number, (recognition, *_) in zip(numbers, faces, strict=True)
            ],
        )


class Tracker:
    """Gives the faces of one frame after the other the numbers of their persons, from 1."""

    def __init__(self) -> None:
        self._boxes: dict[int, NDArray[np.float64]] = {}
        self._seen: dict[int, tuple[int, float]] = {}
        self._frames = 0
        self._persons = 0

    def follow(self, faces: Sequence[Face], time: float) -> list[int]:
        """Return the person of each face of the next frame, which is shown at `time` in seconds."""
        self._frames += 1
        self._forget(time)
        boxes = np.array([corners(face) for face in faces]).reshape(-1, 4)
        numbers = self._match(boxes)
        for number, box in zip(numbers, boxes, strict=True):
            self._boxes[number] = box
            self._seen[number] = self._frames, time
        return numbers

    def _match(self, boxes: NDArray[np.float64]) -> list[int]:
        known = list(self._boxes)
        last = np.array([self._boxes[number] for number in known]).reshape(-1, 4)
        shares = overlaps(boxes, last)
        numbers = [0] * len(boxes)
        while shares.size and shares.max() >= MIN_OVERLAP:
            row, column = np.unravel_index(shares.argmax(), shares.shape)
            numbers[row] = known[column]
            shares[row], shares[:, column] = 0, 0
        return [number or self._new_person() for number in numbers]

    def _new_person(self) -> int:
        self._persons += 1
        return self._persons

    def _forget(self, now: float) -> None:
        for number, (frame, time) in list(self._seen.items()):
            if now - time > LOST_AFTER and self._frames - frame > _LOST_AFTER_FRAMES:
                del self._seen[number], self._boxes[number]


def corners(face: Face) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of the box."""
    return face.x, face.y, face.x + face.width, face.y + face.height

"""Finding faces and their landmarks with MTCNN (Zhang et al. 2016, arXiv:1604.02878)."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from expressions.pictures import Picture, colour

LANDMARKS = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
"""In the order of the rows of `Face.landmarks`; left is the picture's left."""

# Pictures in one pass; more do not make it faster and cost memory.
_BATCH = 64

_DECIMALS = 2


class Face(NamedTuple):
    """One face in a picture; coordinates in pixels from its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    confidence: float
    """From 0 to 1."""
    landmarks: NDArray[np.float64]
    """`[5, 2]`: x and y of `LANDMARKS`."""


class Detector:
    """MTCNN with its published weights, ready for batches."""

    def __init__(self) -> None:
        # Here, since TensorFlow takes seconds to load and not every use of this module needs it;
        # `runtime` first, since it decides how `mtcnn` gets TensorFlow.
        from expressions.runtime import tf  # noqa: PLC0415, I001
        import mtcnn  # noqa: PLC0415

        self._no_candidates = (ValueError, tf.errors.InvalidArgumentError)
        self._networks = mtcnn.MTCNN(device="CPU:0")

    def detect(self, pictures: Sequence[Picture]) -> list[list[Face]]:
        """The faces of each picture, largest first.

        Pictures of one size share their passes through the networks.
        """
        by_size: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for index, picture in enumerate(pictures):
            by_size[picture.shape[:2]].append(index)
        faces: list[list[Face]] = [[] for _ in pictures]
        for indices in by_size.values():
            for start in range(0, len(indices), _BATCH):
                batch = indices[start : start + _BATCH]
                found = self._detect_batch([pictures[index] for index in batch])
                for index, its_faces in zip(batch, found, strict=True):
                    faces[index] = its_faces
        return faces

    def _detect_batch(self, pictures: Sequence[Picture]) -> list[list[Face]]:
        rgb = [cv2.cvtColor(colour(picture), cv2.COLOR_BGR2RGB) for picture in pictures]
        try:
            rows = self._networks.detect_faces(rgb, box_format="xyxy", output_type="numpy")
        except self._no_candidates:
            # The package fails in this way when no picture of the batch holds a candidate.
            rows = np.empty((0, 16))
        faces: list[list[Face]] = [[] for _ in pictures]
        for row in rows:
            faces[int(row[0])].append(_face(row))
        return [sorted(found, key=_largest_first) for found in faces]


def _face(row: NDArray[np.float64]) -> Face:
    # Rounded before anything is decided: the last bits depend on the batch.
    row = np.round(row, _DECIMALS)
    x1, y1, x2, y2, confidence = row[1:6]
    landmarks = np.stack([row[6:11], row[11:16]], axis=1)
    width, height = np.round([x2 - x1, y2 - y1], _DECIMALS)
    return Face(float(x1), float(y1), float(width), float(height), float(confidence), landmarks)


def _largest_first(face: Face) -> tuple[float, ...]:
    return (-face.width * face.height, -face.confidence, face.x, face.y)

"""Finding faces and their landmarks with MTCNN (Zhang et al. 2016, arXiv:1604.02878).

The three networks and the steps between them are those of the package `mtcnn` 1.0.0, and for one
picture the faces are the same. Only the landmarks of tilted faces are better: they are looked for a
second time with the face upright. For several pictures at once the package gives other faces than
for each alone, since there a picture's faces depend on what stands beside it in the batch:

- Pictures of different sizes are padded to one size, and the padding changes the pyramid, the place
  of every cut and the faces at the edges: in batches of twelve, 58 of 60 photographs got a box more
  than a pixel off. Where a picture of such a batch has no face, the paddings of all pictures after
  it are taken off the wrong ones.
- Candidates with one and the same score, common since scores near 1 are rounded to it, are ordered
  by a sort that is not stable, over the whole batch at once: 1 of 60 photographs of one size, and
  none once that sort is made stable.
- TensorFlow picks the order of its sums by the number of candidates in the batch: the last bits of
  26 of these 60 differed, which moves scores that are close to a threshold, or to each other.

Here pictures are never padded, the networks give the same bits for any batch (see
`mtcnn_networks`), and candidates are ranked picture by picture with a rule for ties.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from expressions.faces.detection.boxes import (
    Boxes,
    Corners,
    non_maximum_suppression,
    square,
    without_overlapped,
)
from expressions.faces.detection.mtcnn_networks import (
    OUTPUT_SIDE,
    REFINEMENT_SIDE,
    Candidates,
    Floats,
    Networks,
    networks,
)
from expressions.faces.detection.proposals import NMS, propose
from expressions.faces.detection.search import Search
from expressions.faces.detection.views import Views, channels_first
from expressions.pictures.files import Picture

LANDMARKS = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
"""In the order of the rows of `Face.landmarks`; left is the picture's left."""

FACE_COLUMNS = (
    *("x", "y", "width", "height", "confidence"),
    *(f"{landmark}_{axis}" for landmark in LANDMARKS for axis in "xy"),
)
"""What tables call the numbers of a face."""

# The package's, which are those of the paper's published code but for the thresholds.
_R_NET_THRESHOLD, _O_NET_THRESHOLD = 0.7, 0.8

# Pictures in one pass, in pixels; more do not make it faster and cost memory (12 bytes a pixel).
_PIXELS_AT_ONCE = 400_000
# Boxes in one pass of R- or O-Net, each 0.3 MB at O-Net's widest layer; more do not make it faster.
_BOXES_AT_ONCE = 16
# Degrees from which on the landmarks are looked for again, and the sides of the box looked at.
_TILTED = 5.0
_LOOKS = (0.9, 1.1)
_MIRRORED = [1, 0, 2, 4, 3]
"""Which landmark of a mirrored face is which."""

_DECIMALS = 2

BoxNetwork = Callable[[Floats, Floats, NDArray[np.int32]], Candidates]
"""`Networks.refine` or `Networks.output`."""


class Face(NamedTuple):
    """One face in a picture; coordinates in pixels from its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    confidence: float
    """From 0 to 1."""
    landmarks: NDArray[np.float64]
    """`[5, 2]`: x and y of `LANDMARKS`; NaN where they are not known."""


def face_numbers(face: Face) -> list[float]:
    """Return the numbers of a face in their order, `FACE_COLUMNS`."""
    return [*face[:5], *face.landmarks.ravel().tolist()]


def face_of_numbers(numbers: NDArray[np.float64]) -> Face:
    """Return the face of `face_numbers`."""
    x, y, width, height, confidence = numbers[:5].tolist()
    return Face(x, y, width, height, confidence, numbers[5:].reshape(-1, 2))


def eye_angle(landmarks: NDArray[np.float64]) -> float:
    """Return the angle of the line through both eyes, in degrees; 0 where they are not known.

    Above 0 the right eye is lower.
    """
    left, right = LANDMARKS.index("left_eye"), LANDMARKS.index("right_eye")
    dx, dy = np.subtract(landmarks[right], landmarks[left])
    return 0.0 if np.isnan(dx) else float(np.degrees(np.arctan2(dy, dx)))


class Detector:
    """MTCNN with its published weights, ready for batches.

    Args:
        search: how far pictures are shrunk, and for faces of which sizes they are looked through.
            What larger faces look like to the networks does not depend on the smallest ones.
    """

    def __init__(self, search: Search) -> None:
        self._search = search
        self._networks = networks()

    def detect(self, pictures: Sequence[Picture]) -> list[list[Face]]:
        """Return the faces of each picture, largest first; the same, to the bit, in any company.

        Pictures of one size share their passes through the networks.
        """
        faces: list[list[Face]] = [[] for _ in pictures]
        for indices in self._of_one_size(pictures):
            found = self._detect_batch([pictures[index] for index in indices])
            for index, its_faces in zip(indices, found, strict=True):
                faces[index] = its_faces
        return faces

    def _of_one_size(self, pictures: Sequence[Picture]) -> Iterator[list[int]]:
        """The indices of pictures that can go through the networks together."""
        by_size: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for index, picture in enumerate(pictures):
            by_size[picture.shape[:2]].append(index)
        for (height, width), indices in by_size.items():
            step = max(1, _PIXELS_AT_ONCE // math.prod(self._search.size(height, width)))
            for start in range(0, len(indices), step):
                yield indices[start : start + step]

    def _detect_batch(self, pictures: Sequence[Picture]) -> list[list[Face]]:
        height, width = pictures[0].shape[:2]
        size = self._search.size(height, width)
        views = Views(pictures, size, self._search.quick)
        boxes = propose(
            self._networks, views, self._search.scales(height, width), self._search.quick
        )
        boxes = _refine(self._networks, views, boxes)
        boxes, landmarks = _output(self._networks, views, boxes)
        landmarks = _look_again(self._networks, views.whole, boxes, landmarks)
        stretch = np.array([width / size[1], height / size[0]])
        return _faces(boxes, landmarks, stretch, (height, width), len(pictures))


def _refine(networks: Networks, views: Views, boxes: Boxes) -> Boxes:
    """Square boxes after R-Net."""
    found = _look(networks.refine, views, boxes, REFINEMENT_SIDE)
    refined = Boxes(boxes.pictures, _moved(boxes.corners, found.offsets), found.scores)
    refined = refined.at(found.scores > _R_NET_THRESHOLD)
    return square(without_overlapped(refined, refined.pictures, NMS))


def _output(networks: Networks, views: Views, boxes: Boxes) -> tuple[Boxes, NDArray[np.float64]]:
    """Boxes after O-Net and their landmarks, `[n, 5, 2]`."""
    found = _look(networks.output, views, boxes, OUTPUT_SIDE)
    sizes = boxes.corners[:, None, 2:] - boxes.corners[:, None, :2] + 1  # [n, 1, 2]
    shares = found.landmarks.reshape(-1, 2, len(LANDMARKS)).transpose(0, 2, 1)  # [n, 5, 2]
    landmarks = shares * sizes + boxes.corners[:, None, :2] - 1
    moved = Boxes(boxes.pictures, _moved(boxes.corners, found.offsets), found.scores)
    sure = found.scores > _O_NET_THRESHOLD
    moved, landmarks = moved.at(sure), landmarks[sure]
    kept = non_maximum_suppression(moved, moved.pictures, NMS, of_smaller=True)
    return moved.at(kept), landmarks[kept]


def _look_again(
    networks: Networks,
    pictures: Sequence[Floats],
    boxes: Boxes,
    landmarks: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The landmarks, found anew for tilted faces after turning these upright.

    O-Net learned from faces that are mostly upright and puts the eyes of tilted ones up to 4.6° too
    flat or too steep. The mean of what it says of the levelled face, a little smaller and larger
    and mirrored, is within 1.5° for 95 of 100 painted photographs tilted by 8° to 25°.
    """
    again = landmarks.copy()
    tilted = [row for row, points in enumerate(landmarks) if abs(eye_angle(points)) > _TILTED]
    patches, turns = [], []
    for row in tilted:
        picture, corners = pictures[boxes.pictures[row]], boxes.corners[row]
        for factor in _LOOKS:
            turn = _upright(corners, eye_angle(landmarks[row]), factor)
            side = (OUTPUT_SIDE, OUTPUT_SIDE)
            patch = cv2.warpAffine(picture, turn, side, flags=cv2.INTER_LINEAR)
            patches += [patch, patch[:, ::-1]]
            turns.append(cv2.invertAffineTransform(turn))
    if not tilted:
        return again
    whole = np.array([[0, 0, 1, 1]], np.float32).repeat(len(patches), axis=0)  # [p, 4]
    each = np.arange(len(patches), dtype=np.int32)
    found = _in_parts(networks.output, channels_first(patches), whole, each).landmarks
    # [p / 2, plain or mirrored, landmark, axis], in the patch's pixels
    points = found.reshape(-1, 2, 2, len(LANDMARKS)).swapaxes(2, 3) * (OUTPUT_SIDE - 1.0)
    mirrored = points[:, 1, _MIRRORED] * [-1, 1] + [OUTPUT_SIDE - 1, 0]  # [p / 2, 5, 2]
    back = np.array(turns)  # [p / 2, 2, 3]
    both = (points[:, 0] + mirrored) / 2 @ back[:, :, :2].swapaxes(1, 2) + back[:, None, :, 2]
    again[tilted] = both.reshape(len(tilted), len(_LOOKS), len(LANDMARKS), 2).mean(axis=1)
    return again


def _upright(corners: NDArray[np.float64], angle: float, factor: float) -> NDArray[np.float64]:
    """`[2, 3]`: from the picture to O-Net's input, level, with `factor` times the box's side."""
    x, y = ((corners[:2] + corners[2:]) / 2).tolist()
    side = (corners[2:] - corners[:2]).max() * factor
    turn = cv2.getRotationMatrix2D((x, y), angle, OUTPUT_SIDE / side)
    turn[:, 2] += (OUTPUT_SIDE - 1) / 2 - np.array([x, y])
    return np.asarray(turn, np.float64)


def _look(network: BoxNetwork, views: Views, boxes: Boxes, side: int) -> Candidates:
    """What R- or O-Net, which reads `side` pixels, says of the boxes."""
    height, width = views.size
    shares = boxes.corners[:, [1, 0, 3, 2]] / np.array([height, width, height, width])
    found, places = [], []
    for view, chosen in views.of_boxes(boxes.corners, side):
        its, indices = shares[chosen].astype(np.float32), boxes.pictures[chosen].astype(np.int32)
        found.append(_in_parts(network, view, its, indices))
        places.append(chosen)
    order = np.argsort(np.concatenate(places))
    return Candidates(*(np.concatenate(column)[order] for column in zip(*found, strict=True)))


def _in_parts(
    network: BoxNetwork, pictures: Floats, shares: Floats, indices: NDArray[np.int32]
) -> Candidates:
    """What R- or O-Net says of boxes, `[k, 4]`, of the pictures with `indices`, `[k]`."""
    parts = [
        network(
            pictures,
            shares[start : start + _BOXES_AT_ONCE],
            indices[start : start + _BOXES_AT_ONCE],
        )
        # Once for no boxes, too, so that there is something to join.
        for start in range(0, max(1, len(shares)), _BOXES_AT_ONCE)
    ]
    return Candidates(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _moved(corners: Corners, offsets: Floats) -> Corners:
    sizes = corners[:, 2:] - corners[:, :2] + 1
    return corners + offsets * np.tile(sizes, 2)


def _faces(
    boxes: Boxes,
    landmarks: NDArray[np.float64],
    stretch: NDArray[np.float64],
    size: tuple[int, int],
    pictures: int,
) -> list[list[Face]]:
    """The faces of each picture; boxes end at the picture's edge, landmarks need not."""
    height, width = size
    edge = np.array([width, height, width, height]) - 1
    corners = np.clip(boxes.corners * np.tile(stretch, 2), 0, edge).round(_DECIMALS)
    sizes = (corners[:, 2:] - corners[:, :2]).round(_DECIMALS)
    points = (landmarks * stretch).round(_DECIMALS)
    scores = boxes.scores.astype(np.float64).round(_DECIMALS)
    faces: list[list[Face]] = [[] for _ in range(pictures)]
    rows = np.column_stack([corners[:, :2], sizes, scores, points.reshape(-1, 2 * len(LANDMARKS))])
    for picture, numbers in zip(boxes.pictures, rows, strict=True):
        faces[picture].append(face_of_numbers(numbers))
    return [sorted(found, key=_largest_first) for found in faces]


def _largest_first(face: Face) -> tuple[float, ...]:
    return (-face.width * face.height, -face.confidence, face.x, face.y)

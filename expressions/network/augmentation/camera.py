"""What a photograph may do to a face: lose resolution, add noise, compress.

FER-2013's pictures are small, but sharp and clean. Other people's faces are enlarged from a few
pixels, blurred by motion, noisy for want of light, compressed for the web. A network that never saw
that takes a blurred face for a neutral one.
"""

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from expressions.pipeline.parameters import Section

Face = NDArray[np.float32]
"""`[height, width]`, grey values."""
Faces = NDArray[np.float32]
"""`[n, height, width]`, rescaled grey values."""

_WHITE = 255.0
# Of a side of 48 pixels, so many are left; or a blur of this standard deviation in them.
_LEFT = (0.38, 0.92)
_BLUR = (0.4, 1.4)
# Standard deviations of grey values from 0 to 255.
_NOISE = (2.0, 10.0)
_QUALITY = (25, 85)


class Camera(Section):
    """How often a face is photographed otherwise: probabilities, each kind by itself."""

    resolution: float = Field(default=0.0, ge=0, le=1, description="shrunk, or blurred")
    noise: float = Field(default=0.0, ge=0, le=1)
    jpeg: float = Field(default=0.0, ge=0, le=1)


def photograph(faces: Faces, camera: Camera, rng: np.random.Generator) -> Faces:
    """Return faces of which some are photographed otherwise.

    The darkest and the lightest value of a face stand for black and white, and none gets beyond
    them. A kind that is turned off draws no number.
    """
    kinds = (
        (camera.resolution, _lose_resolution),
        (camera.noise, _add_noise),
        (camera.jpeg, _compress),
    )
    on = [(probability, change) for probability, change in kinds if probability > 0]
    views = faces.copy() if on else faces
    for probability, change in on:
        for index in np.flatnonzero(rng.random(len(views)) < probability):
            low, high = float(views[index].min()), float(views[index].max())
            if high > low:
                grey = (views[index] - low) * (_WHITE / (high - low))
                changed = np.clip(change(grey, rng), 0, _WHITE)
                views[index] = changed * ((high - low) / _WHITE) + low
    return views


def _lose_resolution(grey: Face, rng: np.random.Generator) -> Face:
    if rng.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(grey, (0, 0), rng.uniform(*_BLUR)))
    size = (grey.shape[1], grey.shape[0])
    fewer = tuple(max(1, round(side * rng.uniform(*_LEFT))) for side in size)
    enlarge = (cv2.INTER_LINEAR, cv2.INTER_CUBIC)[int(rng.integers(2))]
    small = cv2.resize(grey, fewer, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, size, interpolation=enlarge))


def _add_noise(grey: Face, rng: np.random.Generator) -> Face:
    deviation = np.float32(rng.uniform(*_NOISE))
    return grey + deviation * rng.standard_normal(grey.shape, dtype=np.float32)


def _compress(grey: Face, rng: np.random.Generator) -> Face:
    quality = int(rng.integers(*_QUALITY))
    whole = grey.round().astype(np.uint8)
    _, jpeg = cv2.imencode(".jpg", whole, (cv2.IMWRITE_JPEG_QUALITY, quality))
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE), np.float32)

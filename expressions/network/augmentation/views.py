"""Random views of a face: mirrored, turned, shifted, scaled, erased, photographed.

And mixtures of two faces, whose expression is a mixture of both.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from expressions.network.augmentation.camera import Camera, Faces, photograph


class Augmentation(Camera):
    """How far the views go and how often a face is photographed otherwise; 0 turns a kind off."""

    mirror: float = Field(ge=0, le=1, description="probability")
    rotation: float = Field(ge=0, le=180, description="degrees, up to this to either side")
    shift: float = Field(ge=0, lt=1, description="share of the side, along each axis")
    scale: float = Field(ge=0, lt=1, description="share of the size, smaller or larger")
    erase: float = Field(ge=0, le=1, description="probability (Zhong et al. 2017, 1708.04896)")
    mixup: float = Field(ge=0, le=8, description="alpha of the shares' beta distribution")


# Random erasing covers between 3 % and 20 % of a picture.
_ERASED_SIDES = (0.17, 0.45)


class Views(NamedTuple):
    """A random view of each of some faces."""

    faces: Faces
    """What the network gets to see."""
    plain: Faces
    """The same before it was photographed otherwise: what its teachers get to see."""


def augment(faces: Faces, augmentation: Augmentation, rng: np.random.Generator) -> Views:
    """One random view of each face; the same generator state gives the same views."""
    views = np.empty_like(faces)
    size = (faces.shape[2], faces.shape[1])
    for view, face, transform in zip(
        views, faces, _transforms(len(faces), size, augmentation, rng), strict=True
    ):
        cv2.warpAffine(
            face, transform, size, dst=view, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
        )
    for index in np.flatnonzero(rng.random(len(views)) < augmentation.erase):
        _erase(views[index], rng)
    return Views(photograph(views, augmentation, rng), views)


def mix(
    views: Views, targets: NDArray[np.float32], alpha: float, rng: np.random.Generator
) -> tuple[Views, NDArray[np.float32]]:
    """Each face of a batch mixed with another one, and the targets alike, in the same shares.

    Mixup (Zhang et al. 2018, arXiv:1710.09412), a share for each pair in place of one for the
    batch. With `alpha` 0 nothing is mixed or drawn.

    Args:
        views: `[n, height, width]` each.
        targets: `[n, classes]`.
        alpha: the shares follow the beta distribution of (alpha, alpha): near 0, most pairs are
            almost one face alone; at 1, every share is as likely.
        rng: gives the partners and the shares.
    """
    if alpha == 0:
        return views, targets
    partner = rng.permutation(len(targets))
    share = rng.beta(alpha, alpha, len(targets)).astype(np.float32)

    def mixed(values: NDArray[np.float32]) -> NDArray[np.float32]:
        weight = share.reshape(-1, *[1] * (values.ndim - 1))
        return weight * values + (1 - weight) * values[partner]

    return Views(mixed(views.faces), mixed(views.plain)), mixed(targets)


def _transforms(
    count: int, size: tuple[int, int], augmentation: Augmentation, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Random affine transforms about the middle of the picture, `[n, 2, 3]`."""
    angle = np.radians(augmentation.rotation) * rng.uniform(-1, 1, count)
    scale = 1 + augmentation.scale * rng.uniform(-1, 1, count)
    shift = augmentation.shift * np.array(size) * rng.uniform(-1, 1, (count, 2))
    mirror = np.where(rng.random(count) < augmentation.mirror, -1, 1)
    cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
    linear = np.array([[cosine * mirror, -sine], [sine * mirror, cosine]]).transpose(2, 0, 1)
    middle = (np.array(size) - 1) / 2
    offset = middle + shift - linear @ middle
    return np.concatenate([linear, offset[:, :, None]], axis=2)


def _erase(face: Faces, rng: np.random.Generator) -> None:
    """Fill a random rectangle with the picture's mean, which leaves its brightness as it is."""
    shape = np.array(face.shape)
    low, high = np.array(_ERASED_SIDES)[:, None] * shape
    sides = rng.integers(low.astype(int), high.astype(int), endpoint=True)
    top, left = rng.integers(0, shape - sides, endpoint=True)
    face[top : top + sides[0], left : left + sides[1]] = face.mean()

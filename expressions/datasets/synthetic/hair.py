"""Hair, in strands."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from expressions.datasets.synthetic.canvas import (
    Canvas,
    Image,
    Mask,
    Point,
    Points,
    ellipse,
    moved,
    shaded,
    smooth,
)
from expressions.datasets.synthetic.persons import Identity
from expressions.datasets.synthetic.relief import Relief, View

_SAMPLES = 40
_TONES = (64, 84, 104, 152, 172, 192)
_STRANDS = 14
_LENGTHS = {"long": 1.5, "bob": 0.72, "fringe": 1.0}
"""How low hair hangs."""
_VOLUMES = {"cropped": 0.03, "receding": 0.02, "parted": 0.1, "swept": 0.15, "tied": 0.04}


@dataclass(frozen=True)
class Cut:
    """Hair between two lines, each from the left of the picture to the right."""

    outer: Points
    inner: Points
    along: bool
    """Strands lie along the lines; otherwise they go from the inner to the outer."""

    def strands(
        self, places: NDArray[np.float64], share: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Hairs at `places`, 0 to 1, `[hairs, points, 2]`; `share` are places along one."""
        if self.along:
            places = places[:, None, None]
            return self.inner * (1 - places) + self.outer * places
        index = np.rint(places * (len(self.inner) - 1)).astype(int)
        return self.inner[index, None] * (1 - share) + self.outer[index, None] * share


def paint_hair_behind(canvas: Canvas, identity: Identity) -> None:
    """What hangs behind the neck, or is tied on top."""
    wide = identity.head_width
    if identity.style == "tied":
        edge = ellipse(0.1 * np.sign(identity.parting), -1.18, 0.3, 0.24)
    elif identity.style in _LENGTHS:
        low = _LENGTHS[identity.style]
        right = [(wide * 0.8, -1.0), (wide + 0.13, -0.45), (wide + 0.17, 0.2),
                 (wide + 0.15, low - 0.15), (wide * 0.6, low)]  # fmt: skip
        left = [(-x, y) for x, y in reversed(right)]
        edge = smooth([(0, -1.2), *right, (0, low), *left], closed=True)
    else:
        return
    mask = canvas.softened(canvas.mask([edge]), 0.012)
    canvas.body(mask, shaded(identity.hair, 0.5))
    half = len(edge) // 2
    cut = Cut(edge[:half], edge[half : 2 * half][::-1], along=True)
    _comb(canvas, mask, cut, identity.marks + 1)


def paint_hair(canvas: Canvas, identity: Identity, view: View) -> None:
    """What grows around the face."""
    for cut in _cuts(identity):
        edge = np.concatenate([cut.outer, cut.inner[::-1]])
        shadow = canvas.softened(canvas.mask([moved(edge, 0, 0.05)]), 0.04)
        canvas.cover(np.minimum(shadow, canvas.covered), shaded(identity.skin, 0.25), 0.35)
        mask = canvas.softened(canvas.mask([edge]), 0.012)
        np.maximum(mask, _loose(canvas, cut, identity.marks), out=mask)
        canvas.body(mask, identity.hair)
        _comb(canvas, mask, cut, identity.marks)
        relief = Relief(canvas, _volume(canvas, identity))
        relief.mould([edge], 0.08, 0.06)
        relief.light(mask, view, gloss=26)


def _cuts(identity: Identity) -> list[Cut]:
    if identity.style == "bald":
        return []
    if identity.style in ("long", "bob"):
        return [_curtain(identity, side) for side in (-1, 1)]
    if identity.style == "fringe":
        return [_fringe(identity)]
    return [_crop(identity)]


def _curtain(identity: Identity, side: int) -> Cut:
    wide, top, part = identity.head_width, identity.hairline, side * identity.parting
    low = _LENGTHS[identity.style] - 0.1
    reach = 0.02 if part > 0 else -0.1
    outer = [(part, -1.2), (wide * 0.75, -1.06), (wide + 0.13, -0.45), (wide + 0.16, 0.2),
             (wide + 0.13, low)]  # fmt: skip
    inner = [(part, top - 0.04), (0.45 - reach / 2, top + 0.16), (wide * 0.9, -0.3),
             (wide * 0.93, 0.25), (wide * 0.78, low)]  # fmt: skip
    mirror = np.array([side, 1])
    return Cut(_line(outer) * mirror, _line(inner) * mirror, along=True)


def _fringe(identity: Identity) -> Cut:
    wide = identity.head_width
    outer = [(wide + 0.1, 0.75), (wide + 0.15, 0.1), (wide + 0.1, -0.5), (wide * 0.72, -1.05),
             (0, -1.21)]  # fmt: skip
    inner = [(wide * 0.85, 0.72), (wide * 0.93, 0.1), (wide * 0.88, -0.35), (wide * 0.62, -0.5),
             (0, -0.53)]  # fmt: skip
    return Cut(_both(outer), _both(inner), along=False)


def _crop(identity: Identity) -> Cut:
    wide, top, part = identity.head_width, identity.hairline, identity.parting
    volume = _VOLUMES[identity.style]
    outer = [(wide + 0.015, -0.1), (wide + 0.04 + 0.3 * volume, -0.45),
             (wide * 0.8, -0.98 - volume / 2), (0, -1.14 - volume)]  # fmt: skip
    if identity.style == "receding":
        inner = [(wide - 0.045, -0.1), (wide - 0.1, -0.42), (wide * 0.76, -0.74),
                 (wide * 0.5, -0.97), (0, -0.86)]  # fmt: skip
    else:
        inner = [(wide - 0.045, -0.1), (wide - 0.1, -0.4), (wide * 0.66, -0.62),
                 (wide * 0.4, top), (0, top - 0.03)]  # fmt: skip
    hairline = _both(inner)
    if identity.style in ("parted", "swept"):
        # Combed over from the parting: lower on the other side.
        away = np.clip((hairline[:, 0] - part) * -np.sign(part), -0.2, 1)
        fallen = np.clip((-0.45 - hairline[:, 1]) / 0.15, 0, 1)
        hairline[:, 1] += 0.16 * away * fallen
    return Cut(_both(outer), hairline, along=False)


def _both(right: list[Point]) -> Points:
    left = [(-x, y) for x, y in right[:-1]]
    return _line([*left, right[-1], *right[-2::-1]])


def _line(points: list[Point]) -> Points:
    """A spline of as many points as every other."""
    spline = smooth(points)
    place = np.linspace(0, len(spline) - 1, _SAMPLES)
    known = np.arange(len(spline))
    return np.stack([np.interp(place, known, spline[:, axis]) for axis in (0, 1)], axis=1)


def _loose(canvas: Canvas, cut: Cut, marks: int) -> Mask:
    """Single hairs that leave the edges."""
    rng = np.random.default_rng(marks)
    if cut.along:
        places = np.concatenate([rng.uniform(-0.12, 0, 8), rng.uniform(1, 1.06, 8)])
    else:
        places = rng.uniform(0.25, 0.75, 50)
    strands = cut.strands(places, np.linspace(-0.06, 1.03, 6)[:, None])
    return canvas.lines(list(strands), 0.006)


def _comb(canvas: Canvas, mask: Mask, cut: Cut, marks: int) -> None:
    """Lighter and darker strands."""
    rng = np.random.default_rng(marks)
    tones = np.full(mask.shape, 128, np.uint8)
    share = np.linspace(0, 1, 6)[:, None]
    for level in rng.permutation(_TONES).tolist():
        strands = cut.strands(rng.random(_STRANDS), share)
        cv2.polylines(tones, list(canvas.pixels(strands)), False, level, 1, cv2.LINE_AA, 4)
    canvas.tint(cv2.GaussianBlur(tones, (3, 3), 0), 0.0055, mask)


def _volume(canvas: Canvas, identity: Identity) -> Image:
    x, y = canvas.axes()
    wide = np.float32(identity.head_width + 0.2)
    inside = 1 - (x / wide) ** 2 - ((y + np.float32(0.2)) / np.float32(1.15)) ** 2
    return np.asarray(np.float32(0.6) * np.sqrt(np.maximum(inside, np.float32(0.02))), np.float32)

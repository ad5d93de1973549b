"""The head itself: its outline, its skin, ears and neck."""

import cv2
import numpy as np

from expressions.datasets.synthetic.action_units import ActionUnits
from expressions.datasets.synthetic.canvas import (
    Canvas,
    Colour,
    Mask,
    Points,
    ellipse,
    mixed,
    shaded,
    smooth,
)
from expressions.datasets.synthetic.persons import Identity
from expressions.datasets.synthetic.relief import Relief, View

SKULL = -1.12
"""The top of the head without hair."""
_CHIN = 1.0
_BLOOD = (70.0, 62.0, 168.0)
_DARK = (0.2, 0.18, 0.24)


def jaw_falls(units: ActionUnits) -> float:
    """How far the chin falls when the jaw drops."""
    return 0.17 * units.jaw_drop


def outline(identity: Identity, units: ActionUnits) -> Points:
    """The edge of the face, from the chin around."""
    wide, jaw = identity.head_width, identity.head_width * identity.jaw
    fall = jaw_falls(units)
    chin = 0.17 if identity.woman else 0.22
    right = [
        (chin, _CHIN - 0.025 + fall), (0.72 * jaw, 0.82 + 0.9 * fall),
        (jaw * 0.98, 0.56 + 0.6 * fall), (wide * 0.96, 0.22), (wide, -0.1), (wide, -0.4),
        (wide * 0.88, -0.78), (wide * 0.55, -1.03),
    ]  # fmt: skip
    left = [(-x, y) for x, y in reversed(right)]
    return smooth([(0, _CHIN + fall), *right, (0, SKULL), *left], closed=True)


def paint_neck(canvas: Canvas, identity: Identity, view: View) -> None:
    """The neck, in the shadow of the chin."""
    wide = 0.4 if identity.woman else 0.5
    right = [(wide + 0.02, 0.3), (wide, 1.0), (wide + 0.05, 1.3), (wide + 0.1, 1.52)]
    mask = canvas.mask([smooth([*right, *[(-x, y) for x, y in reversed(right)]], closed=True)])
    canvas.body(mask, shaded(identity.skin, 0.92))
    x, _ = canvas.axes()
    column = np.sqrt(np.maximum(1 - (x / np.float32(wide * 1.15)) ** 2, np.float32(0.05)))
    relief = Relief(canvas, np.repeat(np.float32(0.45) * column, canvas.height, axis=0))
    sinews = smooth([(0.36, 0.8), (0.1, 1.5), (0.22, 1.5)])
    relief.mould([sinews, sinews * [-1, 1]], 0.03, 0.05)
    relief.light(mask, view)
    shadow = canvas.softened(canvas.mask([ellipse(0.05 * view.light[0], 0.92, 0.6, 0.34)]), 0.07)
    canvas.cover(np.minimum(shadow, mask), shaded(identity.skin, 0.3), 0.6)


def paint_ears(canvas: Canvas, identity: Identity) -> None:
    """Both ears."""
    x = identity.head_width * 1.03
    for side in (-1, 1):
        ear = [(0.0, -0.2), (0.07, -0.23), (0.11, -0.12), (0.07, 0.08), (0.02, 0.16), (-0.06, 0.1)]
        edge = smooth([(side * (x + along), y) for along, y in ear], closed=True)
        canvas.body(canvas.mask([edge]), shaded(identity.skin, (0.66, 0.68, 0.76)))
        bowl = ellipse(side * (x + 0.02), -0.03, 0.03, 0.1)
        canvas.fill([bowl], shaded(identity.skin, 0.4), 0.6, 0.02)


def paint_skin(canvas: Canvas, mask: Mask, identity: Identity, units: ActionUnits) -> None:
    """The skin of the face: redder cheeks and nose, nostrils, beard, blotches."""
    skin = identity.skin
    canvas.body(mask, skin)
    red = mixed(skin, (_BLOOD[0] * skin[0] / 150, _BLOOD[1] * skin[1] / 150, _BLOOD[2]), 0.5)
    canvas.fill(canvas.pair(ellipse(0.42, 0.2, 0.2, 0.15)), red, 0.28, 0.09)
    sockets = canvas.pair(ellipse(identity.eye_distance, -0.15, 0.2, 0.12))
    canvas.fill(sockets, shaded(skin, (0.72, 0.66, 0.7)), 0.38, 0.05)
    canvas.fill(canvas.front(ellipse(0, 0.2, 0.12, 0.1), 0.12), red, 0.25, 0.05)
    _paint_nostrils(canvas, identity, units)
    if identity.stubble:
        _paint_beard(canvas, mask, identity, units)
    _blotch(canvas, mask, identity)


def nose_tip(identity: Identity, units: ActionUnits) -> float:
    """How low the nose reaches."""
    return identity.nose_length - 0.11 * units.nose_wrinkler - 0.015 * units.upper_lip_raiser


def _paint_nostrils(canvas: Canvas, identity: Identity, units: ActionUnits) -> None:
    tip, wide = nose_tip(identity, units), identity.nose_width
    below = canvas.front(ellipse(0, tip + 0.035, wide * 0.85, 0.025), 0.08)
    canvas.fill(below, shaded(identity.skin, (0.5, 0.48, 0.55)), 0.35, 0.02)
    holes = canvas.pair(smooth([
        (wide * 0.22, tip + 0.012), (wide * 0.5, tip - 0.01),
        (wide * (0.82 + 0.15 * units.nose_wrinkler), tip + 0.008), (wide * 0.5, tip + 0.028),
    ], closed=True), 0.1)  # fmt: skip
    canvas.fill(holes, shaded(identity.skin, _DARK), 0.65, 0.008)


def _paint_beard(canvas: Canvas, mask: Mask, identity: Identity, units: ActionUnits) -> None:
    fall = jaw_falls(units)
    hair = shaded(identity.hair, 0.75)
    wide = identity.head_width
    right = [(wide * 1.05, 0.05), (wide * 0.86, 0.3), (wide * 0.62, 0.46), (0.3, 0.62 + fall / 2),
             (0.2, 0.76 + fall)]  # fmt: skip
    under = [(0.5, 1.2 + fall), (wide * 1.05, 0.7)]
    both = [*right, *[(-x, y) for x, y in reversed(right)]]
    edge = smooth([*both, *[(-x, y) for x, y in reversed(under)], *under], closed=True)
    beard = canvas.softened(canvas.mask([edge]), 0.05)
    canvas.cover(np.minimum(beard, mask), hair, 0.8 * identity.stubble)
    _paint_moustache(canvas, hair, identity, units)


def _paint_moustache(canvas: Canvas, hair: Colour, identity: Identity, units: ActionUnits) -> None:
    tip = identity.nose_length
    lift = 0.05 * units.lip_corner_puller + 0.05 * units.upper_lip_raiser
    right = [(0.17, tip + 0.1 - lift), (0.3, 0.57 - lift), (0.2, 0.5 - lift)]
    left = [(-x, y) for x, y in reversed(right)]
    edge = [(0, tip + 0.08 - lift), *right, (0, 0.475 - lift), *left]
    canvas.fill(canvas.front(smooth(edge, closed=True)), hair, identity.moustache, 0.02)


def _blotch(canvas: Canvas, mask: Mask, identity: Identity) -> None:
    """Skin is nowhere of one colour."""
    rng = np.random.default_rng(identity.marks)
    coarse = rng.integers(0, 256, (24, 24), np.uint8)
    size = (canvas.width, canvas.height)
    canvas.tint(cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR_EXACT), 0.00025, mask)
    fine = rng.integers(0, 256, (canvas.height, canvas.width), np.uint8)
    canvas.tint(cv2.GaussianBlur(fine, (3, 3), 0), 0.0005, mask)

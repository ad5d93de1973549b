"""Eyes, brows and glasses."""

import numpy as np

from expressions.datasets.synthetic.action_units import ActionUnits
from expressions.datasets.synthetic.canvas import (
    Canvas,
    Mask,
    Points,
    Shape,
    curve,
    ellipse,
    mixed,
    moved,
    shaded,
    smooth,
)
from expressions.datasets.synthetic.persons import Identity
from expressions.datasets.synthetic.relief import Relief

_EYES = -0.14
"""Where the eyes are."""
_WHITE = (212.0, 216.0, 220.0)
_LASHES = (18.0, 18.0, 22.0)
_PUPIL = (12.0, 11.0, 12.0)
_FRAME = (34.0, 34.0, 40.0)
_MIRROR = np.array([-1.0, 1.0])


def paint_eyes(canvas: Canvas, relief: Relief, identity: Identity, units: ActionUnits) -> None:
    """Both eyes with their lids."""
    upper, lower = _lids(identity, units)
    skin = identity.skin
    opening = canvas.mask(canvas.pair(np.concatenate([upper, lower[::-1]])))
    canvas.cover(opening, _WHITE)
    _paint_irises(canvas, opening, identity, units)
    # The upper lid throws a shadow on the ball.
    shadow = canvas.softened(canvas.lines(canvas.pair(moved(upper, 0, 0.012)), 0.04), 0.012)
    canvas.cover(np.minimum(shadow, opening), (40.0, 40.0, 46.0), 0.55)
    inner = float(lower[0, 0]), float(lower[0, 1])
    corners = canvas.softened(canvas.mask(canvas.pair(ellipse(*inner, 0.025, 0.02))), 0.008)
    canvas.cover(np.minimum(corners, opening), (96.0, 100.0, 150.0), 0.8)
    canvas.stroke(canvas.pair(lower), shaded(skin, (0.5, 0.45, 0.55)), 0.016, 0.75, 0.005)
    dark = mixed(_LASHES, identity.hair, 0.25)
    canvas.stroke(canvas.pair(upper), dark, 0.028 if identity.woman else 0.022, 0.95, 0.004)
    if identity.woman:
        outer = upper[-9:] + np.linspace(0, 1, 9)[:, None] * [0.012, -0.008]
        canvas.stroke(canvas.pair(outer), _LASHES, 0.022, 0.8, 0.006)
    _fold_lids(canvas, relief, identity, units, upper)


def paint_brows(canvas: Canvas, identity: Identity, units: ActionUnits) -> None:
    """Both brows, of hairs that lie along them."""
    points = _brow(identity, units)
    share = np.linspace(0, 1, len(points))[:, None]
    # Full where it begins, thickest at a third, pointed where it ends.
    half = identity.brow_thickness * (0.42 + 0.5 * share - 0.78 * share * share)
    normal = np.concatenate([0.25 * share, np.ones_like(share)], axis=1)
    top, bottom = points - normal * half, points + normal * half
    hair = shaded(identity.hair, 0.62)
    canvas.fill(canvas.pair(np.concatenate([top, bottom[::-1]])), hair, 0.8, 0.014)
    rng = np.random.default_rng(identity.marks)
    roots = rng.integers(0, len(points) - 4, (2, 14))
    low, high = points + half * [0, 0.9], top
    hairs = [np.stack([low[root], high[root + 3]]) for root in roots[0]]
    others = [np.stack([low[root], high[root + 3]]) * _MIRROR for root in roots[1]]
    shape = [line for hair in hairs + others for line in canvas.front(hair)]
    canvas.cover(canvas.lines(shape, 0.01), shaded(hair, 0.5), 0.55)


def paint_glints(canvas: Canvas, identity: Identity, units: ActionUnits, light: float) -> None:
    """The lamp, mirrored by both eyes."""
    upper, lower = _lids(identity, units)
    opening = canvas.mask(canvas.pair(np.concatenate([upper, lower[::-1]])))
    x, y = _gaze(identity, units)
    glints = [
        points
        for side in (-1, 1)
        for points in canvas.front(ellipse(side * x + 0.03 * light, y - 0.026, 0.014, 0.014), 0.06)
    ]
    canvas.cover(np.minimum(canvas.mask(glints), opening), (245.0, 245.0, 245.0), 0.85)


def paint_glasses(canvas: Canvas, identity: Identity) -> None:
    """Rims, bridge and temples."""
    wide = identity.eye_distance * 0.74
    x = identity.eye_distance * 1.03
    rim = smooth([
        (x - wide, -0.2), (x - 0.7 * wide, -0.28), (x, -0.3), (x + 0.7 * wide, -0.28),
        (x + wide, -0.2), (x + 0.85 * wide, -0.02), (x, 0.06), (x - 0.85 * wide, -0.02),
    ], closed=True)  # fmt: skip
    temple = np.array([[x + wide, -0.2], [identity.head_width, -0.17]])
    bridge = curve((-0.09, -0.17), (0, -0.21), (0.09, -0.17))
    lines = canvas.pair(np.concatenate([rim, rim[:1]]), 0.06) + canvas.pair(temple)
    lines += canvas.front(bridge, 0.1)
    shadow = canvas.softened(canvas.lines([moved(line, 0, 0.03) for line in lines], 0.03), 0.015)
    canvas.cover(np.minimum(shadow, canvas.covered), shaded(identity.skin, 0.3), 0.15)
    canvas.stroke(lines, _FRAME, 0.014, 0.9, 0.004)


def _lids(identity: Identity, units: ActionUnits) -> tuple[Points, Points]:
    """The edges of the right eye's lids, from the inner to the outer corner."""
    x, size = identity.eye_distance, identity.eye_size
    above = 0.068 * (
        1 + 1.05 * units.upper_lid_raiser - 0.3 * units.lid_tightener - 0.55 * units.lids_drooping
        - 0.25 * units.cheek_raiser - 0.45 * units.nose_wrinkler
    )  # fmt: skip
    below = 0.044 * (
        1 + 0.25 * units.upper_lid_raiser - 0.6 * units.lid_tightener - 0.75 * units.cheek_raiser
        - 0.45 * units.nose_wrinkler
    )  # fmt: skip
    above, below = max(above, 0.012), max(below, 0.004)
    slant = identity.eye_slant
    inner, outer = (x - size, _EYES + 0.016 + slant), (x + size, _EYES - 0.004 - slant)
    # A frown lowers the inner part of the lid; a raised inner brow lifts it.
    inward = 1 - 0.3 * units.brow_lowerer + 0.25 * units.inner_brow_raiser
    upper = smooth([
        inner, (x - 0.55 * size, _EYES - 0.74 * above * inward), (x - 0.05 * size, _EYES - above),
        (x + 0.55 * size, _EYES - 0.72 * above), outer,
    ])  # fmt: skip
    lower = smooth([
        inner, (x - 0.45 * size, _EYES + 0.8 * below), (x + 0.1 * size, _EYES + below),
        (x + 0.6 * size, _EYES + 0.7 * below), outer,
    ])  # fmt: skip
    return upper, lower


def _gaze(identity: Identity, units: ActionUnits) -> tuple[float, float]:
    return identity.eye_distance, _EYES - 0.006 + 0.012 * units.lids_drooping


def _paint_irises(canvas: Canvas, opening: Mask, identity: Identity, units: ActionUnits) -> None:
    x, y = _gaze(identity, units)
    parts = (
        (0.075, 0.075, 0.0, shaded(identity.iris, 0.45), 0.004, 1.0),
        (0.066, 0.066, 0.0, identity.iris, 0.008, 1.0),
        # Light comes through the iris where it leaves the eye.
        (0.045, 0.02, 0.04, shaded(identity.iris, 1.7), 0.01, 0.35),
        (0.034, 0.034, 0.0, _PUPIL, 0.004, 1.0),
    )
    for width, height, lower, colour, soft, opacity in parts:
        discs = canvas.mask(canvas.pair(ellipse(x, y + lower, width, height), 0.04))
        canvas.cover(np.minimum(canvas.softened(discs, soft), opening), colour, opacity)


def _fold_lids(
    canvas: Canvas, relief: Relief, identity: Identity, units: ActionUnits, upper: Points
) -> None:
    away = 0.04 + 0.02 * units.lids_drooping - 0.012 * units.upper_lid_raiser
    away -= 0.02 * max(units.brow_lowerer, units.lid_tightener)
    folds: Shape = canvas.pair(moved(upper[1:], 0, -away))
    canvas.stroke(
        folds,
        shaded(identity.skin, (0.42, 0.38, 0.46)),
        0.018,
        0.6 * (1 - 0.8 * units.nose_wrinkler),
        0.008,
    )
    relief.groove(folds, 0.012, 0.03, 0.012)


def _brow(identity: Identity, units: ActionUnits) -> Points:
    """The middle of the right brow, from the nose outwards."""
    y = identity.brow_height
    both = min(units.inner_brow_raiser, units.brow_lowerer)
    inner = 0.12 * units.inner_brow_raiser - 0.1 * units.brow_lowerer - 0.025 * units.nose_wrinkler
    inner += 0.05 * both
    near = (
        0.05 * units.inner_brow_raiser + 0.07 * units.outer_brow_raiser - 0.09 * units.brow_lowerer
        - 0.03 * units.nose_wrinkler + 0.04 * both
    )  # fmt: skip
    arch = 0.12 * units.outer_brow_raiser - 0.045 * units.brow_lowerer - 0.055 * units.nose_wrinkler
    tail = (
        0.09 * units.outer_brow_raiser - 0.03 * units.inner_brow_raiser - 0.04 * units.nose_wrinkler
    )
    closer = 0.045 * max(units.brow_lowerer, 0.5 * units.nose_wrinkler)
    x = identity.eye_distance
    return smooth([
        (x - 0.185 - closer, y + 0.03 - inner), (x - 0.08 - closer / 2, y - near),
        (x + 0.07, y - 0.032 - arch), (x + 0.2, y + 0.022 - tail),
    ])  # fmt: skip

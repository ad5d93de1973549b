"""The relief of a face: bones and flesh, and the folds that its muscles press."""

import numpy as np

from expressions.datasets.synthetic.action_units import ActionUnits
from expressions.datasets.synthetic.canvas import (
    Canvas,
    Image,
    Points,
    curve,
    ellipse,
    moved,
    smooth,
)
from expressions.datasets.synthetic.head import SKULL, jaw_falls, nose_tip
from expressions.datasets.synthetic.persons import Identity
from expressions.datasets.synthetic.relief import Relief

_MIRROR = np.array([-1.0, 1.0])


def mould_face(canvas: Canvas, edge: Points, identity: Identity, units: ActionUnits) -> Relief:
    """Mould a face whose edge is given."""
    relief = Relief(canvas, _rounded(canvas, edge))
    _mould_skull(canvas, relief, identity, units)
    _mould_jaw(canvas, relief, identity, units)
    _mould_nose(canvas, relief, identity, units)
    _wrinkle_nose(canvas, relief, units)
    _press_brow_folds(canvas, relief, identity, units)
    _press_eye_folds(canvas, relief, identity, units)
    _press_cheek_folds(canvas, relief, identity, units)
    _press_chin_folds(canvas, relief, identity, units)
    return relief


def _rounded(canvas: Canvas, edge: Points) -> Image:
    """Heights of a head with this edge: across an oval, rounder towards skull and chin."""
    x, y = canvas.axes()
    right = edge[edge[:, 0] >= 0]
    right = right[np.argsort(right[:, 1], kind="stable")]
    half = 1.1 * np.interp(y[:, 0], right[:, 1], right[:, 0])[:, None]
    part = np.minimum(np.abs(x) / np.maximum(half, 0.35).astype(np.float32), np.float32(1))
    across = np.sqrt(np.maximum(1 - part * part * np.sqrt(part), np.float32(0.01)))
    top, bottom = np.float32(SKULL), np.float32(right[:, 1].max())
    upper = np.clip((y + np.float32(0.25)) / (top + np.float32(0.2)), 0, 1)
    lower = np.clip((y - np.float32(0.35)) / (bottom - np.float32(0.35)), 0, 1)
    along = np.sqrt(np.maximum(1 - upper * upper, np.float32(0.01)))
    along *= np.sqrt(1 - np.float32(0.6) * lower * lower)
    return np.asarray(np.float32(0.68) * across * along, np.float32)


def _mould_skull(canvas: Canvas, relief: Relief, identity: Identity, units: ActionUnits) -> None:
    eye = identity.eye_distance
    ridge = 0.018 if identity.woman else 0.034
    relief.mould(canvas.pair(ellipse(eye * 0.95, -0.36, 0.24, 0.07)), ridge, 0.05)
    relief.mould(canvas.pair(ellipse(eye * 0.97, -0.15, 0.2, 0.13)), -0.06, 0.055)
    relief.mould(canvas.pair(ellipse(eye, -0.13, 0.12, 0.09)), 0.03, 0.04)
    relief.mould(canvas.front(ellipse(0, -0.68, 0.36, 0.16)), 0.025, 0.12)
    up = 0.07 * max(units.cheek_raiser, 0.8 * units.nose_wrinkler)
    relief.mould(canvas.pair(ellipse(0.43, 0.14 - up, 0.17, 0.12)), 0.045, 0.08)
    apple = canvas.pair(ellipse(0.4, 0.16 - up, 0.13, 0.1))
    relief.mould(apple, 0.05 * max(units.cheek_raiser, 0.7 * units.nose_wrinkler), 0.05)


def _mould_jaw(canvas: Canvas, relief: Relief, identity: Identity, units: ActionUnits) -> None:
    fall = jaw_falls(units)
    hollow = 0.02 + 0.02 * identity.age + 0.03 * units.jaw_drop
    relief.mould(canvas.pair(ellipse(0.5, 0.5, 0.12, 0.2)), -hollow, 0.09)
    relief.mould(canvas.front(ellipse(0, 0.56 + fall / 2, 0.27, 0.22 + fall / 2)), 0.05, 0.1)
    relief.mould(canvas.front(ellipse(0, 0.88 + fall, 0.16, 0.1)), 0.05, 0.06)
    boss = canvas.front(ellipse(0, 0.82 + fall, 0.13, 0.07))
    relief.mould(boss, 0.05 * units.chin_raiser, 0.03)


def _mould_nose(canvas: Canvas, relief: Relief, identity: Identity, units: ActionUnits) -> None:
    tip = nose_tip(identity, units)
    wide = identity.nose_width * (1 + 0.12 * units.nose_wrinkler + 0.1 * units.lip_corner_puller)
    slope = smooth([(0.05, -0.24), (0.06, -0.08), (0.1, tip - 0.08), (0.08, tip + 0.02)])
    relief.mould(canvas.front(_both_sides(slope), 0.05), 0.06, 0.05)
    bridge = smooth([(0.02, -0.16), (0.035, -0.02), (0.05, tip - 0.08), (0.05, tip - 0.02)])
    relief.mould(canvas.front(_both_sides(bridge), 0.09), 0.05, 0.035)
    relief.mould(canvas.front(ellipse(0, tip - 0.03, 0.08, 0.065), 0.14), 0.085, 0.032)
    wings = canvas.pair(ellipse(wide * 0.78, tip - 0.025, wide * 0.3, 0.055), 0.06)
    relief.mould(wings, 0.07, 0.022)
    crease = curve((wide * 0.94, tip - 0.1), (wide * 1.18, tip - 0.03), (wide * 1.0, tip + 0.03))
    relief.groove(canvas.pair(crease, 0.04), 0.016, 0.025, 0.014)
    philtrum = curve((0, tip + 0.05), (0, (tip + 0.5) / 2), (0, 0.5))
    relief.groove(canvas.front(philtrum), 0.014, 0.04, 0.016)


def _wrinkle_nose(canvas: Canvas, relief: Relief, units: ActionUnits) -> None:
    if not units.nose_wrinkler:
        return
    wrinkles = []
    for row in range(3):
        y = -0.21 + 0.075 * row
        line = curve((0.005, y - 0.03), (0.06, y - 0.015), (0.13, y + 0.035))
        wrinkles += canvas.pair(line, 0.08)
    relief.groove(wrinkles, 0.075 * units.nose_wrinkler, 0.028, 0.013)
    side = smooth([(0.085, -0.14), (0.125, 0.0), (0.17, 0.1), (0.24, 0.18)])
    relief.groove(canvas.pair(side, 0.03), 0.055 * units.nose_wrinkler, 0.035, 0.018)
    root = canvas.front(ellipse(0, -0.22, 0.07, 0.06), 0.05)
    relief.mould(root, 0.03 * units.nose_wrinkler, 0.03)


def _press_brow_folds(
    canvas: Canvas, relief: Relief, identity: Identity, units: ActionUnits
) -> None:
    """Between the brows and on the forehead."""
    frown = max(units.brow_lowerer, 0.3 * units.nose_wrinkler) * (1 - 0.5 * units.inner_brow_raiser)
    relief.mould(canvas.pair(ellipse(0.13, -0.33, 0.07, 0.06)), 0.035 * frown, 0.03)
    pleat = curve((0.065, -0.45), (0.045, -0.37), (0.06, -0.27))
    relief.groove(canvas.pair(pleat), 0.034 * frown + 0.005 * identity.age, 0.03, 0.018)
    raised, whole = units.inner_brow_raiser, units.outer_brow_raiser
    for row in range(3):
        y, weaker = -0.56 - 0.085 * row, 1 - 0.25 * row
        middle = canvas.front(curve((-0.24, y + 0.012), (0, y - 0.01), (0.24, y + 0.012)))
        relief.groove(middle, 0.02 * raised * weaker + 0.003 * identity.age, 0.03, 0.016)
        sides = canvas.pair(curve((0.14, y + 0.01), (0.3, y - 0.02), (0.5, y + 0.03)))
        relief.groove(sides, 0.02 * whole * weaker + 0.002 * identity.age, 0.03, 0.016)


def _press_eye_folds(
    canvas: Canvas, relief: Relief, identity: Identity, units: ActionUnits
) -> None:
    eye = identity.eye_distance
    raised = max(units.cheek_raiser, 0.9 * units.nose_wrinkler)
    bag = curve((eye - 0.13, -0.06), (eye, 0.0 - 0.03 * raised), (eye + 0.15, -0.07))
    relief.groove(canvas.pair(bag), 0.004 + 0.012 * identity.age + 0.02 * raised, 0.025, 0.014)
    feet = [
        np.linspace([eye + 0.19, -0.13 + 0.02 * row], [eye + 0.29, -0.2 + 0.065 * row], 5)
        for row in range(4)
    ]
    depth = 0.018 * raised * (0.4 + identity.age)
    relief.groove([foot for line in feet for foot in canvas.pair(line)], depth, 0.015, 0.01)


def _press_cheek_folds(
    canvas: Canvas, relief: Relief, identity: Identity, units: ActionUnits
) -> None:
    """From nose to mouth."""
    smile, lift = units.lip_corner_puller, max(units.upper_lip_raiser, 0.8 * units.nose_wrinkler)
    depth = 0.008 + 0.016 * identity.age + 0.042 * smile + 0.042 * lift
    depth += 0.014 * units.lip_corner_depressor + 0.03 * units.lip_stretcher
    tip = identity.nose_length
    out = 0.14 * smile + 0.03 * lift + 0.05 * units.lip_stretcher - 0.05 * units.jaw_drop
    fold = smooth([
        (0.15, tip - 0.1 - 0.04 * lift), (0.25 + 0.03 * lift, tip + 0.02 - 0.03 * lift),
        (0.33 + 0.8 * out, tip + 0.14), (0.34 + out, 0.6),
    ])  # fmt: skip
    relief.groove(canvas.pair(fold), depth, 0.03, 0.018)
    relief.groove(canvas.pair(moved(fold, 0.075, -0.02)), -0.6 * depth, 0.1, 0.04)
    relief.groove(canvas.front(fold), 0.04 * units.dimpler, 0.03, 0.018)


def _press_chin_folds(
    canvas: Canvas, relief: Relief, identity: Identity, units: ActionUnits
) -> None:
    fall = jaw_falls(units)
    corner = curve((0.27, 0.64 + fall / 3), (0.33, 0.73 + fall / 2), (0.33, 0.84 + fall))
    depth = 0.022 * units.lip_corner_depressor + 0.006 * identity.age
    relief.groove(canvas.pair(corner), depth, 0.03, 0.018)
    under = curve((-0.13, 0.74 + fall), (0, 0.715 + fall), (0.13, 0.74 + fall))
    relief.groove(canvas.front(under), 0.02 + 0.02 * units.chin_raiser, 0.05, 0.025)


def _both_sides(right: Points) -> Points:
    return np.concatenate([right, (right * _MIRROR)[::-1]])

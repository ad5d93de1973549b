"""Shaded faces of made-up persons, painted from action units, for the embedded data set."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from expressions.datasets.synthetic.action_units import ActionUnits
from expressions.datasets.synthetic.canvas import REACH, Canvas, Colour, box, curve, ellipse

_BLACK, _WHITE = (25.0, 22.0, 24.0), (236.0, 238.0, 240.0)


@dataclass(frozen=True)
class Identity:
    """What stays of a person from one expression to the next."""

    skin: Colour
    hair: Colour
    hairline: float
    head_width: float
    head_height: float
    eye_distance: float
    eye_size: float
    brow_thickness: float
    nose_width: float
    mouth_width: float
    lip_thickness: float
    beard: float
    glasses: bool


@dataclass(frozen=True)
class View:
    """How the face is seen: turned to a side, and lit from one."""

    yaw: float
    light: tuple[float, float]
    contrast: float


def random_identity(rng: np.random.Generator) -> Identity:
    """Make up a person."""
    tone = rng.uniform(0, 1)
    skin = np.array([150, 182, 226]) * (1 - tone) + np.array([62, 88, 132]) * tone
    # Fair hair beside dark skin leaves a detector too little contrast.
    shares = [0.5, 0.25, 0.15, 0.1] if tone < 0.35 else [0.8, 0.2, 0, 0]
    hair = np.array([[28, 30, 38], [40, 58, 88], [70, 120, 165], [150, 150, 152]])[
        rng.choice(4, p=shares)
    ]
    return Identity(
        skin=_as_colour(skin * rng.uniform(0.94, 1.06)),
        hair=_as_colour(hair * rng.uniform(0.85, 1.15)),
        hairline=rng.uniform(-0.82, -0.62),
        head_width=rng.uniform(0.74, 0.86),
        head_height=rng.uniform(1.0, 1.12),
        eye_distance=rng.uniform(0.32, 0.38),
        eye_size=rng.uniform(0.15, 0.19),
        brow_thickness=rng.uniform(0.045, 0.085),
        nose_width=rng.uniform(0.12, 0.17),
        mouth_width=rng.uniform(0.26, 0.33),
        lip_thickness=rng.uniform(0.05, 0.085),
        beard=max(0.0, rng.uniform(-1.2, 0.55)),
        glasses=bool(rng.random() < 0.12),
    )


def random_view(rng: np.random.Generator) -> View:
    """Make up a pose and light."""
    return View(
        yaw=rng.normal(0, 0.35),
        light=(rng.uniform(-0.9, 0.9), rng.uniform(-0.9, 0.1)),
        contrast=rng.uniform(0.16, 0.42),
    )


def paint(
    units: ActionUnits, identity: Identity, view: View, background: Colour, side: int
) -> NDArray[np.uint8]:
    """Paint a face on a canvas of `side` pixels; uint8 `[side, side, 3]` BGR."""
    canvas = Canvas(side, background, view.yaw)
    _paint_head(canvas, identity, units, view)
    for eye_side in (-1, 1):
        _paint_eye(canvas, identity, units, eye_side)
        _paint_brow(canvas, identity, units, eye_side)
    _paint_nose(canvas, identity, units, view)
    _paint_mouth(canvas, identity, units)
    _paint_folds(canvas, identity, units)
    if identity.glasses:
        _paint_glasses(canvas, identity)
    return np.clip(canvas.image, 0, 255).astype(np.uint8)


def _paint_head(canvas: Canvas, identity: Identity, units: ActionUnits, view: View) -> None:
    width, height = identity.head_width, identity.head_height
    longer = 0.12 * units.jaw_drop
    skin = np.array(identity.skin)
    canvas.fill(ellipse(0, -0.25, width * 1.13, height * 0.98), identity.hair)
    canvas.fill(box(-0.42, 0.6, 0.42, REACH), _as_colour(skin * 0.72), soft=0.02)
    for ear in (-1, 1):
        canvas.fill(ellipse(ear * width * 0.99, -0.08, 0.09, 0.2), _as_colour(skin * 0.85))
    head = ellipse(0, 0, width, height)
    head[head[:, 1] > 0, 1] *= 1 + longer
    # Jaws are narrower than foreheads.
    head[:, 0] *= 1 - 0.13 * np.clip(head[:, 1], 0, 1.2) ** 1.5
    mask = canvas.mask(head)
    canvas.cover(mask, identity.skin)
    _shade(canvas, mask, identity, view)
    hairline = np.array([[-width * 1.05, identity.hairline + 0.34], [-0.4, identity.hairline],
                         [0.35, identity.hairline - 0.04], [width * 1.05, identity.hairline + 0.3],
                         [width * 1.1, -REACH], [-width * 1.1, -REACH]])  # fmt: skip
    hair = cv2.bitwise_and(canvas.mask(hairline), canvas.mask(ellipse(0, -0.2, width * 1.1, 1.05)))
    canvas.cover(hair.astype(np.uint8), identity.hair, soft=0.015)
    if identity.beard:
        beard = ellipse(0, 0.62, width * 0.72, 0.5 + longer)
        stubble = cv2.GaussianBlur(canvas.mask(beard), (0, 0), 0.09 * canvas.scale)
        covered = np.minimum(stubble.astype(np.uint8), mask)
        canvas.cover(covered, _as_colour(np.array(identity.hair) * 0.8), identity.beard * 0.7)


def _shade(canvas: Canvas, mask: NDArray[np.uint8], identity: Identity, view: View) -> None:
    """Light the head as an ellipsoid, by the cosine of light and surface."""
    axis = (np.arange(canvas.side, dtype=np.float32) + 0.5) / canvas.scale - np.float32(REACH)
    x, y = axis[None] / identity.head_width, axis[:, None] / identity.head_height
    depth = np.sqrt(np.clip(1 - x**2 - y**2, 0.02, 1))
    light = np.array([*view.light, 1.0])
    light /= np.linalg.norm(light)
    cosine = x * light[0] + y * light[1] + depth * light[2]
    gain = 1 + view.contrast * (cosine - 0.75) * 1.6
    share = mask[..., None].astype(np.float32) / 255
    canvas.image *= 1 + (gain[..., None].astype(np.float32) - 1) * share


def _paint_eye(canvas: Canvas, identity: Identity, units: ActionUnits, side: int) -> None:
    x, y, size = side * identity.eye_distance, -0.2, identity.eye_size
    skin = np.array(identity.skin)
    above = 0.085 * (
        1 + 0.75 * units.upper_lid_raiser - 0.5 * units.lid_tightener - 0.6 * units.lids_drooping
        - 0.35 * units.cheek_raiser
    )  # fmt: skip
    below = 0.055 * (1 + 0.25 * units.upper_lid_raiser - 0.6 * units.lid_tightener
                     - 0.75 * units.cheek_raiser)  # fmt: skip
    above, below = max(above, 0.015), max(below, 0.008)
    outer, inner = (x + side * size, y + 0.01), (x - side * size, y + 0.015)
    upper = curve(outer, (x, y - above), inner)
    lower = curve(inner, (x, y + below), outer)
    canvas.fill(canvas.turned(ellipse(x, y - 0.03, size * 1.35, 0.16)),
                 _as_colour(skin * 0.6), 0.45, 0.06)  # fmt: skip
    white = canvas.mask(canvas.turned(np.concatenate([upper, lower])))
    canvas.cover(white, _WHITE)
    for radius, colour in ((0.082, (58.0, 62.0, 74.0)), (0.038, _BLACK)):
        disc = canvas.mask(canvas.turned(ellipse(x, y - 0.012, radius, radius)))
        canvas.cover(np.minimum(disc, white), colour)
    glint = canvas.mask(canvas.turned(ellipse(x - 0.025, y - 0.035, 0.014, 0.014)))
    canvas.cover(np.minimum(glint, white), (250.0, 250.0, 250.0))
    canvas.stroke(canvas.turned(upper), _BLACK, 0.032)
    canvas.stroke(canvas.turned(lower), _as_colour(skin * 0.5), 0.014, 0.8)
    lid = upper - [0, 0.045 + 0.03 * units.lids_drooping]
    canvas.stroke(canvas.turned(lid), _as_colour(skin * 0.55), 0.016, 0.6)
    if units.cheek_raiser > 0.3:
        pouch = lower + np.array([0, 0.05])
        canvas.stroke(canvas.turned(pouch), _as_colour(skin * 0.6), 0.02, units.cheek_raiser * 0.6)


def _paint_brow(canvas: Canvas, identity: Identity, units: ActionUnits, side: int) -> None:
    x, y = identity.eye_distance, -0.42
    inner_up = (
        0.15 * units.inner_brow_raiser - 0.13 * units.brow_lowerer - 0.05 * units.nose_wrinkler
    )
    outer_up = 0.15 * units.outer_brow_raiser - 0.015 * units.brow_lowerer
    outer_up -= 0.05 * units.inner_brow_raiser * (1 - units.outer_brow_raiser)
    middle_up = (
        0.16 * units.outer_brow_raiser + 0.04 * units.inner_brow_raiser
        - 0.10 * units.brow_lowerer - 0.04 * units.nose_wrinkler
    )  # fmt: skip
    closer = 0.05 * units.brow_lowerer
    points = curve(
        (side * (x - 0.2 - closer), y + 0.02 - inner_up),
        (side * x, y - 0.04 - middle_up),
        (side * (x + 0.23), y + 0.03 - outer_up),
    )
    width = identity.brow_thickness
    ends = np.linspace(1.0, 0.45, len(points))[:, None] * [0, width / 2]
    shape = np.concatenate([points - ends, (points + ends)[::-1]])
    canvas.fill(canvas.turned(shape), _as_colour(np.array(identity.hair) * 0.55), 0.92, 0.008)


def _paint_nose(canvas: Canvas, identity: Identity, units: ActionUnits, view: View) -> None:
    skin, width = np.array(identity.skin), identity.nose_width
    up = 0.05 * units.nose_wrinkler
    shadow = -1 if view.light[0] > 0 else 1
    bridge = np.array([[shadow * 0.05, -0.3], [shadow * 0.07, 0.0], [shadow * width, 0.17 - up]])
    canvas.stroke(canvas.turned(bridge), _as_colour(skin * 0.62), 0.045, 0.5, 0.022)
    canvas.fill(canvas.turned(ellipse(0, 0.1 - up, 0.06, 0.12)), _as_colour(skin * 1.22), 0.4, 0.04)
    canvas.fill(
        canvas.turned(ellipse(0, 0.23 - up, width, 0.045)), _as_colour(skin * 0.6), 0.6, 0.022
    )
    for side in (-1, 1):
        nostril = ellipse(side * width * 0.55, 0.205 - up, 0.036 + 0.01 * units.nose_wrinkler, 0.02)
        canvas.fill(canvas.turned(nostril), _BLACK, 0.8)
        wing = curve((side * width * 0.95, 0.1 - up), (side * width * 1.25, 0.18 - up),
                      (side * width * 0.9, 0.225 - up))  # fmt: skip
        canvas.stroke(canvas.turned(wing), _as_colour(skin * 0.55), 0.018, 0.6)
    for row in range(3):
        wrinkle = curve(
            (-0.09, -0.2 + 0.075 * row), (0, -0.225 + 0.075 * row), (0.09, -0.2 + 0.075 * row)
        )
        canvas.stroke(
            canvas.turned(wrinkle), _as_colour(skin * 0.45), 0.02, 0.75 * units.nose_wrinkler
        )


def _paint_mouth(canvas: Canvas, identity: Identity, units: ActionUnits) -> None:
    y, lip = 0.53, identity.lip_thickness * (1 - 0.6 * units.lip_tightener)
    half = identity.mouth_width * (
        1 + 0.32 * units.lip_corner_puller + 0.3 * units.lip_stretcher
        - 0.18 * units.lip_tightener - 0.28 * units.jaw_drop * (1 - units.lip_stretcher)
    )  # fmt: skip
    corner = 0.02 - 0.16 * units.lip_corner_puller + 0.13 * units.lip_corner_depressor
    corner += 0.1 * units.lip_stretcher
    left = (-half, y + corner)
    right = (half * (1 + 0.12 * units.dimpler), y + corner - 0.15 * units.dimpler)
    raised = 0.13 * units.upper_lip_raiser
    top = y - 0.012 - raised + 0.06 * units.lip_corner_puller - 0.06 * units.lip_corner_depressor
    opening = (
        0.40 * units.jaw_drop + 0.13 * units.lip_corner_puller + 0.11 * units.upper_lip_raiser
        + 0.14 * units.lip_stretcher
    ) * (1 - 0.9 * units.lip_tightener)  # fmt: skip
    bottom = top + max(0.012, opening)
    red = _as_colour(np.array(identity.skin) * [0.62, 0.58, 0.82])
    fullness = 2 + 1.6 * units.jaw_drop
    upper_edge = curve(left, (0, top - lip), right, fullness)
    lower_edge = curve(right, (0, bottom + lip * 1.25), left, fullness)
    canvas.fill(canvas.turned(ellipse(0, bottom + lip * 2.1, half * 0.6, 0.04)),
                 _as_colour(np.array(identity.skin) * 0.62), 0.5, 0.025)  # fmt: skip
    canvas.fill(canvas.turned(np.concatenate([upper_edge, lower_edge])), red)
    inside = np.concatenate(
        [curve(left, (0, top), right, fullness), curve(right, (0, bottom), left, fullness)]
    )
    hole = canvas.mask(canvas.turned(inside))
    canvas.cover(hole, (30.0, 24.0, 44.0))
    teeth = units.lip_corner_puller + units.upper_lip_raiser + 0.7 * units.lip_stretcher
    band = canvas.mask(
        canvas.turned(box(-half * 0.86, top - 0.12, half * 0.86, top + min(0.1, opening * 0.72)))
    )
    canvas.cover(np.minimum(band, hole), _WHITE, min(1.0, teeth))
    for point in (left, right):
        canvas.fill(canvas.turned(ellipse(*point, 0.022, 0.022)), _BLACK, 0.6, 0.01)
    if units.dimpler:
        dimple = curve(
            (right[0] + 0.06, right[1] - 0.08),
            (right[0] + 0.1, right[1]),
            (right[0] + 0.05, right[1] + 0.07),
        )
        canvas.stroke(
            canvas.turned(dimple), _as_colour(np.array(identity.skin) * 0.5), 0.022, units.dimpler
        )


def _paint_folds(canvas: Canvas, identity: Identity, units: ActionUnits) -> None:
    dark = _as_colour(np.array(identity.skin) * 0.5)
    fold = 0.12 + 0.5 * units.lip_corner_puller + 0.55 * units.upper_lip_raiser
    fold += 0.25 * units.nose_wrinkler + 0.25 * units.lip_corner_depressor
    for side in (-1, 1):
        line = curve((side * 0.19, 0.2), (side * 0.36, 0.34), (side * 0.42, 0.5))
        canvas.stroke(canvas.turned(line), dark, 0.026, min(0.8, fold), 0.008)
        cheek = ellipse(side * 0.46, 0.16, 0.16, 0.11)
        light = _as_colour(np.array(identity.skin) * 1.18)
        canvas.fill(canvas.turned(cheek), light, 0.5 * units.cheek_raiser, 0.05)
        frown = np.array([[side * 0.055, -0.5], [side * 0.045, -0.36]])
        canvas.stroke(canvas.turned(frown), dark, 0.026, 0.8 * units.brow_lowerer)
        if units.lip_corner_depressor > 0.2:
            drop = curve((side * 0.34, 0.66), (side * 0.38, 0.74), (side * 0.36, 0.84))
            canvas.stroke(canvas.turned(drop), dark, 0.024, 0.6 * units.lip_corner_depressor)
    for row in range(2):
        line = curve(
            (-0.36, -0.66 - 0.09 * row), (0, -0.72 - 0.09 * row), (0.36, -0.66 - 0.09 * row)
        )
        raised = units.inner_brow_raiser * (0.45 + 0.55 * units.outer_brow_raiser)
        canvas.stroke(canvas.turned(line), dark, 0.02, 0.55 * raised)


def _paint_glasses(canvas: Canvas, identity: Identity) -> None:
    for side in (-1, 1):
        rim = ellipse(side * identity.eye_distance, -0.19, 0.25, 0.2)
        canvas.stroke(canvas.turned(np.concatenate([rim, rim[:1]])), _BLACK, 0.03, 0.9)
    bridge = np.array([[-0.1, -0.22], [0.1, -0.22]])
    canvas.stroke(canvas.turned(bridge), _BLACK, 0.03, 0.9)


def _as_colour(values: NDArray[np.float64]) -> Colour:
    blue, green, red = np.clip(values, 0, 255).tolist()
    return blue, green, red

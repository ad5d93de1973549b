"""Lips, teeth and tongue."""

from dataclasses import dataclass

import numpy as np

from expressions.datasets.synthetic.action_units import ActionUnits
from expressions.datasets.synthetic.canvas import (
    Canvas,
    Mask,
    Point,
    Points,
    Shape,
    curve,
    ellipse,
    moved,
    shaded,
)
from expressions.datasets.synthetic.persons import Identity
from expressions.datasets.synthetic.relief import Relief

_MOUTH = 0.565
_TEETH = (186.0, 200.0, 206.0)
_INSIDE = (24.0, 20.0, 34.0)
_TONGUE = (84.0, 78.0, 150.0)
_CREASE = (0.3, 0.26, 0.34)
"""How dark skin is where it is folded in."""
_OPEN = 0.03
"""A gap between the lips through which something is seen."""


@dataclass(frozen=True)
class Mouth:
    """Where the lips are; the four lines go from the left corner to the right."""

    above: Points
    """Where the upper lip begins."""
    upper: Points
    lower: Points
    below: Points
    """Where the lower lip ends."""
    left: Point
    right: Point
    gap: float
    """How far the lips are apart in the middle."""

    def corners(self, width: float, height: float) -> Shape:
        """Ellipses at both corners."""
        return [ellipse(*self.left, width, height), ellipse(*self.right, width, height)]


def paint_mouth(canvas: Canvas, relief: Relief, identity: Identity, units: ActionUnits) -> None:
    """Lips, and what is between them."""
    mouth = _mouth(identity, units)
    skin = identity.skin
    red = shaded(skin, (0.6, 0.55, 0.82) if identity.woman else (0.66, 0.63, 0.83))
    upper = canvas.front(np.concatenate([mouth.above, mouth.upper[::-1]]))
    lower = canvas.front(np.concatenate([mouth.lower, mouth.below[::-1]]))
    canvas.fill(upper + lower, red, 0.9, 0.008)
    # Light comes from above, and the upper lip looks down.
    canvas.fill(upper, shaded(red, 0.8), 0.6)
    relief.mould(upper + lower, 0.035, 0.014)
    if mouth.gap > _OPEN:
        _paint_inside(canvas, mouth, units)
    else:
        middle = canvas.front((mouth.upper + mouth.lower) / 2)
        canvas.stroke(middle, shaded(red, _CREASE), 0.024, 0.9, 0.006)
    corners = [line for corner in mouth.corners(0.022, 0.018) for line in canvas.front(corner)]
    canvas.fill(corners, shaded(skin, _CREASE), 0.35, 0.012)
    x, y = mouth.right
    dent = curve((x + 0.04, y - 0.08), (x + 0.085, y), (x + 0.04, y + 0.08))
    relief.groove(canvas.front(dent), 0.045 * units.dimpler, 0.03, 0.016)


def _mouth(identity: Identity, units: ActionUnits) -> Mouth:
    left, right = _corners(identity, units)
    top, bottom = _opening(units)
    square = 2 + 1.4 * max(units.jaw_drop, units.lip_stretcher, 0.9 * units.upper_lip_raiser)
    upper = curve(left, (0, top), right, square)
    place = np.abs(np.linspace(-1, 1, len(upper)))
    # The middle of the upper lip hangs a little.
    upper = moved(upper, 0, 0.012 * np.clip(1 - place / 0.3, 0, None))
    lower = curve(left, (0, bottom), right, square + 0.4) if bottom > top else upper
    thin = 1 - 0.45 * units.lip_tightener - 0.3 * units.lip_corner_puller
    thick = identity.lip_thickness * max(0.3, thin - 0.25 * units.lip_stretcher)
    rim = thick * (1 - place**2.5)
    bow = 0.82 + 0.26 * np.clip(1 - np.abs(place - 0.28) / 0.28, 0, None)
    above = moved(upper, 0, -(1 + 0.65 * units.upper_lip_raiser) * bow * rim)
    below = moved(lower, 0, (1.2 + 0.5 * units.chin_raiser) * rim)
    return Mouth(above, upper, lower, below, left, right, bottom - top)


def _corners(identity: Identity, units: ActionUnits) -> tuple[Point, Point]:
    smile = units.lip_corner_puller
    round_jaw = units.jaw_drop * (1 - smile)
    half = identity.mouth_width * (
        1 + 0.3 * smile + 0.4 * units.lip_stretcher - 0.08 * units.lip_tightener
        - 0.22 * units.upper_lip_raiser * units.nose_wrinkler
        - 0.2 * round_jaw * (1 - units.lip_stretcher)
    )  # fmt: skip
    y = _MOUTH - 0.115 * smile + 0.085 * units.lip_corner_depressor
    y += round_jaw * (0.1 + 0.08 * units.lip_stretcher)
    return (-half, y), (half * (1 + 0.1 * units.dimpler), y - 0.085 * units.dimpler)


def _opening(units: ActionUnits) -> tuple[float, float]:
    """How low the upper lip reaches in its middle, and how high the lower."""
    raised = (
        0.07 * units.upper_lip_raiser + 0.025 * units.nose_wrinkler + 0.03 * units.chin_raiser
        + 0.02 * units.lip_corner_puller + 0.06 * units.lip_stretcher * units.lips_part
    )  # fmt: skip
    if not units.lips_part and not units.jaw_drop:
        closed = _MOUTH - 0.75 * raised
        return closed, closed
    parted = units.lips_part * (
        0.02 + 0.14 * units.lip_corner_puller + 0.05 * units.lip_stretcher
        + 0.03 * units.lip_tightener
    )  # fmt: skip
    parted += 0.3 * units.jaw_drop * min(1.0, units.lips_part + 0.5)
    lowered = 0.07 * units.lower_lip_depressor - 0.035 * units.chin_raiser
    top = _MOUTH - raised
    return top, max(top, _MOUTH + lowered + parted)


def _paint_inside(canvas: Canvas, mouth: Mouth, units: ActionUnits) -> None:
    hole = canvas.mask(canvas.front(np.concatenate([mouth.upper, mouth.lower[::-1]])))
    canvas.cover(hole, _INSIDE)
    low = float(mouth.lower[len(mouth.lower) // 2, 1])
    tongue = ellipse(0, low + 0.02, mouth.right[0] * 0.6, 0.35 * mouth.gap)
    seen = canvas.softened(canvas.mask(canvas.front(tongue)), 0.02)
    canvas.cover(np.minimum(seen, hole), _TONGUE, 0.35 + 0.4 * units.jaw_drop)
    shown = max(
        units.lip_corner_puller, units.upper_lip_raiser * (1 - 0.5 * units.nose_wrinkler),
        units.lip_stretcher, 0.4 * units.lips_part, 0.35 * units.jaw_drop,
    )  # fmt: skip
    _paint_teeth(canvas, hole, mouth.upper, min(0.115, 0.75 * mouth.gap), shown)
    _paint_teeth(
        canvas, hole, mouth.lower, -min(0.055, 0.35 * mouth.gap), 0.8 * units.lower_lip_depressor
    )
    # The cheeks keep the light from the sides, and the upper lip from what is below it.
    corners = mouth.corners(0.3 * mouth.right[0], 0.15)
    sides = canvas.mask([line for corner in corners for line in canvas.front(corner)])
    canvas.cover(np.minimum(canvas.softened(sides, 0.03), hole), _INSIDE, 0.4)
    edge = canvas.softened(canvas.lines(canvas.front(mouth.upper), 0.03), 0.012)
    canvas.cover(np.minimum(edge, hole), _INSIDE, 0.7)


def _paint_teeth(canvas: Canvas, hole: Mask, lip: Points, tall: float, shown: float) -> None:
    """One row, `tall` downwards from a lip, or upwards where it is negative."""
    edge = moved(lip, 0, tall * min(1.0, 0.5 + 0.5 * shown))
    row = canvas.mask(canvas.front(np.concatenate([lip, edge[::-1]])))
    row = np.minimum(row, hole)
    canvas.cover(canvas.softened(row, 0.004), _TEETH, min(1.0, 1.3 * shown))
    gaps = [np.stack([lip[i], edge[i]]) for i in range(3, len(lip) - 3, 2)]
    lines = canvas.lines([line for gap in gaps for line in canvas.front(gap)], 0.008)
    canvas.cover(np.minimum(lines, row), shaded(_TEETH, (0.55, 0.6, 0.68)), 0.5 * min(1.0, shown))

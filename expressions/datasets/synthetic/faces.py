"""Shaded faces of made-up persons, painted from action units, for the embedded data set."""

import numpy as np
from numpy.typing import NDArray

from expressions.datasets.synthetic import eyes, hair, head
from expressions.datasets.synthetic.action_units import ActionUnits
from expressions.datasets.synthetic.bones import mould_face
from expressions.datasets.synthetic.canvas import Canvas, Colour
from expressions.datasets.synthetic.mouth import paint_mouth
from expressions.datasets.synthetic.persons import Identity, random_identity
from expressions.datasets.synthetic.relief import View, random_view

REACH = 1.5
"""The picture reaches from -REACH to REACH, so that hair, ears and neck have their place."""


def paint(
    units: ActionUnits, identity: Identity, view: View, background: Colour, side: int
) -> NDArray[np.uint8]:
    """Paint a face on a canvas of `side` pixels; uint8 `[side, side, 3]` BGR."""
    canvas = _canvas(view, background, side, REACH)
    _paint_head(canvas, units, identity, view)
    return canvas.picture()


def paint_somebody(
    units: ActionUnits,
    background: Colour,
    side: int,
    rng: np.random.Generator,
    reach: float = REACH,
) -> tuple[Canvas, View]:
    """Paint the head of a made-up person on a canvas of `side` pixels, from -reach to reach."""
    identity, view = random_identity(rng), random_view(rng)
    canvas = _canvas(view, background, side, reach)
    _paint_head(canvas, units, identity, view)
    return canvas, view


def _canvas(view: View, background: Colour, side: int, reach: float) -> Canvas:
    image = np.full((side, side, 3), background, np.float32)
    return Canvas(image, side / (2 * reach), (side / 2, side / 2), view.yaw)


def _paint_head(canvas: Canvas, units: ActionUnits, identity: Identity, view: View) -> None:
    """Paint a head with its neck and hair."""
    hair.paint_hair_behind(canvas, identity)
    head.paint_neck(canvas, identity, view)
    head.paint_ears(canvas, identity)
    _paint_face(canvas, units, identity, view)
    hair.paint_hair(canvas, identity, view)
    if identity.glasses:
        eyes.paint_glasses(canvas, identity)


def _paint_face(canvas: Canvas, units: ActionUnits, identity: Identity, view: View) -> None:
    edge = head.outline(identity, units)
    mask = canvas.mask([edge])
    head.paint_skin(canvas, mask, identity, units)
    relief = mould_face(canvas, edge, identity, units)
    eyes.paint_eyes(canvas, relief, identity, units)
    eyes.paint_brows(canvas, identity, units)
    paint_mouth(canvas, relief, identity, units)
    relief.light(mask, view, gloss=30, creased=True)
    eyes.paint_glints(canvas, identity, units, view.light[0])

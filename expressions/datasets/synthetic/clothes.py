"""Shoulders in a jersey, for photographs that show more than a head."""

import numpy as np

from expressions.datasets.synthetic.canvas import Canvas, Colour, curve, moved, shaded, smooth
from expressions.datasets.synthetic.relief import Relief, View

_SHOULDERS = [(0.5, -0.2), (0.95, -0.02), (1.45, 0.2), (1.72, 0.75), (1.8, 1.7), (1.85, 4.0)]


def paint_clothes(canvas: Canvas, cloth: Colour, view: View, rng: np.random.Generator) -> None:
    """Dress a person; the middle of the canvas is the pit of the neck."""
    collar = curve((-0.5, -0.2), (0, rng.uniform(0.02, 0.12)), (0.5, -0.2), 2.2)
    right = smooth([(x, y) for x, y in _SHOULDERS])
    edge = np.concatenate([collar, right[1:], (right * [-1, 1])[::-1]])
    shadow = canvas.softened(canvas.mask([moved(edge, 0, -0.06)]), 0.05)
    canvas.cover(np.minimum(shadow, canvas.covered), (20.0, 20.0, 24.0), 0.4)
    mask = canvas.mask([edge])
    canvas.body(mask, cloth)
    hem = canvas.lines([moved(collar, 0, 0.05)], 0.09)
    canvas.cover(np.minimum(hem, mask), shaded(cloth, 0.8), 0.8)
    x, y = canvas.axes()
    across = np.sqrt(np.maximum(1 - (x / np.float32(2.1)) ** 2, np.float32(0.1)))
    slope = (y + np.float32(0.3)) * np.float32(0.2)
    relief = Relief(canvas, (across * np.float32(0.7) + slope).astype(np.float32))
    relief.groove([moved(collar, 0, 0.1)], 0.03, 0.04, 0.02)
    for side in (-1, 1):
        fold = smooth([(1.3, 0.5), (1.22, 1.1), (1.3, 2.2)]) * np.array([side, 1])
        relief.groove([fold], 0.08, 0.1, 0.06)
        start = rng.uniform(0.5, 0.9)
        crease = curve((start, 0.3), (start - 0.1, 0.6), (start - 0.35, 1.1)) * np.array([side, 1])
        relief.groove([crease], 0.03, 0.1, 0.05)
    relief.light(mask, view, creased=True)

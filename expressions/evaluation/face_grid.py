"""Faces side by side, each with a line below it: for what a person judges better than a table."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from expressions.pipeline.figures import figure

_CELL_WIDTH, _CELL_HEIGHT = 1.15, 1.55


def face_grid(
    path: Path, faces: NDArray[np.float32], captions: Sequence[str], title: str, columns: int = 8
) -> None:
    """Draw grey `faces`, `[n, height, width]`, row by row under `title`; captions may have lines.

    Each face is shown from its own darkest to its own brightest value. Without faces the sheet says
    so.
    """
    rows = max(1, -(-len(faces) // columns))
    size = (columns * _CELL_WIDTH, rows * _CELL_HEIGHT + 0.4)
    with figure(path, *size, nrows=rows, ncols=columns, squeeze=False) as axes:
        axes[0, 0].figure.suptitle(title if len(faces) else f"{title}: none", fontsize=10)
        for axis in axes.flat:
            axis.axis("off")
        for axis, face, caption in zip(axes.flat, faces, captions, strict=False):
            axis.imshow(face, cmap="gray")
            below = {"transform": axis.transAxes, "ha": "center", "va": "top"}
            axis.text(0.5, -0.04, caption, fontsize=6, **below)

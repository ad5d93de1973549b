"""Faces side by side, each with a caption: for what a person judges better than a table."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from expressions.pipeline.figures import figure

_COLUMNS = 8
_CELL_WIDTH, _CELL_HEIGHT = 1.15, 1.55


def draw_face_grid(
    path: Path, faces: NDArray[np.float32], captions: Sequence[str], title: str
) -> None:
    """Draw grey `faces`, `[n, height, width]`, eight a row under `title`.

    Each face is shown from its own darkest to its own brightest value. Captions may have several
    lines. Without faces the sheet says so.
    """
    rows = max(1, -(-len(faces) // _COLUMNS))
    size = (_COLUMNS * _CELL_WIDTH, rows * _CELL_HEIGHT + 0.4)
    with figure(path, *size, nrows=rows, ncols=_COLUMNS, squeeze=False) as axes:
        axes[0, 0].figure.suptitle(title if len(faces) else f"{title}: none", fontsize=10)
        for axis in axes.flat:
            axis.axis("off")
        for axis, face, caption in zip(axes.flat, faces, captions, strict=False):
            axis.imshow(face, cmap="gray")
            below = {"transform": axis.transAxes, "ha": "center", "va": "top"}
            # An id is text, also where it holds what Matplotlib would take for a formula.
            axis.text(0.5, -0.04, caption, fontsize=6, parse_math=False, **below)

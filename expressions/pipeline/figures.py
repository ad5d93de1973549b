"""Figures with the same bytes for the same content."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl

from expressions.pipeline.outputs import whole_file

mpl.use("Agg")
from matplotlib import pyplot as plt

_DPI = 120
BLUE, ORANGE, GREY = "#2a6fbb", "#d9730d", "#8a8a8a"


@contextmanager
def figure(path: Path, width: float, height: float, **grid: Any) -> Iterator[Any]:
    """Give axes of a new figure, `width` by `height` inches; write it as PNG to `path`."""
    style = {"axes.spines.top": False, "axes.spines.right": False, "font.size": 9}
    # Not as the user's matplotlibrc says.
    with plt.style.context(["default", style]):
        canvas, axes = plt.subplots(figsize=(width, height), dpi=_DPI, layout="constrained", **grid)
        yield axes
        # Laid out here, since `savefig` would draw everything once more for it.
        canvas.get_layout_engine().execute(canvas)
        canvas.set_layout_engine("none")
        with whole_file(path) as partial:
            canvas.savefig(partial, format="png", metadata={"Software": None})
        plt.close(canvas)

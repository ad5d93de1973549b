"""Figures with the same bytes for the same content, and the curves of a training."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl

from expressions.pipeline.outputs import whole_file

if TYPE_CHECKING:
    import pandas as pd

mpl.use("Agg")
from matplotlib import pyplot as plt

_DPI = 120
BLUE, ORANGE, GREY = "#2a6fbb", "#d9730d", "#8a8a8a"


@contextmanager
def figure(path: Path, width: float, height: float, **grid: Any) -> Iterator[Any]:
    """Give axes of a new figure, `width` by `height` inches; write it as PNG to `path`."""
    style = {"axes.spines.top": False, "axes.spines.right": False, "font.size": 9}
    with mpl.rc_context(style):
        canvas, axes = plt.subplots(figsize=(width, height), layout="constrained", **grid)
        yield axes
        with whole_file(path) as partial:
            canvas.savefig(partial, format="png", dpi=_DPI, metadata={"Software": None})
        plt.close(canvas)


def curves(path: Path, history: "pd.DataFrame") -> None:
    """Loss and accuracy by epoch, for training and validation."""
    with figure(path, 8, 3.2, ncols=2) as axes:
        for axis, measure in zip(axes, ("loss", "accuracy"), strict=True):
            axis.plot(history["epoch"], history[measure], color=GREY, label="training (augmented)")
            axis.plot(history["epoch"], history[f"val_{measure}"], color=BLUE, label="validation")
            axis.set(xlabel="epoch", ylabel=measure)
            axis.grid(alpha=0.3)
        axes[0].legend(frameon=False)

"""Pictures of how a model does: confusion matrices and reliability diagrams."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from expressions.evaluation.metrics import Calibration
from expressions.pipeline.figures import BLUE, GREY, ORANGE, figure


def confusion(
    path: Path, matrix: NDArray[np.int64], classes: Sequence[str], normalised: bool, title: str
) -> None:
    """A confusion matrix, rows the truth; counts, or shares of each row."""
    totals = np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    shares = matrix / totals
    with figure(path, 5.6, 5.2) as axis:
        axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        axis.set_xticks(range(len(classes)), classes, rotation=45, ha="right")
        axis.set_yticks(range(len(classes)), classes)
        axis.set(xlabel="predicted", ylabel="true", title=title)
        for (row, column), share in np.ndenumerate(shares):
            text = f"{share:.2f}" if normalised else str(matrix[row, column])
            colour = "white" if share > 0.5 else "black"
            axis.text(column, row, text, ha="center", va="center", color=colour, fontsize=8)


def reliability(path: Path, calibration: Calibration, ece: float, title: str) -> None:
    """Accuracy against confidence by bins, over a histogram of the confidences."""
    with figure(path, 4.2, 4.6, nrows=2, height_ratios=(3, 1), sharex=True) as (upper, lower):
        upper.plot([0, 1], [0, 1], color=GREY, linestyle=":", label="perfectly calibrated")
        filled = calibration.pictures > 0
        upper.plot(
            calibration.confidence[filled],
            calibration.accuracy[filled],
            color=BLUE,
            marker="o",
            markersize=4,
            label=f"model (ECE {ece:.3f})",
        )
        upper.set(ylabel="accuracy", title=title, xlim=(0, 1), ylim=(0, 1))
        upper.legend(frameon=False, loc="upper left")
        edges = np.linspace(0, 1, len(calibration.pictures) + 1)
        lower.stairs(calibration.pictures, edges, fill=True, color=ORANGE)
        lower.set(xlabel="confidence", ylabel="pictures")

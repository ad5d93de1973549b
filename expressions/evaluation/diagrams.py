"""Pictures of how a model does: confusion matrices and reliability diagrams."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from expressions.evaluation.confusion import Matrix, row_shares
from expressions.evaluation.reliability import Reliability, expected_calibration_error
from expressions.pipeline.figures import BLUE, GREY, ORANGE, figure


def draw_confusion(
    path: Path, matrix: Matrix, classes: Sequence[str], normalised: bool, title: str
) -> None:
    """Draw a confusion matrix, rows the truth: counts, or shares of each row."""
    shares = row_shares(matrix)
    with figure(path, 5.6, 5.2) as axis:
        axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        axis.set_xticks(range(len(classes)), classes, rotation=45, ha="right")
        axis.set_yticks(range(len(classes)), classes)
        axis.set(xlabel="predicted", ylabel="true", title=title)
        for (row, column), share in np.ndenumerate(shares):
            text = f"{share:.2f}" if normalised else str(matrix[row, column])
            colour = "white" if share > 0.5 else "black"
            axis.text(column, row, text, ha="center", va="center", color=colour, fontsize=8)


def draw_reliability(path: Path, bins: Reliability, title: str) -> None:
    """Draw accuracy against confidence by bins, over a histogram of the confidences."""
    ece = expected_calibration_error(bins)
    with figure(path, 4.2, 4.6, nrows=2, height_ratios=(3, 1), sharex=True) as (upper, lower):
        upper.plot([0, 1], [0, 1], color=GREY, linestyle=":", label="perfectly calibrated")
        filled = bins.pictures > 0
        upper.plot(
            bins.confidence[filled],
            bins.accuracy[filled],
            color=BLUE,
            marker="o",
            markersize=4,
            label=f"model (ECE {ece:.3f})",
        )
        upper.set(ylabel="accuracy", title=title, xlim=(0, 1), ylim=(0, 1))
        upper.legend(frameon=False, loc="upper left")
        edges = np.linspace(0, 1, len(bins.pictures) + 1)
        lower.stairs(bins.pictures, edges, fill=True, color=ORANGE)
        lower.set(xlabel="confidence", ylabel="pictures")

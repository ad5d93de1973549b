"""The plot of what the persons of a video show over time."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from expressions.pipeline.console import printable_name
from expressions.pipeline.figures import figure
from expressions.prediction.drawing import colour_of
from expressions.prediction.persons import Person

_MOST = 6


def draw_curves(path: Path, persons: Sequence[Person], classes: Sequence[str], title: str) -> None:
    """Write a PNG with a row a person, of those seen most: the shares of emotions over time."""
    most = [person for person in persons if len(person.curve)][:_MOST]
    drawn = sorted(most, key=lambda person: person.number)
    rows = max(1, len(drawn))
    with figure(path, 8, 1.0 + 1.5 * rows, nrows=rows, sharex=True, squeeze=False) as axes:
        for axis, person in zip(axes[:, 0], drawn, strict=False):
            times, values = person.curve.points()
            colours = [np.array(colour_of(name)) / 255 for name in classes]
            axis.stackplot(times, values.T, colors=colours, labels=classes, linewidth=0)
            axis.set(ylim=(0, 1), yticks=(0, 0.5, 1), ylabel=f"person {person.number}")
            axis.margins(x=0)
        axes[-1, 0].set_xlabel("seconds")
        if drawn:
            handles, names = axes[0, 0].get_legend_handles_labels()
            axes[0, 0].legend(
                handles,
                names,
                loc="lower left",
                bbox_to_anchor=(0, 1),
                ncols=len(classes),
                frameon=False,
                fontsize=7.5,
                handlelength=1,
                columnspacing=1.2,
            )
        axes[0, 0].set_title(printable_name(title), pad=22, loc="left", parse_math=False)

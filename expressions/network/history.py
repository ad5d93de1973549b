"""The history of a training, epoch by epoch: a table, curves, and what DVCLive shows meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from dvclive import Live

from expressions.pipeline.figures import BLUE, GREY, figure
from expressions.pipeline.outputs import write_csv


class Epoch(NamedTuple):
    """One row of the history."""

    epoch: int
    """From 1 on."""
    learning_rate: float
    loss: float
    """Of the training's views, each as it was learnt."""
    accuracy: float
    val_loss: float
    """Cross entropy against the target distributions of validation."""
    val_accuracy: float


def has_stalled(history: list[Epoch], patience: int) -> bool:
    """Whether the last `patience` epochs brought no better validation loss; 0: never."""
    if not patience or not history:
        return False
    best = min(history, key=lambda epoch: epoch.val_loss)
    return len(history) - best.epoch >= patience


@contextmanager
def live_log(folder: Path) -> Iterator[Callable[[Epoch], None]]:
    """Give the function that adds an epoch to DVCLive's files in `folder`."""
    with Live(str(folder), dvcyaml=False, save_dvc_exp=False) as live:

        def log(epoch: Epoch) -> None:
            for name, value in epoch._asdict().items():
                if name != "epoch":
                    live.log_metric(name, value)
            live.next_step()

        yield log


def write_history(history: list[Epoch], folder: Path) -> None:
    """Write `history.csv`, a column for each field of `Epoch`, and `curves.png`."""
    table = pd.DataFrame(history, columns=Epoch._fields)
    write_csv(folder / "history.csv", table)
    draw_curves(table, folder / "curves.png")


def draw_curves(history: pd.DataFrame, path: Path) -> None:
    """Draw loss and accuracy by epoch, for training and validation."""
    with figure(path, 8, 3.2, ncols=2) as axes:
        for axis, measure in zip(axes, ("loss", "accuracy"), strict=True):
            axis.plot(history["epoch"], history[measure], color=GREY, label="training (augmented)")
            axis.plot(history["epoch"], history[f"val_{measure}"], color=BLUE, label="validation")
            axis.set(xlabel="epoch", ylabel=measure)
            axis.grid(alpha=0.3)
        axes[0].legend(frameon=False)

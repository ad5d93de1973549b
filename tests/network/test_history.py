"""The history of a training: its table, its curves, when it has stalled."""

import json

import pandas as pd
import pytest
from helpers import keep_axes
from matplotlib.colors import to_rgb

from expressions.network import history as histories
from expressions.network.history import Epoch, has_stalled, live_log, write_history
from expressions.pipeline.figures import BLUE

HISTORY = [
    Epoch(1, 0.002, 1.9, 0.3, 1.7, 0.4),
    Epoch(2, 0.001, 1.5, 0.45, 1.4, 0.5),
    Epoch(3, 0.0, 1.25, 0.55, 1.45, 0.525),
]


def test_the_table_has_a_row_an_epoch(tmp_path):
    write_history(HISTORY, tmp_path)
    text = (tmp_path / "history.csv").read_text(encoding="utf-8")
    assert text.splitlines()[0] == "epoch,learning_rate,loss,accuracy,val_loss,val_accuracy"
    table = pd.read_csv(tmp_path / "history.csv")
    assert [Epoch(*row) for row in table.itertuples(index=False)] == HISTORY


def test_the_curves_show_loss_and_accuracy_by_epoch(tmp_path, monkeypatch):
    axes = keep_axes(monkeypatch, histories)
    write_history(HISTORY, tmp_path)
    ((loss, accuracy),) = axes
    for axis, measure in ((loss, "loss"), (accuracy, "accuracy")):
        training, validation = axis.lines
        assert list(training.get_xdata()) == [1, 2, 3]
        assert list(training.get_ydata()) == [getattr(epoch, measure) for epoch in HISTORY]
        assert list(validation.get_ydata()) == [
            getattr(epoch, f"val_{measure}") for epoch in HISTORY
        ]
        assert to_rgb(validation.get_color()) == to_rgb(BLUE)
        assert (axis.get_xlabel(), axis.get_ylabel()) == ("epoch", measure)
    told = [text.get_text() for text in loss.get_legend().get_texts()]
    assert told == ["training (augmented)", "validation"]


def test_the_live_log_has_the_last_epoch_and_every_value(tmp_path):
    with live_log(tmp_path) as log:
        for epoch in HISTORY:
            log(epoch)
    last = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    assert last == {name: v for name, v in HISTORY[-1]._asdict().items() if name != "epoch"} | {
        "step": 2
    }


@pytest.mark.parametrize(
    ("losses", "patience", "expected"),
    [
        ([], 1, False),
        ([3, 2, 1], 1, False),
        ([1, 2], 1, True),
        ([2, 1, 3], 2, False),
        ([2, 1, 3, 1.5], 2, True),
        ([1, 2, 3, 4], 0, False),
    ],
)
def test_a_training_has_stalled_when_validation_got_no_better(losses, patience, expected):
    history = [Epoch(number, 0, 0, 0, loss, 0) for number, loss in enumerate(losses, start=1)]
    assert has_stalled(history, patience) is expected

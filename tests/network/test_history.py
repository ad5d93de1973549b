"""The history of a training: its table, its curves, when it has stalled."""

import json

import numpy as np
import pandas as pd
import pytest

from expressions.network import history as histories
from expressions.network.history import Epoch, has_stalled, live_log, write_history

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
    seen = {}
    figure = histories.figure

    class Watching:
        """Keeps the axes that were drawn on."""

        def __init__(self, *arguments, **named):
            self._inner = figure(*arguments, **named)

        def __enter__(self):
            seen["axes"] = self._inner.__enter__()
            return seen["axes"]

        def __exit__(self, *error):
            return self._inner.__exit__(*error)

    monkeypatch.setattr(histories, "figure", Watching)
    write_history(HISTORY, tmp_path)
    for axis, measure in zip(seen["axes"], ("loss", "accuracy"), strict=True):
        training, validation = (np.asarray(line.get_ydata()) for line in axis.lines)
        assert training.tolist() == [getattr(epoch, measure) for epoch in HISTORY]
        assert validation.tolist() == [getattr(epoch, f"val_{measure}") for epoch in HISTORY]
        assert axis.get_ylabel() == measure
    labels = [text.get_text() for text in seen["axes"][0].get_legend().get_texts()]
    assert labels == ["training (augmented)", "validation"]


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

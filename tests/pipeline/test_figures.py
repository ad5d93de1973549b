"""Figures: the same bytes for the same content, and what the curves of a training show."""

import pandas as pd
import pytest
from helpers import keep_axes
from matplotlib.colors import to_rgb

from expressions.pipeline import figures

HISTORY = pd.DataFrame(
    {
        "epoch": [1, 2, 3],
        "loss": [2.0, 1.5, 1.1],
        "val_loss": [1.9, 1.6, 1.7],
        "accuracy": [0.2, 0.4, 0.6],
        "val_accuracy": [0.3, 0.5, 0.4],
    }
)


def test_the_curves_show_training_and_validation_by_epoch(tmp_path, monkeypatch):
    axes = keep_axes(monkeypatch, figures)
    figures.curves(tmp_path / "curves.png", HISTORY)
    ((loss, accuracy),) = axes
    for axis, measure in ((loss, "loss"), (accuracy, "accuracy")):
        training, validation = axis.lines
        assert list(training.get_xdata()) == [1, 2, 3]
        assert list(training.get_ydata()) == list(HISTORY[measure])
        assert list(validation.get_ydata()) == list(HISTORY[f"val_{measure}"])
        assert to_rgb(validation.get_color()) == to_rgb(figures.BLUE)
        assert (axis.get_xlabel(), axis.get_ylabel()) == ("epoch", measure)
    told = [text.get_text() for text in loss.get_legend().get_texts()]
    assert told == ["training (augmented)", "validation"]


def test_the_same_content_gives_the_same_bytes_of_the_size_asked_for(tmp_path):
    for name in ("one", "other"):
        figures.curves(tmp_path / name, HISTORY)
    one = (tmp_path / "one").read_bytes()
    assert one == (tmp_path / "other").read_bytes()
    assert [int.from_bytes(one[at : at + 4], "big") for at in (16, 20)] == [960, 384]


def test_a_drawing_that_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "figure.png"
    path.write_bytes(b"before")
    with pytest.raises(ZeroDivisionError), figures.figure(path, 2, 2):
        raise ZeroDivisionError
    assert path.read_bytes() == b"before"
    assert [found.name for found in tmp_path.iterdir()] == ["figure.png"]

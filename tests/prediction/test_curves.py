"""What stands in the plot of a video, read from its axes and its pixels."""

import cv2
import numpy as np
import pytest
from helpers import CLASSES, keep_axes

from expressions.prediction import curves
from expressions.prediction.drawing import colour_of
from expressions.prediction.persons import Person, Persons


def persons(*shares: list[float], frames: int = 5) -> list[Person]:
    """Persons who show the same over seconds 0 to 4; each later one in a frame less."""
    seen = Persons()
    for number, its in enumerate(shares, start=1):
        for second in range(frames - number + 1):
            seen.see(number, float(second), np.array(its, np.float32))
    return seen.most_seen()


HAPPY = [0.25, 0.75, 0, 0, 0, 0, 0]
SAD = [0.0, 0, 0, 1, 0, 0, 0]


def test_each_person_has_a_row_with_the_shares_of_the_emotions(tmp_path, monkeypatch):
    kept = keep_axes(monkeypatch, curves)
    path = tmp_path / "plot.png"
    curves.draw_curves(path, persons(HAPPY, SAD), CLASSES, "talk.mp4")
    (axes,) = kept
    assert [axis.get_ylabel() for axis in axes[:, 0]] == ["person 1", "person 2"]
    assert axes[0, 0].get_title(loc="left") == "talk.mp4"
    assert axes[-1, 0].get_xlabel() == "seconds"
    assert [text.get_text() for text in axes[0, 0].get_legend().get_texts()] == list(CLASSES)
    # From the pixels: the lower quarter is neutral, all above is happiness.
    picture = cv2.imread(str(path))
    for axis, at, emotion in (
        (axes[0, 0], 0.1, "neutral"), (axes[0, 0], 0.3, "happiness"),
        (axes[0, 0], 0.9, "happiness"), (axes[1, 0], 0.5, "sadness"),
    ):  # fmt: skip
        across, up = axis.transData.transform((1.5, at)) / (
            axis.figure.get_size_inches() * axis.figure.dpi
        )
        row, column = round((1 - up) * picture.shape[0]), round(across * picture.shape[1])
        assert tuple(picture[row, column, ::-1]) == pytest.approx(colour_of(emotion), abs=3)


def test_the_persons_seen_most_are_drawn_by_their_numbers(tmp_path, monkeypatch):
    kept = keep_axes(monkeypatch, curves)
    everybody = persons(*[HAPPY] * 9, frames=12)
    curves.draw_curves(tmp_path / "plot.png", everybody[::-1][:2] + everybody, CLASSES, "a")
    assert len(kept[0]) == 6
    numbers = [int(axis.get_ylabel().split()[1]) for axis in kept[0][:, 0]]
    assert numbers == sorted(numbers)


def test_a_video_of_nobody_has_an_empty_plot(tmp_path, monkeypatch):
    kept = keep_axes(monkeypatch, curves)
    curves.draw_curves(tmp_path / "plot.png", [], CLASSES, "empty.mp4")
    assert kept[0].shape == (1, 1)
    assert kept[0][0, 0].get_legend() is None
    assert not kept[0][0, 0].collections


@pytest.mark.parametrize("title", ["$x_$.mp4", "caf\udce9.mp4", "a\x1b[2Jb.mp4", "50% \\frac{.mp4"])
def test_names_are_text_whatever_they_hold(tmp_path, title):
    curves.draw_curves(tmp_path / "plot.png", persons(HAPPY), CLASSES, title)
    assert cv2.imread(str(tmp_path / "plot.png")).shape[1] > 500

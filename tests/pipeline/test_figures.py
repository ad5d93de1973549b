"""Figures: the same bytes for the same content, and whole or not at all."""

import matplotlib as mpl
import pytest

from expressions.pipeline import figures


def test_the_same_content_gives_the_same_bytes_of_the_size_asked_for(tmp_path):
    for name, of_the_user in (("one", {}), ("other", {"font.size": 30, "savefig.dpi": 50})):
        with mpl.rc_context(of_the_user), figures.figure(tmp_path / name, 8, 3.2) as axis:
            axis.plot([1, 2, 3], [2.0, 1.5, 1.1], color=figures.BLUE)
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

"""Progress: a bar for a person, a line now and then for a log, nothing where quiet is asked for."""

import pytest

from expressions.pipeline.progress import bar


class Terminal:
    """Standard error as a terminal, or as none."""

    def __init__(self, is_one: bool) -> None:
        self.text = ""
        self._is_one = is_one

    def isatty(self) -> bool:
        return self._is_one

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        pass


def watch(monkeypatch, is_one: bool) -> Terminal:
    # Not in a fixture: pytest puts its own stream there before a test begins.
    stream = Terminal(is_one)
    monkeypatch.setattr("sys.stderr", stream)
    return stream


@pytest.mark.parametrize(("terminal", "between"), [(True, 0.2), (False, 30)])
def test_it_is_written_often_on_a_terminal_and_seldom_elsewhere(monkeypatch, terminal, between):
    stream = watch(monkeypatch, terminal)
    with bar(range(3), "crop", "pictures") as shown:
        assert shown.mininterval == between
        assert list(shown) == [0, 1, 2]
    assert "crop: 100%" in stream.text
    assert "3/3" in stream.text
    assert "pictures/s" in stream.text


def test_it_is_moved_by_hand_where_there_is_nothing_to_count(monkeypatch):
    stream = watch(monkeypatch, is_one=False)
    with bar(None, "train", "pictures", total=10) as shown:
        shown.update(4)
    assert "4/10" in stream.text


def test_a_quiet_one_shows_nothing(monkeypatch):
    stream = watch(monkeypatch, is_one=True)
    assert list(bar(range(3), "crop", "pictures", quiet=True)) == [0, 1, 2]
    assert stream.text == ""

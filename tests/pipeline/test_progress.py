"""Progress: a bar for a person, a line now and then for a log, nothing where quiet is asked for."""

import os
import pty
import sys
import termios
from collections.abc import Callable
from contextlib import suppress

import pytest

from expressions.commands import cli
from expressions.errors import InputError
from expressions.pipeline import stage
from expressions.pipeline.console import say
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


def lines_on_a_terminal(monkeypatch, act: Callable[[], object]) -> list[str]:
    """What a person sees after `act`; both streams are one real terminal."""
    leader, follower = pty.openpty()
    termios.tcsetwinsize(follower, (24, 80))
    with (
        open(follower, "w", encoding="utf-8") as out,  # noqa: PTH123
        open(os.dup(follower), "w", encoding="utf-8") as err,  # noqa: PTH123
        monkeypatch.context() as patch,
    ):
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        act()
    said = b""
    # Linux ends what a terminal gives with an error.
    with suppress(OSError):
        while part := os.read(leader, 10_000):
            said += part
    os.close(leader)
    return [overwritten(line).rstrip() for line in said.decode().split("\r\n")]


def overwritten(line: str) -> str:
    """A line with carriage returns as a terminal shows it."""
    shown = ""
    for part in line.split("\r"):
        shown = part + shown[len(part) :]
    return shown


@pytest.mark.parametrize("error", [True, False])
def test_what_is_said_comes_above_a_bar_that_moves_on(monkeypatch, error):
    def act() -> None:
        with bar(None, "film", "frames") as shown:
            shown.update(3)
            say("a.png: left out", error=error)
            shown.update(4)

    above, below, end = lines_on_a_terminal(monkeypatch, act)
    assert above == "a.png: left out"
    assert below.startswith("film: 7 frames [")
    assert end == ""


def run_stage(main: Callable[[], None], monkeypatch) -> None:
    monkeypatch.setattr(sys, "argv", ["crop"])
    stage.run(main)


def run_command(main: Callable[[], None], monkeypatch) -> None:
    monkeypatch.setattr(cli, "app", main)
    cli.main()


@pytest.mark.parametrize("run", [run_stage, run_command])
@pytest.mark.parametrize(
    ("error", "told"),
    [
        (InputError("no space."), ["error: no space."]),
        (OSError(28, "full"), ["error: No space left on device. Make room, then run it again."]),
        # Its traceback comes later, by Python.
        (ZeroDivisionError(), []),
    ],
)
def test_an_error_comes_below_a_bar_that_it_leaves_unfinished(monkeypatch, run, error, told):
    def main() -> None:
        shown = bar(None, "crop", "pictures", 10)
        shown.update(3)
        raise error

    def act() -> None:
        with pytest.raises((SystemExit, ZeroDivisionError)):
            run(main, monkeypatch)

    above, *below = lines_on_a_terminal(monkeypatch, act)
    assert above.startswith("crop:  30%|")
    assert below == [*told, ""]

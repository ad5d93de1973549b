"""Text for a person at a terminal, where a bar may stand in the last line."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

if TYPE_CHECKING:
    # Loading it takes a fifth of the time in which a command starts, and most show no bar.
    from tqdm import tqdm

_bars: "WeakSet[tqdm[Any]]" = WeakSet()


def printable(text: str) -> str:
    """Return text in which nothing can move a terminal's cursor, nor fail to be encoded.

    Names of files may hold any character but a slash, control characters and broken ones included.
    """
    return "".join(
        letter if letter.isprintable() or letter == "\n" else ascii(letter)[1:-1] for letter in text
    )


def printable_name(text: str) -> str:
    """Return a name as `printable` makes it, in one line."""
    return printable(text).replace("\n", "\\n")


def printable_json(text: str) -> str:
    """Return JSON that means the same, in which nothing can move a terminal's cursor."""
    return "".join(
        letter if letter.isprintable() or letter == "\n" else json.dumps(letter)[1:-1]
        for letter in text
    )


def say(text: str, *, error: bool = False) -> None:
    """Write lines, as `printable` makes them, to standard output or to standard error.

    A bar moves on below them.
    """
    stream = sys.stderr if error else sys.stdout
    lines = f"{printable(text)}\n"
    bar = next(iter(_bars), None)
    if bar is None:
        stream.write(lines)
    else:
        # It takes away all bars meanwhile.
        bar.write(lines, file=stream, end="")
    stream.flush()


def keep_apart(bar: "tqdm[Any]") -> None:
    """Have nothing that `say` writes, or that is written after `bars_ended`, in a bar's line."""
    _bars.add(bar)


@contextmanager
def bars_ended() -> Iterator[None]:
    """End the line of each bar that is unfinished when the block is left, as by an error."""
    try:
        yield
    finally:
        for bar in list(_bars):
            bar.close()

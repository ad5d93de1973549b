"""One progress bar for each long step; sparse plain lines where the output is no terminal."""

import sys
from collections.abc import Iterable
from typing import Any

from tqdm import tqdm

from expressions.pipeline.console import keep_apart, printable_name


def bar(
    items: Iterable[Any] | None, name: str, unit: str, total: int | None = None, quiet: bool = False
) -> "tqdm[Any]":
    """A bar over `items` (or moved by hand, with `total`) with rate and time left.

    A `quiet` one shows nothing.
    """
    seconds_between = 0.2 if sys.stderr.isatty() else 30
    shown = tqdm(
        items,
        desc=printable_name(name),
        unit=f" {unit}",
        total=total,
        mininterval=seconds_between,
        maxinterval=max(10, seconds_between),
        dynamic_ncols=True,
        disable=quiet,
    )
    keep_apart(shown)
    return shown

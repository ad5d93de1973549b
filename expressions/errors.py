"""Errors for the person who made the mistake: one message, exit code 1, no traceback."""

import sys
from collections.abc import Callable

import typer


class InputError(Exception):
    """A mistake in what the user gave: the message names where, what was found and what to do."""


def run(main: Callable[..., None]) -> None:
    """Run `main` as a command whose arguments are the function's parameters.

    An `InputError` ends the process with its message on standard error and exit code 1.
    """
    try:
        typer.run(main)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)

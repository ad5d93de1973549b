"""Errors for the person who made the mistake: one message, exit code 1, no traceback."""

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

import typer

from expressions.pipeline.integrity import damaged_inputs


class InputError(Exception):
    """A mistake in what the user gave: the message names where, what was found and what to do."""


def run(main: Callable[..., None]) -> None:
    """Run `main` as a command whose arguments are the function's parameters.

    Where DVC runs it, as a stage, its input must be what `dvc.lock` says. An `InputError` or a full
    disk ends the process with a message on standard error and exit code 1.
    """
    try:
        if "DVC_STAGE" in os.environ:
            _refuse_damaged_inputs(Path.cwd(), os.environ["DVC_STAGE"])
        typer.run(main)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        if not _is_full_disk(error):
            raise
        print(f"error: the disk is full ({error}). Make room, then run it again.", file=sys.stderr)
        sys.exit(1)


def _is_full_disk(error: OSError) -> bool:
    # NumPy and HDF5 raise an OSError that has lost its number.
    told = str(error)
    lost = "requested and" in told or f"errno = {errno.ENOSPC}" in told
    return lost or error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def _refuse_damaged_inputs(root: Path, stage: str) -> None:
    for damage in damaged_inputs(root, stage):
        raise InputError(
            f"{damage.path} is damaged: its MD5 is {damage.found}, dvc.lock says "
            f"{damage.expected}. Run `expressions verify`, then `dvc repro` or `dvc pull --force`; "
            "if it was changed on purpose, run `dvc commit` for the stage that wrote it."
        )

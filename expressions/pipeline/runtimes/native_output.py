"""Keeping native libraries quiet: they write to descriptors, past Python's streams."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_STDOUT, _STDERR = 1, 2


@contextmanager
def silent_output(*, errors_only: bool = False) -> Iterator[None]:
    """Drop what the process writes to standard output and error, or to the latter alone."""
    descriptors = (_STDERR,) if errors_only else (_STDOUT, _STDERR)
    sys.stdout.flush()
    sys.stderr.flush()
    null = os.open(os.devnull, os.O_WRONLY)
    saved = {descriptor: os.dup(descriptor) for descriptor in descriptors}
    for descriptor in descriptors:
        os.dup2(null, descriptor)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for descriptor, copy in saved.items():
            os.dup2(copy, descriptor)
            os.close(copy)
        os.close(null)

"""An end to what may take for ever, such as a regular expression of a user's own."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """End what runs inside after so many seconds; only on the main thread.

    What runs has to look at signals now and then, as Python and its regular expressions do.

    Raises:
        TimeoutError: it had not ended by itself.
    """

    def end(*_: Any) -> None:
        raise TimeoutError(f"ended after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

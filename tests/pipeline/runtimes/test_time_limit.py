"""What takes too long ends, what does not is left alone, and the alarm is as it was."""

import re
import signal
import time

import pytest

from expressions.pipeline.runtimes.time_limit import time_limit


def test_what_takes_too_long_ends():
    before = signal.getsignal(signal.SIGALRM)
    start = time.monotonic()
    with pytest.raises(TimeoutError, match=r"ended after 0\.1 s"), time_limit(0.1):
        re.fullmatch(r"(a+)+b", 40 * "a")
    assert time.monotonic() - start < 10
    assert signal.getsignal(signal.SIGALRM) is before


def test_what_ends_by_itself_is_left_alone():
    with time_limit(0.1):
        assert re.fullmatch(r"(a+)+b", "aab")
    time.sleep(0.2)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)

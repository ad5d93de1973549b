"""Output of native libraries is dropped where it is asked for, and there alone."""

import subprocess
import sys

import pytest

CODE = """
import os, sys
from expressions.pipeline.runtimes.native_output import silent_output

def say(when):
    print(when, flush=True)
    os.write(1, f"{when}, natively\\n".encode())
    os.write(2, f"{when}, natively\\n".encode())

say("before")
try:
    with silent_output(errors_only=ERRORS_ONLY):
        print("not flushed", end=" ")
        say("within")
        raise ZeroDivisionError
except ZeroDivisionError:
    say("after")
print(len(os.listdir("/proc/self/fd")))
"""


@pytest.mark.parametrize("errors_only", [False, True])
def test_what_is_written_within_is_dropped_and_the_rest_is_not(errors_only):
    done = subprocess.run(
        [sys.executable, "-c", CODE.replace("ERRORS_ONLY", str(errors_only))],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    before, after = ([when, f"{when}, natively"] for when in ("before", "after"))
    within = ["not flushed within", "within, natively"] if errors_only else []
    assert done.stdout.splitlines()[:-1] == [*before, *within, *after]
    assert done.stderr.splitlines() == ["before, natively", "after, natively"]
    # Standard streams and the listing's own: no copy is left open.
    assert done.stdout.splitlines()[-1] == "4"

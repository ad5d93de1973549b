"""A stage ends when the DVC that started it is killed."""

import ctypes
import os
import signal

# Linux, sys/prctl.h: a signal for when the parent ends.
_PR_SET_PDEATHSIG = 1


def end_with_dvc() -> None:
    """Have this process killed with its parent, if it is a stage that DVC runs.

    Else it would write on, beside the stage that the next DVC starts.
    """
    if "DVC_STAGE" in os.environ:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

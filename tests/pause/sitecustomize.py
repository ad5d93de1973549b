"""Has a stage wait in the middle of its work, so that a test can change something meanwhile.

Python imports this module by its name when it starts. The stage that `PAUSE_STAGE` names waits when
it first opens a file whose name holds `PAUSE_AT`: it makes the file `PAUSE_FOLDER/reached` and goes
on once there is `PAUSE_FOLDER/released`.
"""

import os
import sys
import time

_FOLDER = os.environ.get("PAUSE_FOLDER", "")
_PLACE = os.environ.get("PAUSE_AT", "")


def _pause(event: str, arguments: tuple) -> None:
    if event != "open" or not isinstance(arguments[0], str | os.PathLike):
        return
    if _PLACE not in os.fspath(arguments[0]) or os.path.exists(f"{_FOLDER}/reached"):  # noqa: PTH110
        return
    os.close(os.open(f"{_FOLDER}/reached", os.O_CREAT))
    while not os.path.exists(f"{_FOLDER}/released"):  # noqa: PTH110
        time.sleep(0.05)


if _FOLDER and os.environ.get("DVC_STAGE") == os.environ.get("PAUSE_STAGE"):
    sys.addaudithook(_pause)

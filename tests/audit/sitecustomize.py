"""Writes what a Python process opens below its folder, and which parameters it reads, to a file.

Python imports this module by its name when it starts.
"""

import os
import sys

_FOLDER = os.getcwd() + os.sep  # noqa: PTH109
_LOG = os.environ.get("AUDIT_LOG")


def _note(event: str, arguments: tuple) -> None:
    if event == "expressions.read_parameter":
        kind, what = "parameter", arguments[0]
    elif event == "open" and isinstance(arguments[0], str):
        kind, what = "file", os.path.abspath(arguments[0])  # noqa: PTH100
        if not what.startswith(_FOLDER):
            return
        what = what.removeprefix(_FOLDER)
    else:
        return
    os.write(_DESCRIPTOR, f"{kind} {what}\n".encode())


if _LOG:
    _DESCRIPTOR = os.open(_LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    sys.addaudithook(_note)

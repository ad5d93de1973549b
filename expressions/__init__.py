"""Facial-expression recognition: `Recognizer` uses a trained model, the wings below make one.

`from expressions import Recognizer` is all that a program needs.
"""

import importlib
import os
from typing import Any

# By default ONNX Runtime tells Microsoft of its use. It reads this when it is imported, and what
# imports it in this project passes here first.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__all__ = ["InputError", "Recognition", "Recognizer", "__version__"]

_HOMES = {
    "InputError": "expressions.errors",
    "Recognition": "expressions.prediction.recognizer",
    "Recognizer": "expressions.prediction.recognizer",
}


def __getattr__(name: str) -> Any:
    # Not imported above: this file is a dependency of every stage, and what it imports would be.
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("expressions")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__

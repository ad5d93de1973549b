"""What the stages of the pipeline are made of, one idea a file; `Recognizer` uses a trained model.

`from expressions import Recognizer` is all that a program needs.
"""

import importlib
from typing import Any

__all__ = ["Recognition", "Recognizer"]


def __getattr__(name: str) -> Any:
    # Not imported above: this file is a dependency of every stage, and what it imports would be.
    if name in __all__:
        return getattr(importlib.import_module("expressions.prediction.recognizer"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""A run of a network that ends: an ONNX file may hold a loop, and so an endless one."""

from collections.abc import Mapping
from threading import Timer
from typing import Any

import onnxruntime
from numpy.typing import NDArray

MOST_SECONDS = 60
"""For a few hundred faces the largest network here needs a few."""


def run_network(session: Any, inputs: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    """Return the first output of an `onnxruntime.InferenceSession`.

    Raises:
        TimeoutError: it took longer than `MOST_SECONDS`.
    """
    options = onnxruntime.RunOptions()
    limit = Timer(MOST_SECONDS, setattr, (options, "terminate", True))
    limit.daemon = True
    limit.start()
    try:
        return session.run(None, inputs, options)[0]
    except Exception:
        if options.terminate:
            raise TimeoutError(f"ended after {MOST_SECONDS} s") from None
        raise
    finally:
        limit.cancel()

"""A trained network made ready for use: batch norms folded away, weights averaged and rounded.

At use a batch norm is one more scale and shift behind a convolution, which the convolution can do
itself. With the weights rounded to values that float16 can hold, exports may store them in half the
bytes and still give the same answer.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def fold(trained: Any, folded: Any) -> None:
    """Give `folded` the weights of `trained`, the same network built with its norms.

    A layer whose norm `<name>_norm` is missing from `folded` takes up that norm's scale and shift.
    """
    names = {layer.name for layer in folded.layers}
    norms = {layer.name: layer for layer in trained.layers if layer.name not in names}
    for layer in folded.layers:
        if not layer.weights:
            continue
        weights = trained.get_layer(layer.name).get_weights()
        norm = norms.get(f"{layer.name}_norm")
        if norm is not None:
            weights = _merge(weights[0], norm)
        # Norms that could not be folded keep their weights: rounding would shift their means.
        is_norm = layer.name.endswith("_norm")
        layer.set_weights(weights if is_norm else [half_precision(value) for value in weights])


def average(refined: Any, started: Any, share: float) -> None:
    """Give `refined` a mean of its weights and, in the `share`, those of what it was refined from.

    It keeps most of what both know: `started` of the pictures that it was trained on, `refined` of
    those that are unlike them (Wortsman et al. 2022, arXiv:2109.01903).
    """
    pairs = zip(refined.get_weights(), started.get_weights(), strict=True)
    means = [np.float32(1 - share) * ours + np.float32(share) * theirs for ours, theirs in pairs]
    refined.set_weights([half_precision(mean) for mean in means])


def half_precision(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """`values` rounded to what float16 can hold, still as float32."""
    return values.astype(np.float16).astype(np.float32)


def _merge(kernel: NDArray[np.float32], norm: Any) -> list[NDArray[np.float32]]:
    gamma, beta, mean, variance = norm.get_weights()
    scale = gamma / np.sqrt(variance + norm.epsilon)
    return [kernel * scale, beta - mean * scale]

"""The residual networks of `expressions.network.shapes` in JAX.

A network's weights and the running statistics of its norms are two
flat dictionaries, `<layer>.<part>`, the layers named as in Keras.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from expressions.network.shapes import Shape

Tree = dict[str, Any]
"""Arrays float32 by name."""

EMOTIONS = 8
OUTPUTS = EMOTIONS + 7
"""Behind the emotions come the seven classes of FER-2013's own labels."""

_NORM_MOMENTUM = 0.95
_NORM_EPSILON = 1e-3


def initial(shape: Shape, seed: int) -> tuple[Tree, Tree]:
    """He's normal weights (arXiv:1502.01852) and the norms' statistics before training."""
    rng = np.random.default_rng(seed)
    weights, statistics = {}, {}
    for name, size, inputs, width in _convolutions(shape):
        # Cut off at two deviations, which takes 12 % of the spread (as Keras draws them).
        spread = np.sqrt(2 / (size * size * inputs)) / 0.87962566
        draws = rng.standard_normal((size, size, inputs, width))
        weights[f"{name}.kernel"] = np.clip(draws, -2, 2) * spread
        weights[f"{name}.gamma"], weights[f"{name}.beta"] = np.ones(width), np.zeros(width)
        statistics[f"{name}.mean"], statistics[f"{name}.variance"] = np.zeros(width), np.ones(width)
    if shape.squeeze:
        for number, (width, _) in enumerate(shape.blocks, start=1):
            narrow = shape.squeezed_width(width)
            name = f"block{number}_squeeze"
            weights[f"{name}.kernel"] = rng.standard_normal((width, narrow)) * np.sqrt(2 / width)
            weights[f"{name}.bias"] = np.zeros(narrow)
            name = f"block{number}_excite"
            weights[f"{name}.kernel"] = rng.standard_normal((narrow, width)) * np.sqrt(1 / narrow)
            weights[f"{name}.bias"] = np.ones(width)
    last = shape.blocks[-1][0]
    limit = np.sqrt(6 / (last + OUTPUTS))
    weights["emotions.kernel"] = rng.uniform(-limit, limit, (last, OUTPUTS))
    weights["emotions.bias"] = np.zeros(OUTPUTS)
    return _float32(weights), _float32(statistics)


def apply(
    shape: Shape,
    weights: Tree,
    statistics: Tree,
    faces: Any,
    dropout: tuple[Any, Any] | None = None,
) -> tuple[Any, Tree]:
    """Logits float32 `[n, 15]` of faces float32 `[n, 48, 48]`, computed in bfloat16.

    With `dropout`, a random key and a probability, this is training: norms use the batch, and the
    statistics that come back have moved.
    """
    moved: Tree = {}
    training = dropout is not None
    key, rate = dropout if dropout is not None else (None, 0)

    def convolve(x: Any, name: str, stride: int = 1) -> Any:
        kernel = weights[f"{name}.kernel"].astype(jnp.bfloat16)
        axes = ("NHWC", "HWIO", "NHWC")
        x = lax.conv_general_dilated(x, kernel, (stride, stride), "SAME", dimension_numbers=axes)
        x = x.astype(jnp.float32)
        mean, variance = statistics[f"{name}.mean"], statistics[f"{name}.variance"]
        if training:
            batch = x.mean((0, 1, 2))
            spread = jnp.maximum((x * x).mean((0, 1, 2)) - batch * batch, 0)
            moved[f"{name}.mean"] = _follow(mean, batch)
            moved[f"{name}.variance"] = _follow(variance, spread)
            mean, variance = batch, spread
        scale = weights[f"{name}.gamma"] * lax.rsqrt(variance + _NORM_EPSILON)
        return (x * scale + (weights[f"{name}.beta"] - mean * scale)).astype(jnp.bfloat16)

    x = _stem(shape, _standardise(faces), convolve)
    for number, (_, stride) in enumerate(shape.blocks, start=1):
        if shape.pooled and stride > 1:
            x = _maxima(x)
        name = f"block{number}"
        residual = jax.nn.relu(convolve(x, f"{name}_first", 1 if shape.pooled else stride))
        residual = convolve(residual, f"{name}_second")
        if shape.squeeze:
            residual *= _excitation(weights, name, residual)
        if training and shape.skipped:
            key, draw = jax.random.split(key)
            residual *= _kept(draw, len(x), shape.skipped * number / len(shape.blocks))
        x = jax.nn.relu(_shortcut(x, residual, f"{name}_shortcut", convolve) + residual)
    x = x.astype(jnp.float32).mean((1, 2))
    if training:
        key, draw = jax.random.split(key)
        x = x * (jax.random.uniform(draw, x.shape) >= rate) / (1 - rate)
    return x @ weights["emotions.kernel"] + weights["emotions.bias"], moved


def probabilities(shape: Shape, weights: Tree, statistics: Tree, faces: Any) -> Any:
    """What the trained network says of the faces, `[n, 8]`."""
    logits, _ = apply(shape, weights, statistics, faces)
    return jax.nn.softmax(logits[:, :EMOTIONS])


def _convolutions(shape: Shape) -> list[tuple[str, int, int, int]]:
    """Name, size, channels in and out of each, in the order in which their weights are drawn."""
    found = []
    channels = 1
    for number, width in enumerate(shape.stem, start=1):
        name, size = (f"stem{number}", 3) if shape.pooled else ("stem", 5)
        found.append((name, size, channels, width))
        channels = width
    for number, (width, _) in enumerate(shape.blocks, start=1):
        found.append((f"block{number}_first", 3, channels, width))
        found.append((f"block{number}_second", 3, width, width))
        if channels != width:
            found.append((f"block{number}_shortcut", 1, channels, width))
        channels = width
    return found


def _stem(shape: Shape, x: Any, convolve: Callable[..., Any]) -> Any:
    if not shape.pooled:
        return jax.nn.relu(convolve(x, "stem", 2))
    for number in range(1, len(shape.stem) + 1):
        x = jax.nn.relu(convolve(x, f"stem{number}"))
    return _maxima(x)


def _shortcut(x: Any, residual: Any, name: str, convolve: Callable[..., Any]) -> Any:
    """`x` in the size of `residual`."""
    if x.shape[1] > residual.shape[1]:
        x = _tiles(x.astype(jnp.float32)).mean((2, 4)).astype(jnp.bfloat16)
    return x if x.shape[-1] == residual.shape[-1] else convolve(x, name)


def _kept(key: Any, count: int, skipped: float) -> Any:
    """0 for the pictures for which a block is left out, more than 1 for the others."""
    kept = jax.random.uniform(key, (count, 1, 1, 1)) >= skipped
    return (kept / (1 - skipped)).astype(jnp.bfloat16)


def _standardise(faces: Any) -> Any:
    centred = faces - faces.mean((1, 2), keepdims=True)
    variance = (centred**2).mean((1, 2), keepdims=True)
    return (centred * lax.rsqrt(variance + 1e-4)).astype(jnp.bfloat16)[..., None]


def _excitation(weights: Tree, block: str, x: Any) -> Any:
    mean = x.astype(jnp.float32).mean((1, 2))
    squeezed = mean @ weights[f"{block}_squeeze.kernel"] + weights[f"{block}_squeeze.bias"]
    excited = jax.nn.relu(squeezed) @ weights[f"{block}_excite.kernel"]
    share = jax.nn.sigmoid(excited + weights[f"{block}_excite.bias"])
    return share[:, None, None].astype(jnp.bfloat16)


def _tiles(x: Any) -> Any:
    count, side, _, channels = x.shape
    return x.reshape(count, side // 2, 2, side // 2, 2, channels)


def _maxima(x: Any) -> Any:
    return _tiles(x).max((2, 4))


def _follow(running: Any, batch: Any) -> Any:
    return _NORM_MOMENTUM * running + (1 - _NORM_MOMENTUM) * lax.stop_gradient(batch)


def _float32(tree: Tree) -> Tree:
    return {name: jnp.asarray(value, jnp.float32) for name, value in tree.items()}

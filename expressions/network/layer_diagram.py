"""A drawing of a network: its layers from top to bottom, with shapes, parameters and joins."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.patches import FancyBboxPatch

from expressions.pipeline.figures import figure

_COLOURS = {
    "Conv2D": "#9ec5e8",
    "Dense": "#f2b880",
    "Add": "#b7dbb0",
    "InputLayer": "#e8e8e8",
}
_LINE, _JOIN = "#777777", "#5a9e50"
_ROW_INCHES = 0.21


def draw(model: Any, path: Path) -> None:
    """Draw a functional `keras.Model`; a bow on the left joins a layer to one further up."""
    layers = _in_branches(model)
    rows = {layer.name: place for place, layer in enumerate(layers)}
    with figure(path, 6.4, 0.5 + _ROW_INCHES * len(rows)) as axis:
        for layer, row in zip(layers, rows.values(), strict=True):
            _draw_layer(axis, layer, row)
            for source in _inputs(layer):
                _draw_join(axis, rows[source.name], row)
        axis.set(xlim=(-1.6, 9), ylim=(len(rows), -1.4), title=f"{model.name}, {_total(model)}")
        axis.axis("off")


def _in_branches(model: Any) -> list[Any]:
    """The layers from input to output, one branch after the other; Keras mixes them by depth."""
    ordered: dict[str, Any] = {}

    def visit(layer: Any) -> None:
        for source in _inputs(layer):
            if source.name not in ordered:
                visit(source)
        ordered[layer.name] = layer

    visit(model.layers[-1])
    return list(ordered.values())


def _draw_layer(axis: Any, layer: Any, row: int) -> None:
    kind = type(layer).__name__
    colour = _COLOURS.get(kind, "#f6f6f6")
    box = FancyBboxPatch((0, row - 0.38), 3.6, 0.76, boxstyle="round,pad=0.02", fc=colour, ec=_LINE)
    axis.add_patch(box)
    axis.text(0.12, row, f"{kind}{_detail(layer)}", va="center", fontsize=7)
    shape = " × ".join(str(size) for size in layer.output.shape[1:])
    axis.text(3.9, row, shape, va="center", fontsize=7)
    if layer.count_params():
        axis.text(7.6, row, f"{layer.count_params():,}", va="center", ha="right", fontsize=7)


def _detail(layer: Any) -> str:
    if not hasattr(layer, "kernel_size"):
        return ""
    size, stride = layer.kernel_size[0], layer.strides[0]
    return f" {size}×{size}" + (f", stride {stride}" if stride > 1 else "")


def _inputs(layer: Any) -> list[Any]:
    if type(layer).__name__ == "InputLayer":
        return []
    tensors = layer.input if isinstance(layer.input, list) else [layer.input]
    # Keras has no public way from a tensor to the layer that made it.
    return [tensor._keras_history.operation for tensor in tensors]  # noqa: SLF001


def _draw_join(axis: Any, source: int, row: int) -> None:
    if row == source + 1:
        axis.plot([1.8, 1.8], [source + 0.4, row - 0.4], color=_LINE, linewidth=0.8)
        return
    turn = np.linspace(-np.pi / 2, np.pi / 2, 40)
    middle, half = (source + row) / 2, (row - source) / 2
    depth = min(1.4, 0.25 + 0.08 * half)
    axis.plot(-depth * np.cos(turn) - 0.05, middle + half * np.sin(turn), color=_JOIN, lw=1)


def _total(model: Any) -> str:
    return f"{model.count_params():,} parameters"

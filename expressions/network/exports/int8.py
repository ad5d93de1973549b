"""TFLite with int8 inside: from a network and the ranges of its activations.

The ranges are all that is learnt from examples. Kept in a small table, they let anybody write the
same file again without a picture.

Up to the first convolution, and in it, numbers stay float32, here and in `int8_onnx`. What comes
before brings each face to one mean and spread, and of the 256 levels that hold the spreads of all
faces, one of little contrast would get the first few. The convolution itself is small: it takes no
more time so, and the answers differ half as much.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from expressions.errors import InputError
from expressions.network.exports.conversion import convert_tflite
from expressions.network.runtime import tf
from expressions.pipeline import paths
from expressions.pipeline.outputs import write_csv
from expressions.pipeline.runtimes.native_output import silent_output
from expressions.pipeline.system.error_messages import explain

Ranges = dict[str, tuple[float, float]]
"""Of each tensor that TFLite computes, by its name, the lowest and the highest value."""

EXAMPLES = 256
"""From so many validation faces the ranges are learnt."""

_COLUMNS = ("tensor", "low", "high")


def write_int8_export(model: Any, folder: Path, examples: NDArray[np.float32]) -> None:
    """Write `model.int8.tflite` and the ranges it is made with, learnt from `examples`."""
    ranges = activation_ranges(model, examples)
    write_ranges(folder / paths.INT8_RANGES, ranges)
    to_int8_tflite(model, folder / paths.INT8_TFLITE, ranges)


def activation_ranges(model: Any, examples: NDArray[np.float32]) -> Ranges:
    """How far the activations of `model` go on `examples`, `[n, 48, 48, 1]`, grey 0 to 255."""

    def samples() -> Iterator[list[NDArray[np.float32]]]:
        for example in examples:
            yield [example[None]]

    converter = _converter(model, samples)
    converter._experimental_calibrate_only = True  # noqa: SLF001 - as TensorFlow's own guide does
    with silent_output():
        calibrated = converter.convert()
    limits = {_name(tensor): tensor.quantization for tensor in _computed(_unpack(calibrated))}
    return {name: (float(q.min[0]), float(q.max[0])) for name, q in limits.items()}


def to_int8_tflite(model: Any, path: Path, ranges: Ranges) -> None:
    """Write `model` as TFLite with int8 weights and activations, float32 in and out.

    The bytes are those that TFLite's converter gives for the examples the ranges come from.

    Raises:
        InputError: the ranges are those of another network.
    """
    converter = _converter(model, tuple)

    def quantize(content: bytes, *_: Any) -> bytes:
        return _quantize(content, ranges)

    # In place of the step that would look at examples; all others stay the converter's own.
    converter._quantize = quantize  # noqa: SLF001
    convert_tflite(converter, path)


def write_ranges(path: Path, ranges: Ranges) -> None:
    """Write the ranges as CSV, in digits that bring each float32 back exactly."""
    rows = [(name, low, high) for name, (low, high) in ranges.items()]
    write_csv(path, pd.DataFrame(rows, columns=list(_COLUMNS)))


def read_ranges(path: Path) -> Ranges:
    """What `write_ranges` wrote.

    Raises:
        InputError: the file is missing or is no such table.
    """
    try:
        table = pd.read_csv(path, dtype={"low": float, "high": float})
    except OSError as error:
        raise InputError(explain(error, f"{path} cannot be read")) from None
    except ValueError as error:
        raise InputError(f"{path} cannot be read: {error}") from None
    values = table.reindex(columns=["low", "high"]).to_numpy()
    if tuple(table.columns) != _COLUMNS or not np.isfinite(values).all():
        raise InputError(
            f"{path} has the columns {', '.join(map(str, table.columns))}. Expected are "
            f"{', '.join(_COLUMNS)}, each row with two finite numbers, as the stage export writes."
        )
    names = [str(name) for name in table["tensor"]]
    return {
        name: (float(low), float(high)) for name, (low, high) in zip(names, values, strict=True)
    }


def _converter(model: Any, samples: Any) -> Any:
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = samples
    return converter


def _quantize(content: bytes, ranges: Ranges) -> bytes:
    # Here, since it loads TensorFlow, which `runtime` has to set up first.
    from tensorflow.lite.python.convert import mlir_quantize  # noqa: PLC0415
    from tensorflow.lite.python.schema_py_generated import (  # noqa: PLC0415
        QuantizationParametersT,
    )

    model = _unpack(content)
    computed = {_name(tensor): tensor for tensor in _computed(model)}
    if computed.keys() != ranges.keys():
        unlike = sorted(computed.keys() ^ ranges.keys())
        raise InputError(
            f"The ranges of the activations are those of another network: {unlike[0]} is in one of "
            "them alone. Take the table that was written beside this model."
        )
    for name, tensor in computed.items():
        tensor.quantization = tensor.quantization or QuantizationParametersT()
        tensor.quantization.min, tensor.quantization.max = ([value] for value in ranges[name])
    return bytes(mlir_quantize(_pack(model), denylisted_nodes=_first_layers(model)))


def _first_layers(model: Any) -> set[str]:
    """The names of what an unpacked TFLite file computes up to its first convolution."""
    from tensorflow.lite.python.schema_py_generated import BuiltinOperator  # noqa: PLC0415

    graph, codes = model.subgraphs[0], model.operatorCodes
    kinds = [codes[one.opcodeIndex].builtinCode for one in graph.operators]
    first = graph.operators[: kinds.index(BuiltinOperator.CONV_2D) + 1]
    return {graph.tensors[one.outputs[0]].name.decode() for one in first}


def _computed(model: Any) -> list[Any]:
    """The tensors of an unpacked TFLite file that hold neither constants nor sizes."""
    from tensorflow.lite.python.schema_py_generated import TensorType  # noqa: PLC0415 - see below

    return [
        tensor
        for tensor in model.subgraphs[0].tensors
        if tensor.type == TensorType.FLOAT32 and not _size(model.buffers[tensor.buffer].data)
    ]


def _size(data: Any) -> int:
    return 0 if data is None else len(data)


def _name(tensor: Any) -> str:
    # TFLite appends the names of all that it fused; the first one is enough to tell them apart.
    return str(tensor.name.decode().split(";", maxsplit=1)[0])


def _unpack(content: bytes) -> Any:
    from tensorflow.lite.tools import flatbuffer_utils  # noqa: PLC0415 - see above

    return flatbuffer_utils.convert_bytearray_to_object(bytearray(content))


def _pack(model: Any) -> bytes:
    from tensorflow.lite.tools import flatbuffer_utils  # noqa: PLC0415 - see above

    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))

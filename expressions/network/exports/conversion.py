"""A Keras model as ONNX and TFLite files that take raw grey values."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from expressions.faces.size import SIDE
from expressions.network import keras_file
from expressions.network.calibration import calibrate
from expressions.network.runtime import keras, tf
from expressions.pipeline import paths
from expressions.pipeline.outputs import whole_file
from expressions.pipeline.runtimes.native_output import silent_output

INPUT, OUTPUT = "faces", "probabilities"

# Smaller tensors are not worth a node that widens them.
_LEAST_HALVED = 64


def read_served(path: Path, temperature: float, low: float, high: float) -> Any:
    """The network of a `.keras` file as exports have it: calibrated, grey values 0 to 255 in.

    Args:
        path: the file, not calibrated.
        temperature: divides the logits.
        low: what the network was trained to take for black.
        high: what it was trained to take for white.

    Raises:
        InputError: the file is no such model.
    """
    # The converters put Keras' names into their files, which count what the process built before.
    keras.backend.clear_session()
    model = keras_file.load(path)
    calibrate(model, temperature)
    return with_preprocessing(model, low, high)


def with_preprocessing(model: Any, low: float, high: float) -> Any:
    """`model` behind the rescaling of grey values 0 to 255 to `low` to `high`."""
    faces = keras.Input((SIDE, SIDE, 1), name=INPUT)
    scaled = keras.layers.Rescaling((high - low) / 255, low)(faces)
    served = keras.Model(faces, model(scaled), name=model.name)
    # Keras does not export to ONNX what was never called.
    served(np.zeros((1, SIDE, SIDE, 1), np.float32))
    return served


def write_float_exports(model: Any, folder: Path) -> None:
    """Write `model.onnx` and `model.tflite`."""
    to_onnx(model, folder / paths.ONNX)
    to_tflite(model, folder / paths.TFLITE)


def to_onnx(model: Any, path: Path) -> None:
    """Write `model` as ONNX, weights in float16 wherever that loses nothing."""
    # Keras exports through it. Here, since it loads TensorFlow, which `runtime` has to do first.
    import tf2onnx  # noqa: F401, PLC0415

    with TemporaryDirectory() as folder, silent_output():
        plain = Path(folder) / paths.ONNX
        model.export(plain, format="onnx", verbose=False)
        graph = onnx.load(plain)
    _rename(graph.graph)
    _halve_weights(graph.graph)
    onnx.checker.check_model(graph, full_check=True)
    with whole_file(path) as partial:
        partial.write_bytes(graph.SerializeToString(deterministic=True))


def to_tflite(model: Any, path: Path) -> None:
    """Write `model` as TFLite, weights in float16 if that loses nothing."""
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if all(_fits_half(weights) for weights in model.get_weights()):
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    convert_tflite(converter, path)


def convert_tflite(converter: Any, path: Path) -> None:
    """Write what a `tf.lite.TFLiteConverter` makes."""
    with silent_output():
        content = converter.convert()
    with whole_file(path) as partial:
        partial.write_bytes(content)


def _rename(graph: Any) -> None:
    """Name input and output as contracted, and all between by kind and place.

    The converter's own names count everything that its process converted before.
    """
    names = {graph.input[0].name: INPUT, graph.output[0].name: OUTPUT, "": ""}
    weights = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        for name in node.input:
            if name in weights and name not in names:
                names[name] = f"weights_{len(names)}"
        for name in node.output:
            names.setdefault(name, f"{node.op_type.lower()}_{len(names)}")
    used = [weights[name] for name in names if name in weights]
    for place, node in enumerate(graph.node):
        node.name = f"{node.op_type}_{place}"
        node.input[:] = [names[name] for name in node.input]
        node.output[:] = [names[name] for name in node.output]
    for tensor in [*graph.input, *graph.output, *used]:
        tensor.name = names[tensor.name]
    for end in (graph.input[0], graph.output[0]):
        end.type.tensor_type.shape.dim[0].dim_param = "n"
    _replace(graph.initializer, used)
    del graph.value_info[:]
    graph.doc_string = ""


def _replace(field: Any, items: list[Any]) -> None:
    copies = [type(item).FromString(item.SerializeToString()) for item in items]
    del field[:]
    field.extend(copies)


def _halve_weights(graph: Any) -> None:
    """Store float32 weights as float16 behind a cast, which a runtime folds away as it loads."""
    casts = []
    for weights in graph.initializer:
        values = numpy_helper.to_array(weights)
        if values.dtype != np.float32 or values.size < _LEAST_HALVED or not _fits_half(values):
            continue
        name = weights.name
        weights.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        to = onnx.TensorProto.FLOAT
        casts.append(onnx.helper.make_node("Cast", [weights.name], [name], to=to))
    _replace(graph.node, [*casts, *graph.node])


def _fits_half(values: NDArray[np.float32]) -> bool:
    return np.array_equal(values.astype(np.float16).astype(np.float32), values)

"""A network out of a file, whoever trained it: ONNX, TFLite or Keras behind one function."""

import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from expressions.errors import InputError
from expressions.pipeline.runtimes.native_output import silent_output
from expressions.pipeline.runtimes.network_run import run_network

SUFFIXES = (".onnx", ".tflite", ".keras", ".h5")

Run = Callable[[NDArray[Any]], NDArray[np.float32]]

_BATCH = 64
_LONGEST_SIDE = 2048
_LONGEST_REASON = 300
_THREADS = 2
_CHANNELS = (1, 3)
_DTYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(uint8)": np.uint8}


class InputShape(NamedTuple):
    """What a network reads, as pictures of one size."""

    height: int
    width: int
    channels: int
    """1, grey, or 3, colour."""
    channels_first: bool
    """`[n, channels, height, width]` in place of `[n, height, width, channels]`."""


class NetworkFile:
    """A network that takes a batch of pictures and gives a number for each of its classes.

    Raises:
        InputError: it reads something else than pictures, or does not answer.
    """

    def __init__(self, path: Path, shape: tuple[Any, ...], dtype: Any, run: Run) -> None:
        self.input = _read_shape(path, shape)
        self._path = path
        self._dtype = dtype
        self._run = run
        # Some networks take a fixed number of pictures.
        self._batch = shape[0] if isinstance(shape[0], int) and shape[0] > 0 else None
        size = (1, self.input.height, self.input.width, self.input.channels)
        self.outputs = self.answer(np.zeros(size, np.float32)).shape[1]
        """How many numbers it gives for each picture."""

    def answer(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what the network says of each picture, float32 `[n, classes]`.

        Args:
            pictures: `[n, height, width, channels]`, in the range of values that it was trained on.

        Raises:
            InputError: it fails, takes too long, or gives something else than numbers.
        """
        if self.input.channels_first:
            pictures = np.ascontiguousarray(pictures.transpose(0, 3, 1, 2))
        size = self._batch or _BATCH
        starts = range(0, len(pictures), size)
        return np.concatenate([self._answer(pictures[start : start + size]) for start in starts])

    def _answer(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        count = len(pictures)
        if self._batch and count < self._batch:
            filling = np.zeros((self._batch - count, *pictures.shape[1:]), np.float32)
            pictures = np.concatenate([pictures, filling])
        if self._dtype == np.uint8:
            pictures = np.rint(pictures)
        try:
            answers = np.asarray(self._run(pictures.astype(self._dtype, copy=False)), np.float32)
            rows = answers.reshape(len(pictures), -1)[:count]
        except Exception as error:  # noqa: BLE001 - the runtimes' errors have no common class
            reason = " ".join(str(error).split())[:_LONGEST_REASON]
            raise InputError(
                f"{self._path} does not answer for {len(pictures)} pictures: {reason}"
            ) from None
        if not np.isfinite(rows).all():
            raise InputError(f"{self._path} gives values that are infinite or no numbers.")
        return rows


def open_network(path: Path) -> NetworkFile:
    """Open an ONNX, TFLite or Keras file.

    Raises:
        InputError: there is no such file, it is damaged, or it does not read pictures.
    """
    if not path.is_file():
        raise InputError(f"{path} is missing.")
    openers = {".onnx": _open_onnx, ".tflite": _open_tflite, ".keras": _open_keras}
    opener = openers.get(path.suffix.lower(), _open_keras)
    try:
        shape, dtype, run = opener(path)
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - the runtimes' errors have no common class
        reason = " ".join(str(error).split())[:_LONGEST_REASON]
        raise InputError(f"{path} cannot be read as a network: {reason}") from None
    return NetworkFile(path, shape, dtype, run)


def answers(path: Path, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what the network in a file says of pictures `[n, height, width, channels]`."""
    return open_network(path).answer(pictures)


def _read_shape(path: Path, shape: tuple[Any, ...]) -> InputShape:
    sides = [side if isinstance(side, int) and side > 0 else 0 for side in shape[1:]]
    if max(sides, default=0) > _LONGEST_SIDE:
        raise InputError(
            f"{path} takes pictures of the shape {list(shape)}, larger than {_LONGEST_SIDE} pixels."
        )
    if len(sides) == 3 and sides[2] in _CHANNELS and all(sides):
        return InputShape(sides[0], sides[1], sides[2], channels_first=False)
    if len(sides) == 3 and sides[0] in _CHANNELS and all(sides):
        return InputShape(sides[1], sides[2], sides[0], channels_first=True)
    raise InputError(
        f"{path} takes an input of the shape {list(shape)}, expected pictures of a fixed size, "
        "[n, height, width, channels] or [n, channels, height, width] with 1 or 3 channels."
    )


def _open_onnx(path: Path) -> tuple[tuple[Any, ...], Any, Run]:
    import onnxruntime  # noqa: PLC0415 - each runtime only where its files are read

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _THREADS
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    taken = session.get_inputs()
    _check_counts(path, len(taken), len(session.get_outputs()))
    dtype = _DTYPES.get(taken[0].type)
    if dtype is None:
        raise InputError(f"{path} takes a {taken[0].type}, expected one of {', '.join(_DTYPES)}.")
    name = taken[0].name
    return tuple(taken[0].shape), dtype, lambda pictures: run_network(session, {name: pictures})


def _open_tflite(path: Path) -> tuple[tuple[Any, ...], Any, Run]:
    from expressions.network.runtime import tf  # noqa: PLC0415

    with warnings.catch_warnings():
        # It tells to use a package of its own, which nothing else here needs.
        warnings.simplefilter("ignore", UserWarning)
        interpreter = tf.lite.Interpreter(str(path), num_threads=_THREADS)
    with silent_output():
        interpreter.allocate_tensors()
    all_taken, all_given = interpreter.get_input_details(), interpreter.get_output_details()
    _check_counts(path, len(all_taken), len(all_given))
    taken, given = all_taken[0], all_given[0]

    def run(pictures: NDArray[Any]) -> NDArray[np.float32]:
        if tuple(interpreter.get_input_details()[0]["shape"]) != pictures.shape:
            interpreter.resize_tensor_input(taken["index"], pictures.shape)
            interpreter.allocate_tensors()
        interpreter.set_tensor(taken["index"], pictures)
        interpreter.invoke()
        return _dequantized(interpreter.get_tensor(given["index"]), given["quantization"])

    # Its shape names one picture also where it takes any number.
    return (None, *map(int, taken["shape"][1:])), taken["dtype"], run


def _check_counts(path: Path, inputs: int, outputs: int) -> None:
    if (inputs, outputs) != (1, 1):
        raise InputError(
            f"{path} takes {inputs} inputs and gives {outputs} outputs, expected one, the picture, "
            "and one, a number for each class."
        )


def _dequantized(values: NDArray[Any], quantization: tuple[float, int]) -> NDArray[np.float32]:
    scale, zero = quantization
    if not scale:
        return np.asarray(values, np.float32)
    return ((values.astype(np.float32) - zero) * scale).astype(np.float32)


def _open_keras(path: Path) -> tuple[tuple[Any, ...], Any, Run]:
    from expressions.network.keras_file import check_size  # noqa: PLC0415
    from expressions.network.runtime import keras  # noqa: PLC0415

    if zipfile.is_zipfile(path):
        check_size(path)
    model = keras.models.load_model(path, compile=False)
    _check_counts(path, len(model.inputs), len(model.outputs))
    return tuple(model.input_shape), np.float32, model.predict_on_batch

"""Keras model files: written with the same bytes for the same model, read through one door."""

import json
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from expressions.errors import InputError
from expressions.faces.size import SIDE
from expressions.network.runtime import keras
from expressions.pipeline.outputs import whole_file

# The earliest time a zip entry can state.
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
_LONGEST_REASON = 300
_MOST_BYTES = 2**30

_NEWER_KEYS = {
    "input_axes": None,
    "output_axes": None,
    "quantization_config": None,
    "renorm": False,
    "renorm_clipping": None,
    "renorm_momentum": 0.99,
}
"""What Keras 3.15 writes of layers and Keras 3.10 does not know, with the defaults."""


def save(model: Any, path: Path) -> None:
    """Write a `keras.Model` as `.keras`, without the date and the addresses Keras notes in it.

    Keras 3.10 to 3.15 read it, whichever of them wrote it.
    """
    with TemporaryDirectory() as folder, whole_file(path) as partial:
        dated = Path(folder) / "model.keras"
        model.save(dated)
        with zipfile.ZipFile(dated) as source, zipfile.ZipFile(partial, "w") as sink:
            for name in sorted(source.namelist()):
                entry = zipfile.ZipInfo(name, _FIXED_TIME)
                entry.create_system = 3  # Unix, on whatever system this runs
                # Weights in half precision shrink to less than half. Of bzip2 there is one
                # implementation and so one output; of deflate there are several.
                entry.compress_type = zipfile.ZIP_BZIP2
                sink.writestr(entry, _canonical(name, source.read(name)))


def load(path: Path) -> Any:
    """The `keras.Model` of a `.keras` file: faces `[n, 48, 48, 1]` in, `[n, classes]` out.

    Keras refuses what would run code of the file's own (its safe mode).

    Raises:
        InputError: the file is missing, damaged, too large or no model file, is a model of other
            inputs or outputs, or holds weights that are no numbers.
    """
    if not path.is_file():
        raise InputError(f"{path} is missing, or no file.")
    try:
        check_size(path)
        model = keras.models.load_model(path, compile=False)
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - Keras, HDF5, zip and JSON errors have no common class
        reason = " ".join(str(error).split())
        raise InputError(
            f"{path} cannot be read as a Keras model (.keras): {reason[:_LONGEST_REASON]} Take a "
            "file that this project or Keras 3 wrote."
        ) from None
    _check_shapes(model, path)
    if not all(np.isfinite(weights).all() for weights in model.get_weights()):
        raise InputError(f"{path} holds weights that are infinite or no numbers. Train it anew.")
    return model


def check_classes(model: Any, path: Path, classes: int) -> None:
    """Prove that the model of a file is for so many classes.

    Raises:
        InputError: it is for others.
    """
    if model.output_shape[-1] != classes:
        raise InputError(
            f"{path} is for {model.output_shape[-1]} classes, but params.yaml asks for {classes} "
            "(labels.classes). Run `dvc repro`, which trains one for these."
        )


def check_size(path: Path) -> None:
    """Refuse a `.keras` file that unpacks to more than a network has, before it is unpacked.

    Raises:
        InputError: it does.
    """
    with zipfile.ZipFile(path) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    if size > _MOST_BYTES:
        raise InputError(
            f"{path} unpacks to {size:,} bytes. The limit is {_MOST_BYTES:,}: no network of this "
            "project comes near it."
        )


def _check_shapes(model: Any, path: Path) -> None:
    expected = (None, SIDE, SIDE, 1)
    inputs, outputs = getattr(model, "inputs", None) or [], getattr(model, "outputs", None) or []
    shapes = [tuple(tensor.shape) for tensor in (*inputs, *outputs)]
    if len(inputs) == len(outputs) == 1 and shapes[0] == expected and len(shapes[1]) == 2:
        return
    raise InputError(
        f"{path} is a model of {len(inputs)} inputs and {len(outputs)} outputs, of shapes "
        f"{', '.join(map(str, shapes))}. Expected is one input {expected}, the faces, and one "
        "output (None, classes), the probabilities."
    )


def _canonical(name: str, content: bytes) -> bytes:
    if not name.endswith(".json"):
        return content
    description = json.loads(content)
    description.pop("date_saved", None)
    _leave_out_newer_keys(description)
    _number_shared_objects(description, {})
    return json.dumps(description, sort_keys=True).encode()


def _leave_out_newer_keys(node: Any) -> None:
    """Remove what earlier versions of Keras refuse, where it says what they do anyway."""
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for value in inner:
        _leave_out_newer_keys(value)
    if isinstance(node, dict):
        for key, default in _NEWER_KEYS.items():
            if key in node and node[key] == default:
                del node[key]


def _number_shared_objects(node: Any, numbers: dict[int, int]) -> None:
    """Replace memory addresses, which tell objects apart, by numbers in order of appearance."""
    if isinstance(node, dict):
        if node.get("shared_object_id") is not None:
            node["shared_object_id"] = numbers.setdefault(node["shared_object_id"], len(numbers))
        for inner in node.values():
            _number_shared_objects(inner, numbers)
    elif isinstance(node, list):
        for inner in node:
            _number_shared_objects(inner, numbers)

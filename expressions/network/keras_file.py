"""Keras model files with the same bytes for the same model, loadable by plain Keras."""

import json
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from expressions.pipeline.outputs import whole_file

# The earliest time a zip entry can state.
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)


def save(model: Any, path: Path) -> None:
    """Write a `keras.Model` as `.keras`, without the date and the addresses Keras notes in it."""
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


def _canonical(name: str, content: bytes) -> bytes:
    if not name.endswith(".json"):
        return content
    description = json.loads(content)
    description.pop("date_saved", None)
    _number_shared_objects(description, {})
    return json.dumps(description, sort_keys=True).encode()


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

"""Faces a second of the exports, beside the shape of the best published small network.

That is vicksam/fer-model's: eight separable 3×3 convolutions of 48-48-48-48-96-96-96-96 channels,
pooled after each pair. Its speed does not depend on its weights, so they are random here. Both
networks run in the same runtimes, on two threads, in turns.

Prints one line: the ratio of the fastest export to the fastest float file of that network, in
batches of 64, and the rates behind it.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from expressions.commands.export import export
from expressions.network.exports import conversion
from expressions.network.exports.network_file import open_network
from expressions.network.runtime import keras
from expressions.pipeline import paths

BATCHES = (64, 1)
ROUNDS = 5
SECONDS = 0.5


def main() -> None:
    """Measure `models/reference/`, or the folder in the first argument."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else _default())
    if (folder / paths.INT8_RANGES).exists() and not (folder / paths.INT8_TFLITE).exists():
        export(folder)
    files = sorted([*folder.glob("*.onnx"), *folder.glob("*.tflite")])
    with TemporaryDirectory() as other:
        peers = export_separable(Path(other))
        rates = measure([*files, *peers])
    ours = max(files, key=lambda path: rates[path][64])
    theirs = max(peers, key=lambda path: rates[path][64])
    shown = ", ".join(
        f"{path.name if path in files else f'separable {path.name}'} {rate[64]:.0f}/s "
        f"(one by one {rate[1]:.0f}/s)"
        for path, rate in rates.items()
    )
    print(f"inference: ratio {rates[ours][64] / rates[theirs][64]:.2f} {folder}: {shown}")


def _default() -> str:
    return "models/reference" if Path("models/reference").exists() else "models/export"


def export_separable(folder: Path) -> list[Path]:
    """The network to compare with, as float ONNX and TFLite."""
    layers = keras.layers
    faces = keras.Input((48, 48, 1))
    x = faces
    for place, width in enumerate((48, 48, 48, 48, 96, 96, 96, 96)):
        x = layers.SeparableConv2D(width, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.LeakyReLU()(x)
        if place % 2:
            x = layers.MaxPooling2D()(x)
    x = layers.GlobalAveragePooling2D()(x)
    network = keras.Model(faces, layers.Dense(8, activation="softmax")(x))
    served = conversion.with_preprocessing(network, -1.0, 1.0)
    conversion.to_onnx(served, folder / "model.onnx")
    conversion.to_tflite(served, folder / "model.tflite")
    return [folder / "model.onnx", folder / "model.tflite"]


def measure(paths: list[Path]) -> dict[Path, dict[int, float]]:
    """Faces a second of each file by batch size: the best of several turns."""
    faces = np.random.default_rng(0).integers(0, 256, (64, 48, 48, 1)).astype(np.float32)
    opened = {path: open_network(path).answer for path in paths}
    rates = {path: dict.fromkeys(BATCHES, 0.0) for path in paths}
    for batch in BATCHES:
        for _ in range(ROUNDS):
            for path, answer in opened.items():
                rates[path][batch] = max(rates[path][batch], _rate(answer, faces[:batch]))
    return rates


def _rate(answer: Callable[[np.ndarray], np.ndarray], faces: np.ndarray) -> float:
    answer(faces)
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < SECONDS:
        answer(faces)
        count += len(faces)
    return count / (time.perf_counter() - start)


if __name__ == "__main__":
    main()

"""Exports held against the model they were made from: do they give its answers?"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from expressions.errors import InputError
from expressions.network.exports.network_file import answers
from expressions.pipeline import paths
from expressions.pipeline.parameters import Section

Probabilities = NDArray[np.float32]
"""`[n, classes]`."""

_BATCH = 256

# Pictures that rounding moves to and fro: of a test split of 250, one is 0.4 % already.
_BY_CHANCE = 3


class Export(Section):
    """The `export` section of the parameters."""

    framed_as: str
    """The data set whose `crop` parameters say how a user's photographs are to be cut out."""
    int8: bool
    """Also write the exports with int8 inside: half the size of the others, and faster."""
    same_class: float = Field(ge=0, le=1, description="least share of test pictures, float exports")
    difference: float = Field(ge=0, description="largest one of a probability, float exports")
    int8_loss: float = Field(ge=0, description="most accuracy that int8 may lose on the test split")


def check_exports(
    model: Any, folder: Path, faces: NDArray[np.float32], labels: NDArray[np.int64], limits: Export
) -> None:
    """Prove that the exports in `folder` answer as `model`, which they were made from, does.

    Args:
        model: a `keras.Model` that takes grey values.
        folder: holds the float exports and, if there is one, int8's.
        faces: the test split, `[n, 48, 48, 1]`, grey 0 to 255.
        labels: its true classes, `[n]`.
        limits: how far an export may be off.

    Raises:
        InputError: an export is further off.
    """
    expected = model.predict(faces, batch_size=_BATCH, verbose=0)
    for file in (paths.ONNX, paths.TFLITE):
        check_float(answers(folder / file, faces), expected, limits, file)
    for file in (paths.INT8_ONNX, paths.INT8_TFLITE):
        if (folder / file).exists():
            check_int8(answers(folder / file, faces), expected, labels, limits, file)


def check_float(found: Probabilities, expected: Probabilities, limits: Export, file: str) -> None:
    """Prove that an export answers as the model does.

    Raises:
        InputError: fewer pictures than allowed get the same class, or a probability is too far off.
    """
    same = float((found.argmax(axis=1) == expected.argmax(axis=1)).mean())
    # A comparison with NaN is false, so it asks what is right, not what is wrong.
    difference = float(np.abs(found - expected).max())
    print(f"{file}: same class on {same:.2%}, largest difference {difference:.1e}")
    if not (same >= limits.same_class and difference <= limits.difference):
        raise InputError(
            f"models/export/{file} gives other answers than the model: same class on {same:.4%} of "
            f"the test split (at least {limits.same_class:.2%} expected), largest difference of a "
            f"probability {difference:.1e} (at most {limits.difference:.0e} expected). "
            "Look at what the converter did with a layer that was new in "
            "expressions/network/architectures.py."
        )


def check_int8(
    found: Probabilities,
    expected: Probabilities,
    labels: NDArray[np.int64],
    limits: Export,
    file: str,
) -> None:
    """Prove that an int8 export is hardly less accurate than the model.

    Args:
        found: what it says of the test split.
        expected: what the model says.
        labels: the true classes, `[n]`.
        limits: how much it may lose.
        file: its name.

    Raises:
        InputError: it gets more test pictures wrong than allowed, and more than three.
    """
    right, before = (int((a.argmax(axis=1) == labels).sum()) for a in (found, expected))
    loss = (before - right) / len(labels)
    print(f"{file}: accuracy {right / len(labels):.4f}, model {before / len(labels):.4f}")
    if loss > limits.int8_loss and before - right > _BY_CHANCE:
        raise InputError(
            f"models/export/{file} loses {loss:.2%} of accuracy on the test split (at "
            f"most {limits.int8_loss:.2%} allowed by export.int8_loss). Set export.int8 to false, "
            "or train longer."
        )

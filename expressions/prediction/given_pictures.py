"""What a program gives as pictures: arrays and paths, one or many, checked before they are used."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from expressions.errors import InputError
from expressions.faces.size import SIDE
from expressions.pictures.decoding import PictureError, read_picture
from expressions.pictures.files import Picture

PictureLike = NDArray[np.uint8] | Path | str
"""A picture as an array, uint8 `[height, width]` grey or `[height, width, 3]` BGR, or its file."""

_WANTED = (
    "Wanted: an array as cv2.imread gives it, uint8 from 0 to 255, [height, width] grey or "
    "[height, width, 3] BGR; or the path of a picture file"
)
_CHANNELS = (1, 2, 3, 4)


def is_one_picture(given: Any) -> bool:
    """Return whether this is one picture, or a path of one, and not several."""
    if isinstance(given, np.ndarray):
        return given.ndim < 3 or (given.ndim == 3 and given.shape[2] in _CHANNELS)
    return given is None or isinstance(given, str | Path) or not isinstance(given, Iterable)


def checked_picture(given: Any, name: str = "the picture") -> Picture:
    """Return a picture that a program gave, read from its file where it gave a path.

    Args:
        given: the array or path.
        name: what to call it in a message, such as `pictures[3]`.

    Raises:
        InputError: it is none that can be understood; what it is and what is wanted.
    """
    if isinstance(given, str | Path):
        try:
            return read_picture(Path(given))[0]
        except PictureError as error:
            raise InputError(f"{given}: {error}.") from None
    if not isinstance(given, np.ndarray):
        raise InputError(f"{name} is {_described(given)}. {_WANTED}.")
    if given.dtype != np.uint8 or given.ndim not in (2, 3) or given.size == 0:
        raise InputError(f"{name} is {_described(given)}. {_WANTED}.{_advice(given)}")
    if given.ndim == 3 and given.shape[2] == 1:
        given = given[..., 0]
    if given.ndim == 3 and given.shape[2] != 3:
        raise InputError(f"{name} is {_described(given)}. {_WANTED}.{_advice(given)}")
    return np.ascontiguousarray(given)


def checked_faces(given: Any) -> NDArray[np.uint8]:
    """Return faces that are cut out already as one array, uint8 `[n, 48, 48]`.

    Raises:
        InputError: one of them is something else.
    """
    faces = [np.empty((0, SIDE, SIDE), np.uint8)]
    for index, face in enumerate(given):
        if not isinstance(face, np.ndarray) or face.dtype != np.uint8 or face.shape != (SIDE, SIDE):
            raise InputError(
                f"faces[{index}] is {_described(face)}. Wanted: an array, uint8 from 0 to 255, "
                f"[{SIDE}, {SIDE}] grey. `recognize` finds faces in whole pictures."
            )
        faces.append(face[None])
    return np.concatenate(faces)


def _described(given: Any) -> str:
    if given is None:
        return "None, which cv2.imread gives for a file that it cannot read"
    if not isinstance(given, np.ndarray):
        kind = type(given)
        return f"a {kind.__module__}.{kind.__qualname__}".replace("a builtins.", "a ")
    shape = ", ".join(map(str, given.shape))
    described = f"an array, {given.dtype} [{shape}]"
    if given.size and given.dtype.kind in "biuf":
        described += f" from {given.min():.6g} to {given.max():.6g}"
    return described


def _advice(given: NDArray[Any]) -> str:
    if given.ndim == 3 and given.shape[2] == 4:
        return " Without transparency: cv2.cvtColor(picture, cv2.COLOR_BGRA2BGR)."
    if given.size == 0 or given.dtype.kind not in "uf":
        return ""
    if given.dtype.kind == "f" and given.min() >= 0 and given.max() <= 1:
        return " As values from 0 to 255: (255 * picture).round().astype(numpy.uint8)."
    if given.dtype == np.uint16:
        return " As eight bits: (picture >> 8).astype(numpy.uint8), if all sixteen are used."
    return ""

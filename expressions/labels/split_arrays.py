"""The one door to `data/arrays/`: a split's faces and its table, held against each other."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from expressions.errors import InputError
from expressions.pipeline import paths
from expressions.pipeline.inputs import read_csv, unlike_written

FACE = (48, 48, 1)
"""Height, width and channels."""

# Faces that are looked at at once for values that are no numbers.
_BLOCK = 2048


class SplitArrays(NamedTuple):
    """One split of `data/arrays/`."""

    table: pd.DataFrame
    """`image_id, label, majority` and a target a class, in the order of the faces."""
    faces: NDArray[np.float32]
    """`[n, 48, 48, 1]`, rescaled; they stay on disk and are read where they are used."""


def read_split(split: str) -> SplitArrays:
    """Read one split of `data/arrays/`.

    Raises:
        InputError: a file is missing or damaged, holds no faces, or something else than finite
            faces and one row for each of them.
    """
    table = read_csv(paths.array_table(split), ["image_id"], {"image_id": "str", "label": "str"})
    faces = read_faces(split)
    if len(table) != len(faces):
        raise unlike_written(
            paths.array_table(split), f"has {len(table)} rows for the {len(faces)} faces beside it"
        )
    return SplitArrays(table, faces)


def read_targets(split: str, names: tuple[str, ...]) -> NDArray[np.float64] | None:
    """Read the targets of one split of `data/arrays/`, `[n, classes]`; None if there is no picture.

    Raises:
        InputError: the table is missing or damaged, is for other classes, or holds no shares.
    """
    path = paths.array_table(split)
    targets = read_csv(path, names, dict.fromkeys(names, "float64"))[list(names)].to_numpy()
    # A comparison with NaN is false.
    if not ((targets >= 0) & (targets <= 1)).all():
        raise unlike_written(path, "holds targets that are no shares from 0 to 1")
    return targets if len(targets) else None


def read_faces(split: str) -> NDArray[np.float32]:
    """Read the faces of one split of `data/arrays/`, as `SplitArrays` has them.

    Raises:
        InputError: the file is missing or damaged, holds no faces, or something else than finite
            ones.
    """
    path = paths.array(split)
    faces = _map_array(path)
    if not isinstance(faces, np.ndarray):
        raise unlike_written(path, "is an archive of several arrays")
    if faces.dtype != np.float32 or faces.shape[1:] != FACE:
        raise unlike_written(
            path, f"is {faces.dtype} {list(faces.shape)}, not float32 [n, 48, 48, 1]"
        )
    if len(faces) == 0:
        raise InputError(f"{path} holds no faces: the split {split} has no pictures.")
    for start in range(0, len(faces), _BLOCK):
        if not np.isfinite(faces[start : start + _BLOCK]).all():
            raise unlike_written(path, f"holds values that are no numbers, from face {start} on")
    return faces


def _map_array(path: Path) -> Any:
    try:
        # Nothing is unpickled, and a header that claims more than the file holds is refused.
        return np.load(path, mmap_mode="r")
    except FileNotFoundError:
        raise unlike_written(path, "is missing") from None
    except Exception as error:  # noqa: BLE001 - NumPy reads the header with Python's own parser
        raise unlike_written(path, f"cannot be read: {error}") from None

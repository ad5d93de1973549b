"""The faces that are measured, as `data/arrays/` has them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from expressions.labels import splits
from expressions.labels.split_arrays import SplitArrays, read_split
from expressions.pipeline import paths
from expressions.pipeline.inputs import unlike_written


def read_evaluation_splits() -> dict[str, SplitArrays]:
    """Return every split but training by its name: validation, test, then the others.

    Raises:
        InputError: validation or test is missing, or of another split one of its two files.
    """
    files = {path.stem for end in ("npy", "csv") for path in paths.ARRAYS.glob(f"*.{end}")}
    others = {path.stem for path in (paths.TWINS, paths.REJECTED_BY_ARRAYS)}
    found = splits.in_order(files - others | set(splits.SPLITS))
    return {split: read_split(split) for split in found if split != splits.TRAINING}


def check_same_pictures(predictions: pd.DataFrame, arrays: Mapping[str, SplitArrays]) -> None:
    """Prove that `data/predictions.csv` is of the faces of `data/arrays/`, in their order.

    Raises:
        InputError: it is of others.
    """
    expected = [(split, its.table["image_id"].tolist()) for split, its in arrays.items()]
    rows = predictions.groupby("split", sort=False)["image_id"]
    if [(split, ids.tolist()) for split, ids in rows] != expected:
        raise unlike_written(paths.PREDICTIONS, f"is of other pictures than {paths.ARRAYS}")


def number_rows(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return `data/predictions.csv` with each picture's place in its split's arrays as `row`."""
    return predictions.assign(row=predictions.groupby("split").cumcount())


def pick_faces(rows: pd.DataFrame, arrays: Mapping[str, SplitArrays]) -> NDArray[np.float32]:
    """Return the faces, float32 `[n, 48, 48]`, of `rows` with the columns `split` and `row`."""
    size = next(iter(arrays.values())).faces.shape[1:3]
    places = zip(rows["split"], rows["row"], strict=True)
    picked = [arrays[split].faces[row, :, :, 0] for split, row in places]
    return np.array(picked, dtype=np.float32).reshape(-1, *size)

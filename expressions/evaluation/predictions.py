"""What a trained network says of the faces in the arrays."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from expressions.evaluation.arrays import number_rows
from expressions.labels.split_arrays import SplitArrays
from expressions.labels.tables import class_numbers
from expressions.pipeline import paths
from expressions.pipeline.inputs import read_csv, unlike_written

_BATCH = 256


def predict_views(model: Any, faces: NDArray[np.float32], flip: bool) -> NDArray[np.float32]:
    """Return the probabilities `[views, n, classes]` of a `keras.Model`.

    The views are the rescaled faces, `[n, 48, 48, 1]`, as they are and, with `flip`, mirrored.
    """
    views = [faces, faces[:, :, ::-1]] if flip else [faces]
    return np.stack([model.predict(view, batch_size=_BATCH, verbose=0) for view in views])


def predict_majority(
    model: Any, arrays: SplitArrays, names: tuple[str, ...], flip: bool
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return views `[views, n, classes]` and labels `[n]`: what the temperature is fitted on.

    They are of the pictures that have an official majority. Of the others not even the label is
    sure, and with them a model is not sure enough where people agree. The views are those that are
    averaged, since an average is less sure than each view. In four parts of validation, each held
    out in turn, an eight-class model's expected calibration error was 0.014 so; it was 0.041 when
    fitted on all faces as they are.

    Args:
        model: a `keras.Model` that is not calibrated.
        arrays: the validation split.
        names: the model's classes.
        flip: whether mirrored faces are averaged in.
    """
    agreed = np.flatnonzero(arrays.table["majority"])
    views = predict_views(model, arrays.faces[agreed], flip).astype(np.float64)
    return views, class_numbers(arrays.table["label"].iloc[agreed], names)


def read_predictions(names: tuple[str, ...]) -> pd.DataFrame:
    """Read what `predict_splits` made, without `row`, from `data/predictions.csv`.

    Raises:
        InputError: the table is missing or damaged, is for other classes than `names`, or is empty.
    """
    types = {"image_id": "str", "split": "str", "label": "str"} | dict.fromkeys(names, "float64")
    table = read_csv(paths.PREDICTIONS, types, types)
    if (
        table.empty
        or table[list(types)].isna().any(axis=None)
        or not table["label"].isin(names).all()
    ):
        raise unlike_written(paths.PREDICTIONS, f"holds no rows for {', '.join(names)} alone")
    return table


def predict_splits(
    model: Any, arrays: Mapping[str, SplitArrays], names: tuple[str, ...], flip: bool
) -> pd.DataFrame:
    """Return `image_id, split, label, majority`, a probability for each name, and `row`.

    `row` is a picture's place in the arrays of its split; with `flip` the probabilities are the
    mean over a face and its mirror image.
    """
    parts = []
    for split, (table, faces) in arrays.items():
        part = table[["image_id", "label", "majority"]].copy()
        part.insert(1, "split", split)
        part[list(names)] = predict_views(model, faces, flip).mean(axis=0)
        parts.append(part)
    return number_rows(pd.concat(parts, ignore_index=True))

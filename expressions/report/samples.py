"""What the steps of the pipeline make of single pictures, to be looked at."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from expressions.faces.marks import with_marks
from expressions.faces.preprocessing import grey_face
from expressions.faces.tables import face_of_row
from expressions.pictures.files import Picture
from expressions.pictures.shards import decoded_pictures


class Sample(NamedTuple):
    """One picture through the steps."""

    image_id: str
    label: str
    rendered: Picture
    """Of `data/images/`, with the box and the landmarks that were found."""
    face: Picture | None
    """Of `data/faces/`; None where the picture was dropped."""
    array: Picture | None
    """Grey `[48, 48]`, as the network reads it but not rescaled."""


def samples(data: Path, dataset: str, labels: Mapping[str, str]) -> list[Sample]:
    """The pictures of one data set with the ids and labels of `labels`, through its steps."""
    images, faces = data / "images" / dataset, data / "faces" / dataset
    table = pd.read_csv(faces.with_suffix(".csv")).set_index("image_id")
    rendered, cut = decoded_pictures(images, labels), decoded_pictures(faces, labels)
    found = []
    for image_id, label in labels.items():
        if image_id not in rendered:
            continue
        face = cut.get(image_id)
        array = None if face is None else grey_face(face)
        drawn = with_landmarks(rendered[image_id], table.loc[image_id].to_dict())
        found.append(Sample(image_id, label, drawn, face, array))
    return found


def one_of_each(rows: pd.DataFrame, column: str) -> dict[str, str]:
    """The id of the first row of each value of `column`, with that value."""
    first = rows.drop_duplicates(column)
    return dict(zip(first["image_id"], first[column], strict=True))


def with_landmarks(picture: Picture, row: Mapping[Any, Any]) -> Picture:
    """Return a copy of `picture` with what `row`, of `data/faces/<dataset>.csv`, says of it."""
    face = face_of_row(row)
    if face is None:
        return picture
    unit = max(1, round(min(picture.shape[:2]) / 160))
    return with_marks(picture, face, thickness=unit, radius=2 * unit)


def thumbnail(picture: Picture, height: int) -> NDArray[np.uint8]:
    """`picture` no higher than `height` pixels."""
    if picture.shape[0] <= height:
        return picture
    size = max(1, round(picture.shape[1] * height / picture.shape[0])), height
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)

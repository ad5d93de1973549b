"""What the steps of the pipeline make of single pictures, to be looked at."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
import pandas as pd

from expressions.faces.detection.mtcnn import Face
from expressions.faces.marks import with_marks
from expressions.faces.preprocessing import grey_face
from expressions.faces.tables import face_of_row, read_face_table
from expressions.pictures.files import Picture
from expressions.pictures.shards import decoded_pictures
from expressions.pipeline import paths
from expressions.pipeline.inputs import unlike_written
from expressions.report.embedding import embed_picture

_HEIGHT = 150


class Sample(NamedTuple):
    """One picture through the steps."""

    image_id: str
    label: str
    steps: list[str]
    """Data URIs: rendered, with the box and the landmarks that were found; cut out; grey, as the
    network reads it. Only the first one where the picture was dropped."""


def choose_kept(
    samples: pd.DataFrame, rejected: pd.DataFrame, order: Sequence[str]
) -> dict[str, str]:
    """Return the id of the first picture of each label, with it, in the `order` of the labels.

    Args:
        samples: the rows of one data set in `data/samples.csv`.
        rejected: `data/arrays/rejected.csv`: those of them that were left out later.
        order: all labels.
    """
    kept = samples[~samples["image_id"].isin(rejected["image_id"])]
    found = _first_of_each(kept, "label")
    return dict(sorted(found.items(), key=lambda item: order.index(item[1])))


def choose_rejected(tables: Sequence[pd.DataFrame], dataset: str) -> dict[str, str]:
    """Return the id of a data set's first picture that was rejected for each reason, with it.

    Args:
        tables: `image_id, reason`, of one stage each.
        dataset: the name, with which ids begin.
    """
    rows = pd.concat(tables)
    return _first_of_each(rows[rows["image_id"].str.startswith(f"{dataset}-")], "reason")


def read_samples(dataset: str, labels: Mapping[str, str]) -> Iterator[Sample]:
    """Yield the pictures of a data set with the ids and labels of `labels`, through its steps.

    Those that were never rendered are left out.

    Raises:
        InputError: `crop`'s table has no row for one of them.
    """
    images = decoded_pictures(paths.IMAGES / dataset, labels)
    faces = decoded_pictures(paths.FACES / dataset, labels)
    table = read_face_table(dataset).set_index("image_id")
    for image_id, label in labels.items():
        if image_id not in images:
            continue
        if image_id not in table.index:
            raise unlike_written(paths.face_table(dataset), f"has no row for {image_id}")
        steps = [with_landmarks(images[image_id], table.loc[image_id].to_dict())]
        if image_id in faces:
            steps += [faces[image_id], grey_face(faces[image_id])]
        yield Sample(image_id, label, [embed_picture(thumbnail(step, _HEIGHT)) for step in steps])


def with_landmarks(picture: Picture, row: Mapping[Any, Any]) -> Picture:
    """Return a copy of `picture` with what `row`, of `data/faces/<dataset>.csv`, says of it."""
    face = face_of_row(row)
    return picture if face is None else mark_face(picture, face)


def mark_face(picture: Picture, face: Face) -> Picture:
    """Return a copy of `picture` with the box and the landmarks of `face`."""
    unit = max(1, round(min(picture.shape[:2]) / 160))
    return with_marks(picture, face, thickness=unit, radius=2 * unit)


def thumbnail(picture: Picture, height: int) -> Picture:
    """Return `picture` no higher than `height` pixels."""
    if picture.shape[0] <= height:
        return picture
    size = max(1, round(picture.shape[1] * height / picture.shape[0])), height
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _first_of_each(rows: pd.DataFrame, column: str) -> dict[str, str]:
    first = rows.drop_duplicates(column)
    return dict(zip(first["image_id"], first[column], strict=True))

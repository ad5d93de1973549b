"""The tables of what was found in each picture and what was done with it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from expressions.faces.cropping import FaceCrop, choose_face
from expressions.faces.detection.mtcnn import FACE_COLUMNS, Face, face_numbers, face_of_numbers
from expressions.pipeline.inputs import read_csv
from expressions.pipeline.paths import face_table

TABLE_COLUMNS = ["image_id", "action", "faces", *FACE_COLUMNS]
"""`faces` is how many were found; the rest tells of the one that was taken, if any."""


class FaceTables:
    """Grow by some pictures at a time, in a compact form."""

    def __init__(self, confidence: float) -> None:
        self._confidence = confidence
        self._taken = [pd.DataFrame(columns=TABLE_COLUMNS)]
        self._others = [pd.DataFrame(columns=["image_id", *FACE_COLUMNS])]

    def add(self, pictures: Sequence[FaceCrop]) -> None:
        """Note what became of the pictures."""
        taken, others = [], []
        for picture in pictures:
            face = choose_face(picture.faces, self._confidence)
            row = {
                "image_id": picture.image_id,
                "action": picture.action,
                "faces": len(picture.faces),
            }
            taken.append(row | (_numbers(face) if face is not None else {}))
            others += [
                {"image_id": picture.image_id} | _numbers(other)
                for other in picture.faces
                if other is not face
            ]
        self._taken.append(pd.DataFrame(taken, columns=TABLE_COLUMNS))
        self._others.append(pd.DataFrame(others, columns=["image_id", *FACE_COLUMNS]))

    def table(self) -> pd.DataFrame:
        """Return `TABLE_COLUMNS` of each picture, sorted by id."""
        return _joined(self._taken)

    def others(self) -> pd.DataFrame:
        """Return the faces that were not taken, sorted by the picture's id, largest first."""
        return _joined(self._others)


def read_face_table(dataset: str) -> pd.DataFrame:
    """Read what `crop` did with each picture of a data set, `TABLE_COLUMNS`.

    Raises:
        InputError: the table is missing or damaged.
    """
    numbers = dict.fromkeys(("faces", *FACE_COLUMNS), "float64")
    types = {"image_id": "str", "action": "str"} | numbers
    return read_csv(face_table(dataset), TABLE_COLUMNS, types)


def face_of_row(row: Mapping[Any, Any]) -> Face | None:
    """Return the face that a row of the table tells of; None where none was taken."""
    if np.isnan(row["confidence"]):
        return None
    return face_of_numbers(np.array([row[column] for column in FACE_COLUMNS]))


def _numbers(face: Face) -> dict[str, float]:
    return dict(zip(FACE_COLUMNS, face_numbers(face), strict=True))


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)] or parts[:1]
    return pd.concat(filled).sort_values("image_id", kind="stable", ignore_index=True)

"""The layout `fer2013`: FER-2013's pictures and FER+'s votes, tables that belong together by row.

The numbers in FER+'s `Image name` are neither the row nor unique, so a picture's identity is the
row of the picture table: `fer2013-00000` is its first row.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from expressions.datasets.fer2013_tables import (
    EMOTION_CODES,
    PICTURES,
    SPLITS,
    VOTES,
    find_picture_table,
    read_column,
    read_pictures,
    read_votes,
)
from expressions.datasets.source_files import take_source
from expressions.datasets.synthetic.layouts import Fer2013Recipe, write_fer2013
from expressions.errors import InputError
from expressions.labels import ferplus
from expressions.labels.tables import Rows, divide_rows
from expressions.pictures.rendering import render_blocks
from expressions.pipeline.parameters import Section, read_file

FILES = (PICTURES, VOTES)

_REASONS = {
    "contempt": "contempt",
    ferplus.UNKNOWN: "unknown",
    ferplus.NO_FACE: "not_a_face",
}


class Clean(Section):
    """The `clean` section of a data set in this layout."""

    training_labels: Literal["ferplus", "fer2013"]


def take(source: Path, folder: Path) -> None:
    """Unpack both tables of the user into `folder`, and check every cell."""
    _check(*(take_source(source, file, folder) for file in FILES))


def make(source: Path, folder: Path) -> None:
    """Paint the embedded data set by the recipe in `source`."""
    write_fer2013(folder, read_file(Fer2013Recipe, source / "recipe.yaml"))
    _check(find_picture_table(folder), folder / VOTES.names[0])


def read_rows(dataset: str, raw: Path, section: Clean, classes: int) -> Rows:
    """Label every row by FER+'s votes; where `section` says so, training by FER-2013's label."""
    pictures = find_picture_table(raw)
    votes = read_votes(raw / VOTES.names[0])
    prove_rows_belong(votes, pictures)
    rows = label_by_votes(dataset, votes, classes)
    if section.training_labels == "fer2013":
        codes = read_column(pictures, "emotion")
        return rows._replace(kept=with_fer2013_labels(dataset, rows.kept, codes))
    return rows


def render(dataset: str, raw: Path) -> Iterator[tuple[str, bytes]]:
    """Give `(image_id, PNG)` of each picture of the table, in its order."""
    return render_blocks(
        (
            image_ids(dataset, range(block.first_row, block.first_row + len(block.pixels))),
            block.pixels,
        )
        for block in read_pictures(find_picture_table(raw))
    )


def image_ids(dataset: str, rows: range) -> list[str]:
    """Return the ids of the pictures in `rows`, counted from 0 without the header."""
    return [f"{dataset}-{row:05d}" for row in rows]


def prove_rows_belong(votes: pd.DataFrame, pictures: Path) -> None:
    """Prove that FER+'s rows and the picture table's are the same ones, by their `Usage`.

    Raises:
        InputError: different numbers of rows, or the first row whose `Usage` differs.
    """
    vote_usage = votes["Usage"].tolist()
    picture_usage = read_column(pictures, "Usage")
    names = f"{VOTES.names[0]} and {pictures.name}"
    advice = "The tables belong together row by row; take both whole and in their original order."
    for row, (first, second) in enumerate(zip(vote_usage, picture_usage, strict=False), start=2):
        if first != second:
            raise InputError(
                f"{names} differ in row {row}: Usage is {first!r} and {second!r}. {advice}"
            )
    if len(vote_usage) != len(picture_usage):
        raise InputError(f"{names} have {len(vote_usage)} and {len(picture_usage)} rows. {advice}")


def label_by_votes(dataset: str, votes: pd.DataFrame, classes: int) -> Rows:
    """Label every row by most votes (ties: first column), over all ten vote columns.

    Rows that are no emotion, or one beyond the first `classes`, are rejected.
    """
    counts = votes[list(ferplus.VOTE_COLUMNS)]
    winner = ferplus.most_votes(counts.to_numpy())
    table = pd.DataFrame(
        {
            "image_id": image_ids(dataset, range(len(votes))),
            "split": votes["Usage"].map(SPLITS),
            "label": [ferplus.VOTE_COLUMNS[column] for column in winner],
        }
    ).join(counts)
    table["reason"] = np.where(winner < classes, "", table["label"].map(_REASONS))
    table.loc[counts.sum(axis=1) == 0, "reason"] = "no_votes"
    return divide_rows(table, dataset)


def with_fer2013_labels(dataset: str, kept: pd.DataFrame, codes: list[str]) -> pd.DataFrame:
    """Give the same rows, those of training under FER-2013's own label and without votes.

    Validation and test keep FER+'s labels, so that figures compare.
    """
    labels = [EMOTION_CODES[int(code)] for code in codes]
    by_id = dict(zip(image_ids(dataset, range(len(codes))), labels, strict=True))
    training = kept["split"] == "training"
    relabelled = kept.astype(dict.fromkeys(ferplus.VOTE_COLUMNS, "Int64"))
    relabelled.loc[training, "label"] = kept.loc[training, "image_id"].map(by_id)
    relabelled.loc[training, list(ferplus.VOTE_COLUMNS)] = pd.NA
    return relabelled


def _check(pictures: Path, votes: Path) -> None:
    rows = sum(len(block.usage) for block in read_pictures(pictures))
    if not rows:
        raise InputError(f"{pictures.name} holds no rows. Download it again.")
    print(f"{pictures.name}: {rows} rows; {votes.name}: {len(read_votes(votes))} rows")

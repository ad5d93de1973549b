"""The layout `fer2013`: FER-2013's pictures and FER+'s votes, tables that belong together by row.

The numbers in FER+'s `Image name` are neither the row nor unique, so a picture's identity is the
row of the picture table: `fer2013-00000` is its first row.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from expressions.datasets.layouts.fer2013_tables import (
    EMOTION_CODES,
    PICTURES,
    SPLITS,
    VOTES,
    find_picture_table,
    read_columns,
    read_pictures,
    read_votes,
)
from expressions.datasets.layouts.row_proof import prove_same_rows
from expressions.datasets.sources.limits import Limits
from expressions.datasets.sources.source_files import RawFile, take_source
from expressions.datasets.synthetic.layouts import Fer2013Recipe, write_fer2013
from expressions.errors import InputError
from expressions.labels import ferplus
from expressions.labels.tables import INTENDED, Rows, divide_rows
from expressions.pictures.rendering import render_blocks
from expressions.pipeline.parameters import Section, read_file

FILES = (PICTURES, VOTES)

FEWEST_VOTES = 9

_REASONS = {
    "contempt": "contempt",
    ferplus.UNKNOWN: "unknown",
    ferplus.NO_FACE: "not_a_face",
}


class Clean(Section):
    """The `clean` section of a data set in this layout."""

    training_labels: Literal["ferplus", "fer2013"]


def take(source: Path, folder: Path, limits: Limits) -> None:
    """Unpack both tables of the user into `folder`, and check every cell."""
    _check(*(take_source(source, file, folder, limits) for file in FILES))


def make(source: Path, folder: Path) -> None:
    """Paint the embedded data set by the recipe in `source`."""
    write_fer2013(folder, read_file(Fer2013Recipe, source / "recipe.yaml"))
    tables = find_picture_table(folder), folder / VOTES.names[0]
    _check(*(RawFile(source / "recipe.yaml", path) for path in tables))


def read_rows(dataset: str, raw: Path, section: Clean, classes: int) -> Rows:
    """Label every row by FER+'s votes; where `section` says so, training by FER-2013's label.

    That label, for which the pictures were searched, is what each was meant to show.
    """
    votes, codes = read_proven_votes(find_picture_table(raw), raw / VOTES.names[0])
    rows = label_by_votes(dataset, votes, classes)
    kept = with_intended(dataset, rows.kept, codes)
    if section.training_labels == "fer2013":
        kept = with_fer2013_labels(kept)
    return rows._replace(kept=kept)


def read_proven_votes(pictures: Path, votes: Path) -> tuple[pd.DataFrame, list[str]]:
    """Read FER+'s table and FER-2013's own labels, which are proven to be of the same rows.

    Raises:
        InputError: a table is damaged, or they do not belong together.
    """
    table = read_votes(votes)
    usage, codes = read_columns(pictures)
    prove_same_rows(table, usage, codes, f"{votes.name} and {pictures.name}")
    return table, codes


def render(dataset: str, raw: Path) -> Iterator[tuple[str, bytes]]:
    """Give `(image_id, PNG)` of each picture of the table, in its order."""
    return render_blocks(_read_blocks(dataset, raw))


def image_ids(dataset: str, rows: int) -> list[str]:
    """Return the ids of a table of so many rows: the row, counted from 0 without the header.

    All have the same number of digits, at least five, so that they sort as the rows do.
    """
    digits = max(5, len(str(rows - 1)))
    return [f"{dataset}-{row:0{digits}d}" for row in range(rows)]


def label_by_votes(dataset: str, votes: pd.DataFrame, classes: int) -> Rows:
    """Label every row by most votes (ties: first column), over all ten vote columns.

    Rows that are no emotion or one beyond the first `classes`, and rows that lack more than one of
    the ten votes (one of those published has nine), are rejected.
    """
    counts = votes[list(ferplus.VOTE_COLUMNS)]
    winner = ferplus.most_votes(counts.to_numpy())
    table = pd.DataFrame(
        {
            "image_id": image_ids(dataset, len(votes)),
            "split": votes["Usage"].map(SPLITS),
            "label": [ferplus.VOTE_COLUMNS[column] for column in winner],
        }
    ).join(counts)
    table["reason"] = np.where(winner < classes, "", table["label"].map(_REASONS))
    table.loc[counts.sum(axis=1) < FEWEST_VOTES, "reason"] = "few_votes"
    table.loc[counts.sum(axis=1) == 0, "reason"] = "no_votes"
    return divide_rows(table, dataset)


def with_intended(dataset: str, kept: pd.DataFrame, codes: list[str]) -> pd.DataFrame:
    """Give the same rows with FER-2013's own label, of the codes of all rows, as `INTENDED`."""
    labels = [EMOTION_CODES[int(code)] for code in codes]
    by_id = dict(zip(image_ids(dataset, len(codes)), labels, strict=True))
    return kept.assign(**{INTENDED: kept["image_id"].map(by_id)})


def with_fer2013_labels(kept: pd.DataFrame) -> pd.DataFrame:
    """Give the same rows, those of training under what they were meant to show, without votes.

    Validation and test keep FER+'s labels, so that figures compare.
    """
    training = kept["split"] == "training"
    relabelled = kept.astype(dict.fromkeys(ferplus.VOTE_COLUMNS, "Int64"))
    relabelled.loc[training, "label"] = kept.loc[training, INTENDED]
    relabelled.loc[training, list(ferplus.VOTE_COLUMNS)] = pd.NA
    return relabelled


def _read_blocks(dataset: str, raw: Path) -> Iterator[tuple[list[str], NDArray[np.uint8]]]:
    """Give the ids and the pixels of the picture table, block by block."""
    # How many digits they have, the shorter table says before the longer one is read.
    ids = image_ids(dataset, len(read_votes(raw / VOTES.names[0])))
    table = find_picture_table(raw)
    for block in read_pictures(table):
        last_row = block.first_row + len(block.pixels)
        if last_row > len(ids):
            raise InputError(
                f"{table.name} has more rows than {VOTES.names[0]}, which has {len(ids)}. Take "
                "both tables whole."
            )
        yield ids[block.first_row : last_row], block.pixels


def _check(pictures: RawFile, votes: RawFile) -> None:
    rows = sum(len(block.usage) for block in read_pictures(pictures.path, pictures.origin))
    votes_rows = len(read_votes(votes.path, votes.origin))
    print(f"{pictures.path.name}: {rows} rows; {votes.path.name}: {votes_rows} rows")

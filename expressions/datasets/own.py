"""Layouts for a data set of one's own: pictures in folders by class, or pictures with a table.

A picture's name is its path below the data set's folder, without the suffix: `happy/anna-1`.
"""

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated

import pandas as pd
import pandera.pandas as pa
from pydantic import AfterValidator, Discriminator, Field, Tag

from expressions.datasets.csv_tables import read_table
from expressions.errors import InputError
from expressions.labels import emotions, splits
from expressions.pictures import files as pictures
from expressions.pipeline.parameters import Section

REASONS = ("unknown", "not_a_face")
"""What a spelling of a label may mean besides an emotion; such rows are rejected for it."""

_COLUMNS = ["name", "label", "split", "where"]


def _checked(shares: dict[str, float]) -> dict[str, float]:
    if not shares.keys() <= set(splits.SPLITS):
        raise ValueError(f"shares are of {', '.join(splits.SPLITS)}")
    if abs(sum(shares.values()) - 1) > 1e-6:
        raise ValueError(f"the shares add up to {sum(shares.values()):g}, not to 1")
    return shares


Share = Annotated[float, Field(ge=0, le=1)]
Rule = Annotated[
    Annotated[str, Tag("name")]
    | Annotated[dict[str, Share], AfterValidator(_checked), Tag("shares")],
    Discriminator(lambda rule: "name" if isinstance(rule, str) else "shares"),
]


class Folders(Section):
    """The `clean` section of a data set with the layout `folders`."""

    labels: dict[str, str] = Field(default={})
    """Spellings of your own, and the emotion or the reason of rejection each means."""
    split: Rule
    """All pictures' split (the data set's name: one of its own), or the share of each."""


class Table(Folders):
    """The `clean` section of a data set with the layout `table`."""

    file_column: str
    """Paths of the pictures, relative to the table, with or without a suffix."""
    label_column: str
    split_column: str | None = Field(default=None)
    """Where the table says each picture's split; `split` is for rows that leave it blank."""


def check_name(dataset: str) -> None:
    """Refuse a name of a data set that could not be told from another in ids and files.

    Raises:
        InputError: the name is a split's, or has other signs than small letters, digits and `_`.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", dataset) or dataset in splits.SPLITS:
        raise InputError(
            f"params.yaml: {dataset!r} in datasets is no possible name. Take small letters, digits "
            f"and _, beginning with a letter, and none of {', '.join(splits.SPLITS)}."
        )


def find_pictures(folder: Path) -> dict[str, Path]:
    """The pictures in `folder` and below by their names, sorted.

    Raises:
        InputError: two pictures whose names make one id.
    """
    found: dict[str, Path] = {}
    by_id: dict[str, Path] = {}
    for path in pictures.find(folder):
        name = path.relative_to(folder).with_suffix("").as_posix()
        other = by_id.setdefault(image_id("", name), path)
        if other != path:
            raise InputError(f"{other} and {path} would get one image_id. Rename one.")
        found[name] = path
    return found


def image_id(dataset: str, name: str) -> str:
    """The id of the picture `name`: `mine-happy-anna-1`."""
    return f"{dataset}-{name.replace('/', '-')}"


def find_table(folder: Path) -> Path:
    """The one CSV that lies in `folder`.

    Raises:
        InputError: there is none, or more than one.
    """
    tables = sorted(folder.glob("*.csv"))
    if len(tables) != 1:
        found = ", ".join(path.name for path in tables) or "none"
        raise InputError(f"{folder} has to hold one .csv, the table of labels; found {found}.")
    return tables[0]


def rows_of_folders(folder: Path) -> pd.DataFrame:
    """One row a picture: `name`, `label` (its first folder), `split` (blank), `where`.

    Raises:
        InputError: a picture that lies in no folder.
    """
    names = list(find_pictures(folder))
    for name in names:
        if "/" not in name:
            raise InputError(
                f"{folder / name} lies in no folder, so it has no label. Move it into the folder "
                "of its emotion."
            )
    labels = [name.split("/")[0] for name in names]
    rows = {"name": names, "label": labels, "split": "", "where": [f"{folder}/{x}" for x in labels]}
    return pd.DataFrame(rows, columns=_COLUMNS, dtype=str)


def rows_of_table(path: Path, section: Table) -> pd.DataFrame:
    """One row a row of the table: `name`, `label`, `split` (may be blank), `where`.

    Raises:
        InputError: a column is missing, or a picture is blank or stands twice.
    """
    columns = [section.file_column, section.label_column]
    columns += [section.split_column] if section.split_column else []
    table = read_table(path, pa.DataFrameSchema({column: pa.Column(str) for column in columns}))
    rows = pd.DataFrame(
        {
            "name": [_name(cell) for cell in table[section.file_column]],
            "label": table[section.label_column].str.strip(),
            "split": table[section.split_column].str.strip() if section.split_column else "",
            "where": [f"{path}, row {row}" for row in range(2, len(table) + 2)],
        },
        columns=_COLUMNS,
        dtype=str,
    )
    for row in rows[rows["name"].duplicated() | (rows["name"] == ".")].itertuples():
        raise InputError(
            f"{row.where}: column {section.file_column!r} names {row.name!r}, expected a picture "
            "that no other row names."
        )
    return rows


def label_of(spelling: str, labels: Mapping[str, str], where: str) -> str:
    """The emotion, or the reason of rejection, that `spelling` means, whatever its case.

    Raises:
        InputError: a spelling that is neither known nor in `labels`, or one whose meaning there is
            neither an emotion nor one of `REASONS`.
    """
    own = {key.strip().lower(): meaning for key, meaning in labels.items()}
    meanings = (*emotions.EMOTIONS, *REASONS)
    for meaning in own.values():
        if meaning not in meanings:
            raise InputError(
                f"params.yaml: labels: {meaning!r} is none of {', '.join(meanings)}. Correct it."
            )
    key = spelling.strip().lower()
    if key not in own and key not in emotions.SPELLINGS:
        known = ", ".join(sorted({*own, *emotions.SPELLINGS}))
        raise InputError(
            f"{where}: {spelling!r} is no known emotion. Known spellings: {known} (in any case). "
            "Correct it, or say what it means in params.yaml, in this data set's clean.labels."
        )
    return own[key] if key in own else emotions.SPELLINGS[key]


def split_of(written: str, its_id: str, rule: str | Mapping[str, float], where: str) -> str:
    """The split that a table's cell names, or where it is blank the one that `rule` gives.

    Raises:
        InputError: a cell that names no split.
    """
    if not written:
        return rule if isinstance(rule, str) else splits.by_share(its_id, rule)
    split = splits.SPELLINGS.get(written.lower())
    if split is None:
        known = ", ".join(sorted(splits.SPELLINGS))
        raise InputError(f"{where}: {written!r} is no split. Known: {known}. Correct the row.")
    return split


def check_rule(rule: str | Mapping[str, float], dataset: str) -> None:
    """Refuse a split that no stage reads.

    Raises:
        InputError: `rule` is a name, and neither of `splits.SPLITS` nor `dataset`.
    """
    if isinstance(rule, str) and rule not in (*splits.SPLITS, dataset):
        raise InputError(
            f"params.yaml: clean.{dataset}.split is {rule!r}, expected one of "
            f"{', '.join((*splits.SPLITS, dataset))}, or shares such as "
            "{training: 0.8, validation: 0.1, test: 0.1}."
        )


def _name(cell: str) -> str:
    path = PurePosixPath(cell.strip().replace("\\", "/"))
    suffixed = path.suffix.lower() in pictures.SUFFIXES
    return (path.with_suffix("") if suffixed else path).as_posix()

"""The rows of a data set of one's own: the rules by which each gets its label and its split."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag

from expressions.datasets.layouts.own_pictures import find_contradictions, image_id
from expressions.datasets.layouts.patterns import Pattern, read_names
from expressions.errors import InputError
from expressions.labels import emotions, splits
from expressions.labels.tables import SAMPLE_COLUMNS, Rows, divide_rows
from expressions.pipeline.parameters import Section

REASONS = ("unknown", "not_a_face")
"""What a spelling of a label may mean besides an emotion; such rows are rejected for it."""

ROW_COLUMNS = ["name", "picture", "label", "split", "person", "where", "reason"]
"""Of the rows that a layout reads, all text: a name of its own, its picture's name, the label as it
is spelt, a split and a person or blank, the place that an error names, and the reason for which the
layout rejects the row, or blank."""


def _check_shares(shares: dict[str, float]) -> dict[str, float]:
    if not shares.keys() <= set(splits.SPLITS):
        raise ValueError(f"shares are of {', '.join(splits.SPLITS)}")
    if abs(sum(shares.values()) - 1) > 1e-6:
        raise ValueError(f"the shares add up to {sum(shares.values()):g}, not to 1")
    return shares


Share = Annotated[float, Field(ge=0, le=1)]
Rule = Annotated[
    Annotated[str, Tag("name")]
    | Annotated[dict[str, Share], AfterValidator(_check_shares), Tag("shares")],
    Discriminator(lambda rule: "name" if isinstance(rule, str) else "shares"),
]


def _spelt(mapping: Any) -> Any:
    """Codes are numbers in YAML, and text in tables and names."""
    if not isinstance(mapping, dict):
        return mapping
    if {int, str} <= set(map(type, mapping)):
        # `dvc exp run` would end in a TypeError.
        raise ValueError("DVC cannot sort numbers among words: put quotes around the numbers")
    return {str(key) if type(key) is int else key: value for key, value in mapping.items()}


Labels = Annotated[dict[str, str], BeforeValidator(_spelt)]
"""Spellings and codes of the source, and the emotion or the reason of rejection each means."""


class CleanOwn(Section):
    """What the `clean` section of every data set of one's own may have."""

    labels: Labels = Field(default={})
    splits: Annotated[dict[str, Rule], BeforeValidator(_spelt)] = Field(default={})
    """What the source calls its splits, and the split that each means, or the share of each."""
    split: Rule | None = Field(default=None)
    """The split of pictures of which the source says none (the data set's name: one of its own), or
    the share of each."""


class CleanPictures(CleanOwn):
    """What the `clean` section may have where pictures are files with names."""

    pattern: Pattern | None = Field(default=None)
    """What names look like that say a picture's split or person; others are rejected."""


def new_rows(**columns: object) -> pd.DataFrame:
    """Return rows with `ROW_COLUMNS`, blank where they are not given; `picture` as `name`."""
    rows = pd.DataFrame({"picture": columns["name"], **columns}, dtype=str)
    return rows.reindex(columns=ROW_COLUMNS, fill_value="")


def label_pictures(
    dataset: str,
    rows: pd.DataFrame,
    pictures: Mapping[str, Path],
    section: CleanPictures,
    classes: int,
) -> Rows:
    """Do what `label_rows` does where pictures are files, here by their names.

    Their names are read, and it is told which of the same bytes have more than one label.
    """
    labelled = label_rows(dataset, read_names(rows, section.pattern), pictures, section, classes)
    kept = dict(zip(labelled.kept["image_id"], labelled.kept["label"], strict=True))
    by_id = {image_id(dataset, name): path for name, path in pictures.items()}
    groups = find_contradictions(kept, by_id)
    if groups:
        examples = ", ".join(f"{name} ({kept[name]})" for name in min(groups)[:2])
        print(
            f"note: {dataset}: {sum(map(len, groups))} pictures equal another one that has another "
            f"label, such as {examples}. All of them are kept."
        )
    return labelled


def label_rows(
    dataset: str, rows: pd.DataFrame, pictures: Collection[str], section: CleanOwn, classes: int
) -> Rows:
    """Name the emotion and the split of every row of a data set of one's own.

    Args:
        dataset: its name, with which its ids begin.
        rows: `ROW_COLUMNS`.
        pictures: the names of those that are there.
        section: spellings, and the rules for splits.
        classes: emotions beyond the first `classes` are rejected.

    Raises:
        InputError: a spelling of a label or of a split that is not known.
    """
    for key, rule in {"split": section.split, **section.splits}.items():
        check_rule(rule, dataset, key if key == "split" else f"splits.{key}")
    there = frozenset(pictures)
    labelled = [
        _label_row(row, dataset, section, there, classes) for row in rows.itertuples(index=False)
    ]
    unlabelled = [
        {"image_id": image_id(dataset, name), "reason": "no_label"}
        for name in sorted(there - set(rows["picture"]))
    ]
    every = pd.DataFrame(labelled + unlabelled, columns=[*SAMPLE_COLUMNS, "reason"])
    return divide_rows(every.sort_values("image_id"), dataset)


def label_of(spelling: str, labels: Mapping[str, str], where: str) -> str:
    """Return the emotion, or the reason of rejection, that `spelling` means, whatever its case.

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


def split_of(written: str, key: str, section: CleanOwn, where: str) -> str:
    """Return the split that `section` gives a row; shares go by `key`.

    Args:
        written: what the source says, or blank.
        key: the row's id, or its person's: rows of one key and one rule share a split.
        section: what the words of the source mean, and the rule for rows of which it says nothing.
        where: the row, for errors.

    Raises:
        InputError: a word that names no split, or no word and no rule.
    """
    own = {word.strip().lower(): rule for word, rule in section.splits.items()}
    rule = own.get(written.lower()) if written else section.split
    if written and rule is None:
        rule = splits.SPELLINGS.get(written.lower())
    if rule is None and written:
        known = ", ".join(sorted({*own, *splits.SPELLINGS}))
        raise InputError(
            f"{where}: {written!r} is no split. Known: {known}. Correct it, or say what it means "
            "in params.yaml, in this data set's clean.splits."
        )
    if rule is None:
        raise InputError(
            f"{where} is in no split. Say in params.yaml, in this data set's clean.split, where it "
            "belongs, such as {training: 0.8, validation: 0.1, test: 0.1}."
        )
    return rule if isinstance(rule, str) else splits.by_share(key, rule)


def check_rule(rule: str | Mapping[str, float] | None, dataset: str, key: str) -> None:
    """Refuse a split that no stage reads.

    Raises:
        InputError: `rule` is a name, and neither of `splits.SPLITS` nor `dataset`; the message
            calls it `key`.
    """
    if isinstance(rule, str) and rule not in (*splits.SPLITS, dataset):
        raise InputError(
            f"params.yaml: clean.{dataset}.{key} is {rule!r}, expected one of "
            f"{', '.join((*splits.SPLITS, dataset))}, or shares such as "
            "{training: 0.8, validation: 0.1, test: 0.1}."
        )


def _label_row(
    row: Any, dataset: str, section: CleanOwn, pictures: Collection[str], classes: int
) -> dict[str, str]:
    its_id = image_id(dataset, row.name)
    if row.reason:
        return {"image_id": its_id, "split": "", "label": "", "reason": row.reason}
    label = label_of(row.label, section.labels, row.where)
    key = image_id(dataset, row.person) if row.person else its_id
    split = split_of(row.split, key, section, row.where)
    reason = ""
    if row.picture not in pictures:
        reason = "no_picture"
    elif label not in emotions.classes(classes):
        reason = label
    return {"image_id": its_id, "split": split, "label": label, "reason": reason}

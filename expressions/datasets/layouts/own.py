"""What the layouts for a data set of one's own share: pictures, spellings, splits.

A picture's name is its path below the data set's folder, without the suffix: `happy/anna-1`.
"""

import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path, PurePath, PurePosixPath
from typing import Annotated, Any

import pandas as pd
from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag

from expressions.datasets.layouts.patterns import Pattern, read_names
from expressions.datasets.sources.limits import Limits, too_many_files
from expressions.errors import InputError
from expressions.labels import emotions, splits
from expressions.labels.tables import SAMPLE_COLUMNS, Rows, divide_rows
from expressions.pictures import search as picture_files
from expressions.pictures.kinds import SUFFIXES, Role
from expressions.pictures.rendering import render_files
from expressions.pipeline.hashes import sha256
from expressions.pipeline.parameters import Section

REASONS = ("unknown", "not_a_face")
"""What a spelling of a label may mean besides an emotion; such rows are rejected for it."""

_PICTURES = frozenset({Role.PICTURE})

ROW_COLUMNS = ["name", "picture", "label", "split", "person", "where", "reason"]
"""Of the rows that a layout reads, all text: a name of its own, its picture's name, the label as it
is spelt, a split and a person or blank, the place that an error names, and the reason for which the
layout rejects the row, or blank."""

# `https:` and, before the backslashes of Windows became slashes, `C:`.
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")


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


def take_pictures(source: Path, folder: Path, limits: Limits) -> None:
    """Copy every picture in `source` and below to the same place below `folder`.

    Raises:
        InputError: there is no such folder, no picture in it, or more than `limits` allow.
    """
    if not source.is_dir():
        raise InputError(f"{source} is no folder. Put your pictures there, or link to them.")
    search = picture_files.search_folder(source, _PICTURES, links_to_files=True)
    found = _by_name(source, (file.path for file in search.files))
    if not found:
        raise InputError(f"{source} holds no pictures ({', '.join(SUFFIXES['picture'])}).")
    if len(found) > limits.most_files:
        raise too_many_files(source, len(found), limits)
    for path in found.values():
        target = folder / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    passed_over = "".join(f", {n} {why}" for why, n in sorted(search.passed_over.items()))
    print(f"{source}: {len(found)} pictures{passed_over}")


def render_pictures(dataset: str, raw: Path) -> Iterator[tuple[str, bytes | None]]:
    """Give `(image_id, PNG)` of each picture, upright, by ascending id; None if unreadable."""
    found = find_pictures(raw).items()
    return render_files(sorted((image_id(dataset, name), path) for name, path in found))


def find_pictures(folder: Path) -> dict[str, Path]:
    """Find the pictures in `folder` and below, by their names and sorted.

    Raises:
        InputError: two pictures whose names make one id.
    """
    return _by_name(folder, picture_files.find_pictures(folder))


def image_id(dataset: str, name: str) -> str:
    """Return the id of the picture `name`: `mine-happy-anna-1`."""
    return f"{dataset}-{name.replace('/', '-')}"


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


def find_contradictions(labels: Mapping[str, str], pictures: Mapping[str, Path]) -> list[list[str]]:
    """Find the pictures whose files have the same bytes and that have more than one label.

    Args:
        labels: of pictures, by their names.
        pictures: those that are there, by their names.

    Returns:
        The names of each such group.
    """
    by_size: dict[int, list[str]] = {}
    for name in labels.keys() & pictures.keys():
        by_size.setdefault(pictures[name].stat().st_size, []).append(name)
    by_content: dict[str, list[str]] = {}
    for name in (name for names in by_size.values() if len(names) > 1 for name in sorted(names)):
        by_content.setdefault(sha256(pictures[name]), []).append(name)
    return [names for names in by_content.values() if len({labels[name] for name in names}) > 1]


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


def picture_name(cell: str) -> str:
    """Return the name of the picture that a cell of a table means, with or without a suffix."""
    return _without_suffix(PurePosixPath(cell.strip().replace("\\", "/"))).as_posix()


def is_below(name: str) -> bool:
    """Return whether a path with slashes leads to a place below the folder it is relative to."""
    return not (name.startswith("/") or ".." in name.split("/") or _SCHEME.match(name))


def first_folder(folder: Path, name: str) -> str:
    """Return the folder below `folder` in which the picture `name` lies: its label.

    Raises:
        InputError: it lies in none.
    """
    if "/" not in name:
        raise InputError(
            f"{folder / name} lies in no folder, so it has no label. Move it into the folder of "
            "its emotion."
        )
    return name.split("/", maxsplit=1)[0]


def check_names(rows: pd.DataFrame, pictures: Collection[str], column: str) -> None:
    """Refuse rows whose picture's name can be no picture's, or differs from one in capitals alone.

    Raises:
        InputError: the first such row; its name stands in `column`.
    """
    in_small = {name.lower(): name for name in pictures}
    for row in rows[~rows["picture"].isin(pictures)].itertuples():
        name = str(row.picture)
        if not is_below(name):
            cure = "expected a path below the table's folder"
        elif name.lower() in in_small:
            cure = f"and the picture is {in_small[name.lower()]!r}. Write it with the same capitals"
        else:
            continue
        raise InputError(f"{row.where}: column {column!r} names {name!r:.80}, {cure}.")


def _by_name(folder: Path, paths: Iterable[Path]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    by_id: dict[str, Path] = {}
    for path in paths:
        name = _without_suffix(path.relative_to(folder)).as_posix()
        other = by_id.setdefault(image_id("", name), path)
        if other != path:
            raise InputError(f"{other} and {path} would get one image_id. Rename one.")
        found[name] = path
    return found


def _without_suffix(path: PurePath) -> PurePath:
    """Drop a suffix of pictures; of `KA.AN1.39` all is the name."""
    return path.with_suffix("") if path.suffix.lower() in SUFFIXES["picture"] else path


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

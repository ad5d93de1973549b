"""What the layouts for a data set of one's own share: pictures, spellings, splits.

A picture's name is its path below the data set's folder, without the suffix: `happy/anna-1`.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from pydantic import AfterValidator, Discriminator, Field, Tag

from expressions.datasets.sources.limits import Limits
from expressions.errors import InputError
from expressions.labels import emotions, splits
from expressions.labels.tables import SAMPLE_COLUMNS, Rows, divide_rows
from expressions.pictures.kinds import SUFFIXES, Role
from expressions.pictures.rendering import render_files
from expressions.pictures.search import MediaFile, search_folder
from expressions.pipeline.hashes import sha256
from expressions.pipeline.parameters import Section

REASONS = ("unknown", "not_a_face")
"""What a spelling of a label may mean besides an emotion; such rows are rejected for it."""

_PICTURES = frozenset({Role.PICTURE})

ROW_COLUMNS = ["name", "label", "split", "where"]
"""Of the rows that a layout reads: a picture, the label as it is spelt, a split or blank, and the
place that an error names."""


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


class CleanOwn(Section):
    """What the `clean` section of every data set of one's own may have."""

    labels: dict[str, str] = Field(default={})
    """Spellings of your own, and the emotion or the reason of rejection each means."""
    split: Rule
    """All pictures' split (the data set's name: one of its own), or the share of each."""


def take_pictures(source: Path, folder: Path, limits: Limits) -> None:
    """Copy every picture in `source` and below to the same place below `folder`.

    Raises:
        InputError: there is no such folder, no picture in it, or more than `limits` allow.
    """
    if not source.is_dir():
        raise InputError(f"{source} is no folder. Put your pictures there, or link to them.")
    search = search_folder(source, _PICTURES)
    found = _by_name(source, search.files)
    if not found:
        raise InputError(f"{source} holds no pictures ({', '.join(SUFFIXES['picture'])}).")
    if len(found) > limits.most_files:
        raise InputError(
            f"{source} holds {len(found)} pictures, more than {limits.most_files}. Raise "
            "most_files in params.yaml, in this data set's part of ingest."
        )
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
    return _by_name(folder, search_folder(folder, _PICTURES).files)


def image_id(dataset: str, name: str) -> str:
    """Return the id of the picture `name`: `mine-happy-anna-1`."""
    return f"{dataset}-{name.replace('/', '-')}"


def label_rows(
    dataset: str,
    rows: pd.DataFrame,
    pictures: Mapping[str, Path],
    section: CleanOwn,
    classes: int,
) -> Rows:
    """Name the emotion and the split of every row of a data set of one's own.

    Args:
        dataset: its name, with which its ids begin.
        rows: `ROW_COLUMNS`.
        pictures: those that are there, by their names.
        section: spellings and the rule for rows that name no split.
        classes: emotions beyond the first `classes` are rejected.

    Raises:
        InputError: a spelling of a label or of a split that is not known.
    """
    check_rule(section.split, dataset)
    labelled = [
        _label_row(row, image_id(dataset, str(row.name)), section, pictures, classes)
        for row in rows.itertuples(index=False)
    ]
    unlabelled = [
        {"image_id": image_id(dataset, name), "reason": "no_label"}
        for name in sorted(pictures.keys() - set(rows["name"]))
    ]
    every = pd.DataFrame(labelled + unlabelled, columns=[*SAMPLE_COLUMNS, "reason"])
    _tell_contradictions(dataset, dict(zip(rows["name"], every["label"], strict=False)), pictures)
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


def split_of(written: str, its_id: str, rule: str | Mapping[str, float], where: str) -> str:
    """Return the split that a table's cell names, or where it is blank the one that `rule` gives.

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


def _by_name(folder: Path, files: Iterable[MediaFile]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    by_id: dict[str, Path] = {}
    for path in (file.path for file in files):
        name = path.relative_to(folder).with_suffix("").as_posix()
        other = by_id.setdefault(image_id("", name), path)
        if other != path:
            raise InputError(f"{other} and {path} would get one image_id. Rename one.")
        found[name] = path
    return found


def _tell_contradictions(
    dataset: str, labels: Mapping[str, str], pictures: Mapping[str, Path]
) -> None:
    groups = find_contradictions(labels, pictures)
    if groups:
        examples = ", ".join(f"{name} ({labels[name]})" for name in min(groups)[:2])
        print(
            f"note: {dataset}: {sum(map(len, groups))} pictures equal another one that has another "
            f"label, such as {examples}. All of them are kept."
        )


def _label_row(
    row: Any, its_id: str, section: CleanOwn, pictures: Mapping[str, Path], classes: int
) -> dict[str, str]:
    label = label_of(row.label, section.labels, row.where)
    split = split_of(row.split, its_id, section.split, row.where)
    reason = ""
    if row.name not in pictures:
        reason = "no_picture"
    elif label not in emotions.classes(classes):
        reason = label
    return {"image_id": its_id, "split": split, "label": label, "reason": reason}

"""The pictures of a data set of one's own: found, taken, rendered, and called by their names.

A picture's name is its path below the data set's folder, without the suffix: `happy/anna-1`.
"""

import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path, PurePath, PurePosixPath

import pandas as pd

from expressions.datasets.sources.limits import Limits, too_many_files
from expressions.errors import InputError
from expressions.pictures import search as picture_files
from expressions.pictures.kinds import SUFFIXES, Role
from expressions.pictures.rendering import render_files
from expressions.pipeline.hashes import sha256

_PICTURES = frozenset({Role.PICTURE})

# `https:` and, before the backslashes of Windows became slashes, `C:`.
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")


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

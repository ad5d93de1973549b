"""What emotions are looked for on: the files that a user means."""

import glob
import os
from collections import Counter
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from expressions.pictures.decoding import is_animation
from expressions.pictures.kinds import Role, read_kind
from expressions.pictures.search import is_folder, role_of, search_folder
from expressions.prediction.annotations import is_annotation


class Medium(Enum):
    """How a source is read."""

    PICTURE = "picture"
    ANIMATION = "animation"
    VIDEO = "video"
    CAMERA = "camera"


class Source(NamedTuple):
    """A file, as the user named it, or a camera."""

    path: str
    name: str
    """Without a suffix: what is made of it is called so, in the folders it was found in."""
    medium: Medium = Medium.PICTURE


class Sources(NamedTuple):
    """The files that are looked at, and how many others were met, by reason."""

    files: list[Source]
    passed_over: Counter[str]


def find_sources(paths: Iterable[str], output: Path | None = None) -> Sources:
    """Find the files that `paths` mean: files, folders (in depth), or patterns such as `*.jpg`.

    A file that is named is among them whatever it is, so that it is reported where it was asked
    for; in folders and among the matches of a pattern, what is neither picture nor video is passed
    over. No file is taken twice, and none that `--annotate` wrote is taken from a folder.

    Args:
        paths: as the user wrote them.
        output: the folder that is written to, which is not searched unless it is named itself.
    """
    found = Sources([], Counter())
    seen: set[str] = set()
    for text in paths:
        for source in _sources_of(text, output, found.passed_over):
            real = os.path.realpath(source.path)
            if real in seen:
                found.passed_over["named twice"] += 1
            else:
                seen.add(real)
                found.files.append(source)
    return found


def _sources_of(text: str, output: Path | None, passed_over: Counter[str]) -> list[Source]:
    path = Path(text)
    if text and is_folder(path):
        return _in_folder(path, output, passed_over)
    if text and os.path.lexists(path):
        return [_source(path, path.name)]
    matches = sorted(glob.glob(text, recursive=True))  # noqa: PTH207 - a pattern may be absolute
    if not matches:
        return [Source(text, path.stem)]
    sources = []
    for match in map(Path, matches):
        if is_folder(match):
            # `**` matches the files in a folder, too.
            sources += [] if "**" in text else _in_folder(match, output, passed_over)
        elif reason := _reason_against(match):
            passed_over[reason] += 1
        else:
            sources.append(_source(match, match.name))
    return sources


def _in_folder(folder: Path, output: Path | None, passed_over: Counter[str]) -> list[Source]:
    def reason_against(path: Path) -> str:
        if output is not None and is_folder(path) and is_folder(output) and path.samefile(output):
            return "the folder that is written to"
        return "written by --annotate" if is_annotation(path) else ""

    search = search_folder(folder, reason_against=reason_against)
    passed_over.update(search.passed_over)
    return [_source(path, str(path.relative_to(folder))) for path, _ in search.files]


def _reason_against(path: Path) -> str:
    if is_annotation(path):
        return "written by --annotate"
    return "neither picture nor video" if _role(path) is Role.OTHER else ""


def _source(path: Path, name: str) -> Source:
    medium = Medium.PICTURE
    if _role(path) is Role.VIDEO:
        medium = Medium.VIDEO
    elif _is_file(path) and is_animation(path):
        medium = Medium.ANIMATION
    return Source(str(path), str(Path(name).with_suffix("")), medium)


def _role(path: Path) -> Role:
    try:
        return role_of(path, read_kind(path) if _is_file(path) else None)
    except OSError:
        return role_of(path, None)


def _is_file(path: Path) -> bool:
    # Path.is_file raises for names that are too long.
    return os.path.isfile(path)  # noqa: PTH113

"""The pictures and videos in a folder and below it, each once, and counts of what is left out."""

import errno
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from expressions.pictures.kinds import SUFFIXES, Kind, Role, read_kind

# Folders that systems keep what was thrown away, or copies of pictures, in.
_BINS = {
    "$recycle.bin", "#recycle", "recycler", "@eadir", "lost+found", "system volume information",
    "__macosx",
}  # fmt: skip
# What macOS shows as one file: programs and the libraries of picture managers.
_BUNDLES = (".app", ".photoslibrary", ".aplibrary", ".lrdata", ".lrlibrary", ".imovielibrary")


class MediaFile(NamedTuple):
    """A picture or a video."""

    path: Path
    role: Role


class Search(NamedTuple):
    """What a search found."""

    files: list[MediaFile]
    passed_over: Counter[str]
    """How many files and folders were left out, by reason."""


def search_folder(
    folder: Path,
    roles: frozenset[Role] = frozenset({Role.PICTURE, Role.VIDEO}),
    reason_against: Callable[[Path], str] = lambda _: "",
    *,
    links_to_files: bool = False,
) -> Search:
    """Find the files of the given roles in `folder` and below, sorted by path.

    What a file is, its first bytes say; where they say nothing, but its suffix claims that it is a
    picture or a video, it is among the files, so that whoever reads it reports it. Hidden files and
    folders, bins and bundles are left out. Links are followed; a file or folder to which several
    paths lead is taken once, so loops end.

    Args:
        folder: where to look.
        roles: what to look for.
        reason_against: says why a file or folder, given by its path, is left out; blank for others.
        links_to_files: whether a file is taken under each of its paths.
    """
    passed_over: Counter[str] = Counter()
    files = []
    seen: set[str] = set()
    for path in _walk(folder, {os.path.realpath(folder)}, passed_over, reason_against):
        reason, role = _judge(path)
        real = os.path.realpath(path)
        if not reason and role not in roles:
            reason = "not of a kind that is looked for"
        elif not reason and real in seen and not links_to_files:
            reason = "linked to twice"
        if reason:
            passed_over[reason] += 1
        else:
            seen.add(real)
            files.append(MediaFile(path, role))
    return Search(sorted(files, key=lambda file: file.path), passed_over)


def find_pictures(folder: Path) -> list[Path]:
    """Return the picture files in `folder` and below, sorted; see `search_folder`.

    A link to a file counts as one more: in a folder of another class it is another row.
    """
    found = search_folder(folder, frozenset({Role.PICTURE}), links_to_files=True)
    return [file.path for file in found.files]


def role_of(path: Path, kind: Kind | None) -> Role:
    """Return what a file is for, by its kind or, without one, by its suffix."""
    if kind is not None:
        return kind.role
    return next(
        (Role(role) for role, suffixes in SUFFIXES.items() if path.suffix.lower() in suffixes),
        Role.OTHER,
    )


def is_folder(path: Path) -> bool:
    """Return whether there is a folder; no name and no loop of links is an error."""
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises for names that are too long


def _walk(
    folder: Path,
    entered: set[str],
    passed_over: Counter[str],
    reason_against: Callable[[Path], str],
) -> Iterator[Path]:
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        passed_over[f"folders that cannot be read ({error.strerror})"] += 1
        return
    for path in paths:
        is_dir = is_folder(path)
        reason = _reason_against_name(path.name, is_dir) or reason_against(path)
        real = os.path.realpath(path)
        if not reason and is_dir and real in entered:
            reason = "linked to twice"
        if reason:
            passed_over[reason] += 1
        elif is_dir:
            entered.add(real)
            yield from _walk(path, entered, passed_over, reason_against)
        else:
            yield path


def _reason_against_name(name: str, is_dir: bool) -> str:
    if name.startswith("."):
        return "hidden"
    if is_dir and name.lower() in _BINS:
        return "bins"
    if is_dir and name.lower().endswith(_BUNDLES):
        return "bundles"
    return ""


def _judge(path: Path) -> tuple[str, Role]:
    """Why a file is left out, if it is, and what it is for."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return "devices, pipes and sockets", Role.OTHER
        role = role_of(path, read_kind(path))
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP):
            return "links that lead nowhere", Role.OTHER
        # Whoever reads it says why it cannot be read.
        role = role_of(path, None)
    return ("neither picture nor video" if role is Role.OTHER else ""), role

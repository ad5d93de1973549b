"""What emotions are looked for on: the files that a user means."""

import glob
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from expressions.pictures import files

VIDEOS = (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".ogv")
"""Suffixes of the files that are taken for videos, in small letters."""


class Source(NamedTuple):
    """A file, as the user named it, or a camera."""

    path: str
    name: str
    """Without a suffix: what is made of it is called so, in the folders it was found in."""

    @property
    def is_video(self) -> bool:
        """Whether the file is taken for a video."""
        return Path(self.path).suffix.lower() in VIDEOS


def find_sources(paths: Iterable[str]) -> list[Source]:
    """Find the files that `paths` mean: files, folders (in depth), or patterns such as `*.jpg`.

    What does not exist is among them, so that it is reported where it was asked for.
    """
    sources = []
    for text in paths:
        path = Path(text)
        if path.is_dir():
            below = sorted([*files.find(path), *_videos(path)])
            sources += [Source(str(p), str(p.relative_to(path).with_suffix(""))) for p in below]
        elif not path.exists() and (matches := sorted(glob.glob(text, recursive=True))):  # noqa: PTH207
            sources += find_sources(matches)
        else:
            sources.append(Source(text, path.stem))
    return sources


def with_unique_names(sources: Sequence[Source]) -> list[Source]:
    """Return the same sources; where a name stands before, a number is put behind it."""
    taken: Counter[str] = Counter()
    unique = []
    for source in sources:
        taken[source.name] += 1
        count = taken[source.name]
        unique.append(source if count == 1 else source._replace(name=f"{source.name}-{count}"))
    return unique


def _videos(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.suffix.lower() in VIDEOS]

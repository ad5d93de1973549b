"""Whether files still are what `dvc.lock` says was written, by reading them.

DVC trusts a file whose size and time did not change, and whatever lies write-protected in its
cache. Bits that turned on a disk or in a transfer pass there, so every stage reads its input once
more before it works, and `expressions verify` the whole cache.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from pydantic import BaseModel, ValidationError

from expressions.pipeline.declaration import damaged_file, load_yaml
from expressions.pipeline.paths import CODE
from expressions.pipeline.system.programs import output_of

# Hashing gives up Python's lock, so threads use both cores.
_THREADS = 2


@dataclass(frozen=True)
class FileState:
    """A file at one moment; one that was written in between is another, be its content the same."""

    md5: str
    inode: int
    size: int
    time: int
    """When it was last written, in nanoseconds."""
    status_time: int = field(compare=False)
    """When anything of it last changed; no program can set it, but another link changes it, too."""


class _Output(BaseModel):
    path: str
    md5: str


class _Stage(BaseModel):
    outs: list[_Output] = []


class _Lock(BaseModel):
    """The part of `dvc.lock` that tells what stages wrote."""

    stages: dict[str, _Stage] = {}


class Damage(NamedTuple):
    """A file that is not what was written."""

    path: Path
    expected: str
    found: str
    """Both are MD5 hashes; an unexpected file is `absent` on the one side."""


def damaged_inputs(root: Path, stage: str, used: Iterable[str]) -> list[Damage]:
    """Return the files below the paths `used` that differ from what earlier stages wrote.

    Only outputs of other stages count; sources and code may change at any time.
    """
    paths = list(used)
    written = {
        path: md5
        for path, md5 in locked_outputs(root, except_of=stage).items()
        if Path(path) != CODE and _overlaps(path, paths)
    }
    return damaged(root, written)


def read_states(
    root: Path, paths: Iterable[str], known: Mapping[str, FileState] = MappingProxyType({})
) -> dict[str, FileState]:
    """Return what each file at or below the `paths` is, by its path below `root`.

    A file that was not written since it was `known` is not read again.
    """
    files = {
        file.relative_to(root).as_posix(): file for path in paths for file in _files(root / path)
    }
    marks = {path: _marks(file) for path, file in files.items()}
    same = {
        path
        for path, state in known.items()
        if marks.get(path) == (state.inode, state.size, state.time, state.status_time)
    }
    new = sorted(files.keys() - same)
    hashes = dict(zip(new, _md5s(files[path] for path in new), strict=True))
    return {
        path: known[path] if path in same else FileState(hashes[path], *marks[path])
        for path in files
    }


def damaged(root: Path, expected: Mapping[str, str]) -> list[Damage]:
    """The files at the paths below `root` that are there and do not have their `expected` hash."""
    return [
        damage
        for path, md5 in expected.items()
        if (root / path).exists()
        for damage in _damaged_in(root, Path(path), md5)
    ]


def locked_outputs(root: Path, except_of: str = "") -> dict[str, str]:
    """The outputs that `dvc.lock` names, with their hashes; without those of one stage.

    Raises:
        InputError: the file is damaged.
    """
    path = root / "dvc.lock"
    try:
        lock = _Lock.model_validate(load_yaml(path) if path.exists() else {})
    except ValidationError:
        raise damaged_file(path) from None
    return {
        out.path: out.md5
        for name, stage in lock.stages.items()
        if name != except_of
        for out in stage.outs
    }


def remove_damaged(root: Path) -> list[Damage]:
    """Remove from DVC's cache every file whose content is not what its name says."""
    files = sorted((_cache(root) / "files/md5").glob("??/*"))
    wrong = []
    for path, md5 in zip(files, _md5s(files), strict=True):
        expected = (path.parent.name + path.name).removesuffix(".dir")
        if md5 != expected:
            path.unlink()
            wrong.append(Damage(path, expected, md5))
    return wrong


def _damaged_in(root: Path, path: Path, expected: str) -> list[Damage]:
    if (root / path).is_file():
        (found,) = _md5s([root / path])
        return [] if found == expected else [Damage(path, expected, found)]
    files = _files(root / path)
    names = [file.relative_to(root / path).as_posix() for file in files]
    hashes = dict(zip(names, _md5s(files), strict=True))
    found = _folder_md5(hashes)
    if found == expected:
        return []
    manifest = _cache(root) / "files/md5" / expected[:2] / expected[2:]
    if not manifest.exists():
        return [Damage(path, expected, found)]
    # DVC may have fetched only those files of a folder that a stage needs.
    entries = {entry["relpath"]: entry["md5"] for entry in json.loads(manifest.read_bytes())}
    return [
        Damage(path / name, entries.get(name, "absent"), md5)
        for name, md5 in hashes.items()
        if md5 != entries.get(name)
    ]


def _md5s(files: Iterable[Path]) -> list[str]:
    with ThreadPoolExecutor(_THREADS) as threads:
        return list(threads.map(_md5, files))


def _md5(path: Path) -> str:
    return _md5_of(path, *_marks(path))


@cache
def _md5_of(path: Path, *_: int) -> str:
    """Hash a file; a process does not read it again until it is written."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


def _files(path: Path) -> list[Path]:
    """Return the file at `path`, or those in the folder as DVC sees it, sorted."""
    if not path.is_dir():
        return [path] if path.exists() else []
    files = (file for file in sorted(path.rglob("*")) if file.is_file())
    return [file for file in files if "__pycache__" not in file.parts]


def _marks(path: Path) -> tuple[int, int, int, int]:
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _folder_md5(hashes: Mapping[str, str]) -> str:
    """A folder's hash as DVC 3 computes it, from those of its files."""
    entries = [{"md5": md5, "relpath": name} for name, md5 in sorted(hashes.items())]
    digest = hashlib.md5(json.dumps(entries).encode(), usedforsecurity=False)
    return f"{digest.hexdigest()}.dir"


def _cache(root: Path) -> Path:
    return root / output_of("dvc", "cache", "dir", folder=root).strip()


def _overlaps(path: str, others: Iterable[str]) -> bool:
    one = Path(path)
    return any(one == (two := Path(o)) or one in two.parents or two in one.parents for o in others)

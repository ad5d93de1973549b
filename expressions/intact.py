"""Whether files still are what `dvc.lock` says was written, by reading them.

DVC trusts a file whose size and time did not change, and whatever lies write-protected in its
cache. Bits that turned on a disk or in a transfer pass there, so every stage reads its input once
more before it works, and `expressions verify` the whole cache.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import yaml

# Hashing gives up Python's lock, so threads use both cores.
_THREADS = 2


class Damage(NamedTuple):
    """A file or folder that is not what was written."""

    path: Path
    expected: str
    found: str
    """Both as in `dvc.lock`: an MD5, with `.dir` at its end for a folder."""


def damaged_inputs(root: Path, stage: str) -> list[Damage]:
    """The inputs of `stage` (`crop@iefdb`) that differ from what earlier stages wrote.

    Only outputs of other stages count; sources and code may change at any time.
    """
    used = _dependencies(root, stage)
    written = locked_outputs(root, except_of=stage)
    read = {path: md5 for path, md5 in written.items() if any(_overlap(path, dep) for dep in used)}
    return damaged(root, read)


def damaged(root: Path, expected: Mapping[str, str]) -> list[Damage]:
    """Those of the paths below `root` that are there and do not have their `expected` hash."""
    there = [path for path in expected if (root / path).exists()]
    found = [dvc_md5(root / path) for path in there]
    return [
        Damage(Path(path), expected[path], md5)
        for path, md5 in zip(there, found, strict=True)
        if md5 != expected[path]
    ]


def locked_outputs(root: Path, except_of: str = "") -> dict[str, str]:
    """The outputs that `dvc.lock` names, with their hashes; without those of one stage."""
    lock = root / "dvc.lock"
    stages = yaml.load(lock.read_bytes(), yaml.CSafeLoader)["stages"] if lock.exists() else {}
    return {
        out["path"]: out["md5"]
        for name, stage in stages.items()
        if name != except_of
        for out in stage.get("outs", [])
    }


def dvc_md5(path: Path) -> str:
    """The hash of a file or a folder as DVC 3 writes it to `dvc.lock`."""
    if path.is_file():
        return _file_md5(path)
    files = [Path(folder, name) for folder, _, names in os.walk(path) for name in names]
    with ThreadPoolExecutor(_THREADS) as threads:
        hashes = list(threads.map(_file_md5, files))
    entries = [
        {"md5": md5, "relpath": file.relative_to(path).as_posix()}
        for file, md5 in zip(files, hashes, strict=True)
    ]
    entries.sort(key=lambda entry: entry["relpath"])
    return f"{hashlib.md5(json.dumps(entries).encode()).hexdigest()}.dir"  # noqa: S324


def remove_damaged(cache: Path) -> list[Damage]:
    """Remove from DVC's cache every object whose content is not what its name says."""
    objects = sorted((cache / "files/md5").glob("??/*"))
    with ThreadPoolExecutor(_THREADS) as threads:
        hashes = list(threads.map(_file_md5, objects))
    wrong = []
    for path, md5 in zip(objects, hashes, strict=True):
        expected = path.parent.name + path.name
        if md5 != expected.removesuffix(".dir"):
            path.unlink()
            wrong.append(Damage(path, expected, md5))
    return wrong


def look_again(root: Path, path: Path) -> None:
    """Make DVC read a file, or the files of a folder, at its next command."""
    for file in [root / path, *(root / path).rglob("*")]:
        file.touch()


def _file_md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


def _dependencies(root: Path, stage: str) -> Iterator[str]:
    """The dependencies that `dvc.yaml` declares for `stage`, for one member of a matrix its own."""
    name, _, member = stage.partition("@")
    entry: dict[str, Any] = yaml.load((root / "dvc.yaml").read_bytes(), yaml.CSafeLoader)
    declared = entry["stages"].get(name, {})
    for key in declared.get("matrix", {"": ""}):
        for path in declared.get("deps", []):
            yield path.replace(f"${{item.{key}}}", member)


def _overlap(first: str, second: str) -> bool:
    a, b = Path(first), Path(second)
    return a == b or a in b.parents or b in a.parents

"""Whether files still are what `dvc.lock` says was written, by reading them.

DVC trusts a file whose size and time did not change, and whatever lies write-protected in its
cache. Bits that turned on a disk or in a transfer pass there, so every stage reads its input once
more before it works, and `expressions verify` the whole cache.
"""

import hashlib
import json
import subprocess
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import yaml

# Hashing gives up Python's lock, so threads use both cores.
_THREADS = 2


class Damage(NamedTuple):
    """A file that is not what was written."""

    path: Path
    expected: str
    found: str
    """Both are MD5 hashes; an unexpected file is `absent` on the one side."""


def damaged_inputs(root: Path, stage: str) -> list[Damage]:
    """The inputs of `stage` (such as `crop@iefdb`) that differ from what earlier stages wrote.

    Only outputs of other stages count; sources and code may change at any time.
    """
    used = _dependencies(root, stage)
    written = locked_outputs(root, except_of=stage).items()
    return damaged(root, {path: md5 for path, md5 in written if _overlaps(path, used)})


def damaged(root: Path, expected: Mapping[str, str]) -> list[Damage]:
    """The files at the paths below `root` that are there and do not have their `expected` hash."""
    return [
        damage
        for path, md5 in expected.items()
        if (root / path).exists()
        for damage in _damaged_in(root, Path(path), md5)
    ]


def locked_outputs(root: Path, except_of: str = "") -> dict[str, str]:
    """The outputs that `dvc.lock` names, with their hashes; without those of one stage."""
    lock = root / "dvc.lock"
    stages = _load(lock).get("stages", {}) if lock.exists() else {}
    return {
        out["path"]: out["md5"]
        for name, stage in stages.items()
        if name != except_of
        for out in stage.get("outs", [])
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
    files = [file for file in sorted((root / path).rglob("*")) if file.is_file()]
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
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


def _folder_md5(hashes: Mapping[str, str]) -> str:
    """A folder's hash as DVC 3 computes it, from those of its files."""
    entries = [{"md5": md5, "relpath": name} for name, md5 in sorted(hashes.items())]
    digest = hashlib.md5(json.dumps(entries).encode(), usedforsecurity=False)
    return f"{digest.hexdigest()}.dir"


def _cache(root: Path) -> Path:
    command = ["dvc", "cache", "dir"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)  # noqa: S603
    return root / done.stdout.strip()


def _dependencies(root: Path, stage: str) -> list[str]:
    """The dependencies that `dvc.yaml` declares for `stage`, for one member of a matrix its own."""
    name, _, member = stage.partition("@")
    declared = _load(root / "dvc.yaml")["stages"].get(name, {})
    deps: list[str] = declared.get("deps", [])
    for key in declared.get("matrix", {}):
        deps = [path.replace(f"${{item.{key}}}", member) for path in deps]
    return deps


def _overlaps(path: str, others: Iterable[str]) -> bool:
    one = Path(path)
    return any(one == (two := Path(o)) or one in two.parents or two in one.parents for o in others)


def _load(path: Path) -> Any:
    return yaml.load(path.read_bytes(), yaml.CSafeLoader)

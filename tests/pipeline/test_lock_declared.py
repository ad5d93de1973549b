"""`dvc.yaml` declares what a stage uses: all of it, since else the lock lies, and nothing more.

Every stage runs once more in a folder that holds what `dvc.yaml` declares for it, the modules that
its manifest lists, and nothing else, as another user, elsewhere in the world, on one core. What it
lacks there is missing in `dvc.yaml` or in the manifest; what it does not touch there is declared
for nothing; what comes out different is not repeatable.
"""

import hashlib
import json
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from helpers import ROOT, Repository

from checks.repeat import ELSEWHERE
from expressions.pipeline.code import read_manifest
from expressions.pipeline.parameters import read_value
from expressions.pipeline.paths import CODE

# What `train.start_from: none` names, since DVC has no dependency for one value of a parameter.
NOTHING = "models/none"

# What a stage loads only when DVC runs it, as `pipeline.stage` does.
LAZY: set[str] = set()


class Sealed(NamedTuple):
    """What a stage did with what it declares alone."""

    folder: Path
    done: subprocess.CompletedProcess[str]
    opened: set[str]
    parameters: set[str]


@pytest.fixture(scope="module")
def sealed(finished: Repository, tmp_path_factory) -> dict[str, Sealed]:
    """Each stage of the finished pipeline, run again on its own, one stage a core."""
    cores = sorted(os.sched_getaffinity(0))
    base = tmp_path_factory.mktemp("another folder, ünusual")
    stages = finished.lock()

    def run(numbered: tuple[int, str]) -> Sealed:
        number, name = numbered
        core = cores[number % len(cores)]
        return run_sealed(finished, stages[name], base / f"{number:02d}", core)

    with ThreadPoolExecutor(len(cores)) as threads:
        return dict(zip(stages, threads.map(run, enumerate(stages)), strict=True))


def run_sealed(finished: Repository, stage: dict[str, Any], folder: Path, core: int) -> Sealed:
    """Copy what `stage`, an entry of `dvc.lock`, declares to `folder` and run it there."""
    folder.mkdir()
    for entry in stage["deps"]:
        source, target = finished.folder / entry["path"], folder / entry["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            # Two parameters may name the same folder.
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copyfile(source, target)
    for path in listed_modules(stage, finished.folder):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(finished.folder / path, folder / path)
    parameters = nested(stage.get("params", {}).get("params.yaml", {}))
    (folder / "params.yaml").write_text(yaml.safe_dump(parameters), encoding="utf-8")
    (folder / "home").mkdir()
    log = folder / "audit.log"
    environment = finished.environment | ELSEWHERE
    environment |= {"PYTHONPATH": str(ROOT / "tests/audit"), "AUDIT_LOG": str(log)}
    environment["HOME"] = str(folder / "home")
    command = f"umask 077; exec taskset -c {core} {stage['cmd']}"
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    lines = log.read_text(encoding="utf-8").splitlines()
    events = [line.partition(" ") for line in lines]
    return Sealed(
        folder,
        done,
        {what for kind, _, what in events if kind == "file"},
        {what for kind, _, what in events if kind == "parameter"},
    )


def nested(values: dict[str, Any]) -> dict[str, Any]:
    """`{"a.b": 1}` as `{"a": {"b": 1}}`."""
    tree: dict[str, Any] = {}
    for path, value in values.items():
        *folders, last = path.split(".")
        branch = tree
        for key in folders:
            branch = branch.setdefault(key, {})
        branch[last] = value
    return tree


def holds(outer: str, inner: str, separator: str) -> bool:
    return inner == outer or inner.startswith(outer + separator)


def listed_modules(stage: dict[str, Any], root: Path) -> list[str]:
    """The modules of the manifest that an entry of `dvc.lock` depends on."""
    manifests = [e["path"] for e in stage["deps"] if e["path"].startswith(f"{CODE}/")]
    return [
        path
        for manifest in manifests
        if manifest.endswith(".txt")
        for path in read_manifest(root / manifest).modules
    ]


def test_the_order_of_parameters_is_not_seen_just_as_dvc_does_not_see_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for text in ("a: {b: 1, c: {e: 2, d: 3}}", "a: {c: {d: 3, e: 2}, b: 1}"):
        Path("params.yaml").write_text(text, encoding="utf-8")
        assert json.dumps(read_value("a")) == '{"b": 1, "c": {"d": 3, "e": 2}}'


@pytest.mark.pipeline
def test_every_stage_runs_with_what_it_declares_alone(sealed):
    for name, run in sealed.items():
        missing = sorted(path for path in run.opened if not (run.folder / path).exists())
        assert run.done.returncode == 0, (
            f"{name} needs more than dvc.yaml declares for it. Add under its `deps:` or `params:` "
            f"what it lacked; it looked for {missing} and said:\n{run.done.stderr[-2000:]}"
        )


@pytest.mark.pipeline
def test_every_parameter_read_is_declared_and_every_declared_one_read(sealed, finished):
    locked = finished.lock()
    for name, run in sealed.items():
        stated = locked[name].get("params", {}).get("params.yaml", {})
        for path in run.parameters:
            assert any(holds(one, path, ".") for one in stated), (
                f"{name} reads the parameter {path}: add `- {path}` under its `params:` in dvc.yaml"
            )
        for path in stated:
            assert any(holds(one, path, ".") for one in run.parameters), (
                f"{name} does not read all of {path}, only {sorted(run.parameters)}: "
                "state that under its `params:` in dvc.yaml, so that it does not run for nothing"
            )


@pytest.mark.pipeline
def test_every_declared_file_is_opened(sealed, finished):
    locked = finished.lock()
    for name, run in sealed.items():
        for entry in locked[name]["deps"]:
            path = entry["path"]
            if path.startswith((f"{CODE}/", "stages", NOTHING)):
                continue
            assert any(holds(path, one, "/") for one in run.opened), (
                f"{name} does not open {path}: take it from its `deps:` in dvc.yaml"
            )


@pytest.mark.pipeline
def test_every_listed_module_is_imported(sealed, finished):
    """A module's file is opened when it is imported; its compiled form is not there."""
    for name, stage in finished.lock().items():
        modules = set(listed_modules(stage, finished.folder))
        assert modules - sealed[name].opened - LAZY == set(), name
        assert bool(modules) == (name != "code")


@pytest.mark.pipeline
def test_the_bytes_are_the_same_elsewhere(sealed, finished):
    """In another folder, as `ELSEWHERE` says, and on one core."""
    for name, stage in finished.lock().items():
        for out in stage["outs"]:
            here, there = finished.folder / out["path"], sealed[name].folder / out["path"]
            assert contents(there) == contents(here), f"{name}: {out['path']}"


def contents(path: Path) -> dict[str, str]:
    """The hash of a file, or of each file of a folder, by its name."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    digests = {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    return {file.relative_to(path).as_posix(): digest for file, digest in digests.items()}

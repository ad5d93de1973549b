"""Run the pipeline in two fresh clones and compare every byte: `make verify-repeat`.

The first clone is run as a user would, the second in a folder of another name, with another hash
seed, time zone, locale, umask, user and home, and on one core.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from expressions.network import processor

ROOT = Path(__file__).parent.parent

ELSEWHERE = {
    "PYTHONHASHSEED": "4711",
    "TZ": "Asia/Kathmandu",
    "LC_ALL": "C",
    "PYTHONUTF8": "0",
    "USER": "somebody",
    "LOGNAME": "somebody",
}
"""The environment of somebody else."""


def main() -> None:
    """Print the hash of each output; exit code 1 if the runs, or this run and git's, differ."""
    with TemporaryDirectory(prefix="expressions ") as folder:
        first = reproduce(Path(folder, "first"), {}, "")
        elsewhere = ELSEWHERE | {"HOME": str(Path(folder, "home"))}
        Path(folder, "home").mkdir()
        core = min(os.sched_getaffinity(0))
        second = reproduce(Path(folder, "zweiter Ort"), elsewhere, f"umask 077; taskset -c {core} ")
    for path, md5 in outputs(first).items():
        print(f"{md5:<36} {path}")
    differing = differences(first, second)
    print("both runs wrote the same dvc.lock" if first == second else f"runs differ: {differing}")
    committed = (ROOT / "dvc.lock").read_text(encoding="utf-8")
    if not processor.recorded_here(ROOT):
        print(f"git's dvc.lock comes from another processor: {differences(first, committed)}")
        sys.exit(first != second)
    print("git has the same" if first == committed else f"git's: {differences(first, committed)}")
    sys.exit(not first == second == committed)


def reproduce(clone: Path, environment: Mapping[str, str], before: str) -> str:
    """The `dvc.lock` that running everything in a new clone at `clone` leaves."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)  # noqa: S603, S607
    command = ["sh", "-c", f"{before}dvc repro --no-run-cache"]
    subprocess.run(command, cwd=clone, env=os.environ | environment, check=True)  # noqa: S603
    return (clone / "dvc.lock").read_text(encoding="utf-8")


def outputs(lock: str) -> dict[str, str]:
    """The hash of each output in the text of a `dvc.lock`."""
    stages: Mapping[str, Any] = yaml.load(lock, yaml.CSafeLoader)["stages"]
    return {out["path"]: out["md5"] for stage in stages.values() for out in stage.get("outs", [])}


def differences(first: str, second: str) -> list[str]:
    """The outputs whose hashes differ, or `[]`, where only something else does."""
    one, two = outputs(first), outputs(second)
    return sorted(path for path in one.keys() | two.keys() if one.get(path) != two.get(path))


if __name__ == "__main__":
    main()

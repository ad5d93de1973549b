"""The pipeline to `arrays` at 1, 3 and 10 times FER-2013: seconds and peak memory of each stage.

Each copy of a picture differs in one pixel, since else all would be twins. `FACTORS` in the
environment takes other multiples. At 10 times it takes a quarter of an hour and 20 GB of disk.
"""

import os
import subprocess
import sys
import threading
import time
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import psutil

from checks.clones import ROOT, git, run
from expressions.datasets.layouts.fer2013_tables import PICTURES, VOTES
from expressions.datasets.sources.source_files import SourceFile, open_source

FACTORS = [int(factor) for factor in os.environ.get("FACTORS", "1 3 10").split()]

STAGES = (
    ("code",), ("ingest", "fer2013"), ("clean", "fer2013"), ("join",), ("render", "fer2013"),
    ("crop", "fer2013"), ("arrays",),
)  # fmt: skip


class Cost(NamedTuple):
    """What a stage took."""

    seconds: float
    peak: int
    """Bytes of the stage's process and of those that it started, at one time."""


def main() -> None:
    """Print a line for each stage, and one for the whole."""
    data = Path(os.environ["FER_DATA"]).resolve()
    costs = {factor: run_stages(data, factor) for factor in FACTORS}
    for stage in STAGES:
        of_each = [costs[factor][" ".join(stage)] for factor in FACTORS]
        told = ", ".join(f"{cost.seconds:.1f} s {cost.peak / 1e6:.0f} MB" for cost in of_each)
        print(f"scale {' '.join(stage)}: {told}")
    whole = [sum(cost.seconds for cost in costs[factor].values()) for factor in FACTORS]
    peak = max(cost.peak for of_factor in costs.values() for cost in of_factor.values())
    told = ", ".join(f"{seconds:.0f} s" for seconds in whole)
    print(
        f"scale: ratio {whole[-1] / whole[0]:.1f} at {FACTORS[-1] / FACTORS[0]:.0f} times the rows "
        f"({told}; at most {peak / 1e6:.0f} MB)"
    )


def run_stages(data: Path, factor: int) -> dict[str, Cost]:
    """Run every stage up to `arrays` on `factor` times the rows."""
    with TemporaryDirectory() as name:
        repository, tables = Path(name) / "repository", Path(name) / "tables"
        git(ROOT, "clone", "--quiet", str(ROOT), str(repository))
        tables.mkdir()
        write_times(data, tables, factor)
        run(repository, "expressions", "use", str(tables))
        return {" ".join(stage): measure(repository, stage) for stage in STAGES}


def write_times(data: Path, folder: Path, factor: int) -> None:
    """Both tables, `factor` times one after the other."""
    for copy, kind in product(range(factor), (PICTURES, VOTES)):
        with open_source(data, kind) as (_, name, stream), (folder / name).open("ab") as table:
            header = stream.readline()
            table.write(b"" if copy else header)
            for row, line in enumerate(stream):
                table.write(change(kind, line, copy, row))


def change(kind: SourceFile, line: bytes, copy: int, row: int) -> bytes:
    """A row of a later copy: another first pixel, another name."""
    if kind is PICTURES:
        emotion, usage, pixels = line.split(b",")
        first, rest = pixels.split(b" ", 1)
        return b",".join((emotion, usage, b"%d %s" % ((int(first) + copy) % 256, rest)))
    usage, image, votes = line.split(b",", 2)
    return b",".join((usage, image and b"fer%07d.png" % (copy * 100_000 + row), votes))


def measure(repository: Path, stage: tuple[str, ...]) -> Cost:
    """Run a stage as DVC does."""
    start = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-X", "utf8", "-m", f"stages.{stage[0]}", *stage[1:]],
        cwd=repository,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(repository)},
    )
    peaks = [0]
    watch = threading.Thread(target=watch_memory, args=(process.pid, peaks))
    watch.start()
    status = process.wait()
    seconds = time.perf_counter() - start
    watch.join()
    assert status == 0, stage
    return Cost(seconds, peaks[0])


def watch_memory(pid: int, peaks: list[int]) -> None:
    """Keep in `peaks` the most memory that a process and its children hold until it ends."""
    try:
        process = psutil.Process(pid)
        while process.status() != psutil.STATUS_ZOMBIE:
            family = [process, *process.children(recursive=True)]
            # Memory that several share counts once.
            peaks[0] = max(peaks[0], sum(one.memory_full_info().pss for one in family))
            time.sleep(0.05)
    except psutil.NoSuchProcess:
        pass


if __name__ == "__main__":
    main()

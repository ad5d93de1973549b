"""Faces found on other machines: the same bytes, whatever becomes of a worker."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from crop_run import crop, digest, render
from helpers import ROOT

from expressions.errors import InputError
from expressions.faces import shards as face_shards
from expressions.pictures import workers


class Cluster:
    """A Dask scheduler and its workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.processes: list[subprocess.Popen[str]] = []
        scheduler = self._start("scheduler", "--port", "0", "--dashboard-address", "127.0.0.1:0")
        self.address = self._said(scheduler, r"Scheduler at:\s+(tcp://\S+)")

    def add_worker(self, **environment: str) -> "subprocess.Popen[str]":
        worker = self._start(
            *("worker", self.address, "--nthreads", "1", "--no-dashboard", "--no-nanny"),
            **environment,
        )
        self._said(worker, r"(Registered to)")
        return worker

    def close(self) -> None:
        for process in reversed(self.processes):
            process.kill()
            process.wait()

    def _start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        log = (self._folder / f"{len(self.processes)}.log").open("w")
        process = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:],
             "--host", "127.0.0.1"],
            stderr=log, stdout=log, text=True, cwd=self._folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        )  # fmt: skip
        process.log = log.name  # type: ignore[attr-defined]
        self.processes.append(process)
        return process

    def _said(self, process: "subprocess.Popen[str]", pattern: str) -> str:
        for _ in range(600):
            found = re.search(pattern, Path(process.log).read_text())  # type: ignore[attr-defined]
            if found:
                return found[1]
            time.sleep(0.1)
        raise AssertionError(Path(process.log).read_text())  # type: ignore[attr-defined]


@pytest.fixture
def cluster(tmp_path_factory, monkeypatch) -> Iterator[Cluster]:
    started = Cluster(tmp_path_factory.mktemp("cluster"))
    monkeypatch.setenv(workers.SCHEDULER, started.address)
    monkeypatch.setenv("EXPRESSIONS_FACE_STORE", "off")
    yield started
    started.close()


def test_a_cluster_gives_the_same_bytes_although_a_worker_dies(
    repository, expected, cluster, monkeypatch
):
    first = cluster.add_worker()
    cluster.add_worker()
    monkeypatch.setattr(face_shards, "_PICTURES_A_TASK", 2)
    render()
    asked = workers.map_in_order
    done: list[int] = []

    def kill_after_the_second(*arguments):
        for result in asked(*arguments):
            done.append(len(result))
            if len(done) == 2:
                first.kill()
                first.wait()
            yield result

    monkeypatch.setattr(face_shards, "map_in_order", kill_after_the_second)
    crop()
    assert first.poll() is not None
    assert len(done) > 6
    assert digest() == expected


def test_a_worker_with_other_code_is_refused(repository, cluster, tmp_path):
    other = tmp_path / "other"
    for package in ("expressions", "stages"):
        shutil.copytree(ROOT / package, other / package)
    with (other / "expressions/pictures/files.py").open("a", encoding="utf-8") as file:
        file.write("# another version\n")
    cluster.add_worker(PYTHONPATH=str(other))
    with pytest.raises(InputError, match=r"a worker has expressions/pictures/files\.py"):
        render()
    assert not Path("data/images/iefdb").exists()


def test_without_a_scheduler_at_the_address_one_message_says_so(repository, monkeypatch):
    monkeypatch.setenv(workers.SCHEDULER, "tcp://127.0.0.1:9")
    monkeypatch.setattr(workers, "_SECONDS_TO_ANSWER", 1)
    with pytest.raises(InputError, match=r"no scheduler with a worker answers at tcp:"):
        render()

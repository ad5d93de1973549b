"""Experiments that DVC runs in a copy of the repository, with sources that git does not have."""

import csv
import shutil
import time

import pytest
from helpers import Repository

pytestmark = pytest.mark.pipeline

COPIED = ("--copy-paths", "data/source/files")


@pytest.fixture
def repository(finished: Repository, tmp_path) -> Repository:
    """A repository in which the sources are the user's own files."""
    copy = finished.copy(tmp_path / "copy")
    raw, owned = copy.folder / "data/raw", tmp_path / "owned"
    owned.mkdir()
    for path in (raw / "fer2013").iterdir():
        shutil.copyfile(path, owned / path.name)
    copy.run("expressions", "use", str(owned))
    copy.repro("arrays")
    copy.commit("use my files")
    return copy


def test_one_runs_in_a_folder_of_its_own(repository):
    done = repository.run(
        "dvc", "exp", "run", "--temp", *COPIED, "--set-param", "render.shards=4", "--name", "four",
        "arrays",
    )  # fmt: skip
    assert "Running stage 'render@fer2013'" in done.stdout
    assert "Running stage 'ingest@fer2013'" not in done.stdout, "it has the files"
    assert "four" in repository.run("dvc", "exp", "list").stdout


def test_a_sweep_runs_in_a_queue_with_two_workers(repository):
    repository.run(
        "dvc", "exp", "run", "--queue", *COPIED, "--set-param", "render.shards=2,3", "arrays"
    )
    repository.run("dvc", "queue", "start", "--jobs", "2")
    end = time.monotonic() + 240
    while time.monotonic() < end:
        status = repository.run("dvc", "queue", "status").stdout
        if "Queued" not in status and "Running" not in status:
            break
        time.sleep(1)
    assert status.count("Success") == 2, status
    repository.run("dvc", "queue", "stop", "--kill", check=False)
    table = repository.run("dvc", "exp", "show", "--csv", "--no-pager").stdout
    rows = list(csv.DictReader(table.splitlines()))
    assert {row["render.shards"] for row in rows} == {"2", "3", "16"}

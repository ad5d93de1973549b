"""What several tests share: the repository, the real data, a copy of the pipeline to run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from expressions import fer2013, packings

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def fer_data() -> Path:
    """The folder of the real data; without `FER_DATA` the tests that need it do not run."""
    folder = os.environ.get("FER_DATA")
    if not folder:
        pytest.skip("FER_DATA does not name the folder of the real data")
    return Path(folder)


@pytest.fixture(scope="session")
def fer2013_pictures(fer_data: Path, tmp_path_factory: pytest.TempPathFactory) -> NDArray[np.uint8]:
    """The first 8,192 pictures of the real table, `[n, 48, 48]`."""
    path = packings.find(fer_data, fer2013.PICTURE_TABLES)
    assert path is not None
    name = packings.content_name(path, fer2013.PICTURE_TABLES)
    table = tmp_path_factory.mktemp("fer2013") / name
    with packings.unpacked(path, name) as stream:
        table.write_bytes(b"".join(islice(stream, 8193)))
    return np.concatenate([block.pixels for block in fer2013.read_pictures(table)])


class Repository:
    """A copy of the pipeline in its own folder, under git and DVC, with its own cache."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command in the repository's folder; its output is text."""
        beside_python = str(Path(sys.executable).parent)
        environment = os.environ | {"PATH": os.pathsep.join([beside_python, os.environ["PATH"]])}
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(
                f"{command} ended with {done.returncode}\n{done.stdout}{done.stderr}"
            )
        return done

    def repro(self, *arguments: str) -> set[str]:
        """Run `dvc repro` and give the names of the stages that ran."""
        done = self.run("dvc", "repro", *arguments)
        mark = "Running stage '"
        ran = [line for line in done.stdout.splitlines() if line.startswith(mark)]
        return {line.removeprefix(mark).rstrip(":'") for line in ran}

    def edit(self, file: str, before: str, after: str) -> None:
        """Replace `before`, which has to occur once, in a file."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{before!r} occurs {text.count(before)} times in {file}"
        path.write_text(text.replace(before, after), encoding="utf-8")

    def commit(self, message: str = "change") -> None:
        """Commit everything that git does not ignore."""
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--allow-empty", "--message", message)


def copy_of_pipeline(folder: Path) -> Repository:
    """The files git tracks, at their present state, as a new repository in `folder`."""
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in tracked:
        source, target = ROOT / name, folder / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    repository = Repository(folder)
    repository.run("git", "init", "--quiet")
    repository.run("git", "config", "user.name", "Test")
    repository.run("git", "config", "user.email", "test@example.org")
    repository.commit("start")
    return repository


@pytest.fixture(scope="session")
def new_repository(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Repository]:
    """Make a copy of the pipeline in a folder of its own."""
    return lambda: copy_of_pipeline(tmp_path_factory.mktemp("repository"))

"""What several tests share: the repository, the real data, a copy of the pipeline to run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from filelock import FileLock
from numpy.typing import NDArray

from expressions import fer2013, packings
from expressions.outputs import whole_folder

ROOT = Path(__file__).parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files with the longest tests first, so that no process waits for another at the end."""
    items.sort(key=lambda item: item.get_closest_marker("pipeline") is None)


def faces(count: int, seed: int = 0) -> NDArray[np.float32]:
    """Random pictures as a network takes them, `[count, 48, 48]`, -1 to 1."""
    return np.random.default_rng(seed).uniform(-1, 1, (count, 48, 48)).astype(np.float32)


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


EVERYTHING = {
    "versions",
    "ingest@fer2013",
    "ingest@iefdb",
    "clean@fer2013",
    "clean@iefdb",
    "join",
    "render@fer2013",
    "render@iefdb",
    "crop@fer2013",
    "crop@iefdb",
    "arrays",
    "train",
    "evaluate",
    "export",
    "audit",
    "report",
}


class Repository:
    """A copy of the pipeline in its own folder, under git and DVC, with its own cache."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def environment(self) -> dict[str, str]:
        """The variables of this process, with the programs beside this Python first."""
        beside_python = str(Path(sys.executable).parent)
        return os.environ | {"PATH": os.pathsep.join([beside_python, os.environ["PATH"]])}

    def run(
        self, *command: str, check: bool = True, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the repository's folder; its output is text."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment | environment,
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
        return _stages_run(self.run("dvc", "repro", *arguments).stdout)

    def repro_experiment(self, *arguments: str) -> set[str]:
        """Run `dvc exp run` and give the names of the stages that ran."""
        return _stages_run(self.run("dvc", "exp", "run", *arguments).stdout)

    def edit(self, file: str, before: str, after: str) -> None:
        """Replace `before`, which has to occur once, in a file."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{before!r} occurs {text.count(before)} times in {file}"
        path.write_text(text.replace(before, after), encoding="utf-8")

    def read(self, file: str) -> str:
        """The text of a file."""
        return (self.folder / file).read_text(encoding="utf-8")

    def lock(self) -> dict[str, Any]:
        """The stages of `dvc.lock`."""
        return yaml.load(self.read("dvc.lock"), yaml.CSafeLoader)["stages"]

    def clone(self, folder: Path) -> "Repository":
        """What another person gets: everything in git, without data and without cache."""
        self.run("git", "clone", "--quiet", str(self.folder), str(folder))
        return _with_a_name(Repository(folder))

    def copy(self, folder: Path) -> "Repository":
        """A clone in which everything that was computed is in the cache and in place."""
        clone = self.clone(folder)
        shutil.copytree(self.folder / ".dvc/cache", folder / ".dvc/cache")
        clone.run("dvc", "checkout")
        return clone

    def use_remote(self, url: str, **settings: str) -> None:
        """Make a remote the default one, as `dvc remote add --local` does in more time."""
        lines = [f"    {key} = {value}" for key, value in {"url": url, **settings}.items()]
        text = "\n".join(["[core]", "    remote = shared", "['remote \"shared\"']", *lines, ""])
        (self.folder / ".dvc/config.local").write_text(text, encoding="utf-8")

    def commit(self, message: str = "change") -> None:
        """Commit everything that git does not ignore."""
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--allow-empty", "--message", message)


def _stages_run(output: str) -> set[str]:
    mark = "Running stage '"
    ran = [line for line in output.splitlines() if line.startswith(mark)]
    return {line.removeprefix(mark).rstrip(":'") for line in ran}


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
    repository.run("git", "init", "--quiet", "--initial-branch", "main")
    _with_a_name(repository).commit("start")
    return repository


def _with_a_name(repository: Repository) -> Repository:
    repository.run("git", "config", "user.name", "Test")
    repository.run("git", "config", "user.email", "test@example.org")
    return repository


@pytest.fixture(scope="session")
def new_repository(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Repository]:
    """Make a copy of the pipeline in a folder of its own."""
    return lambda: copy_of_pipeline(tmp_path_factory.mktemp("repository"))


def make_small(repository: Repository) -> None:
    """A data set and a training of seconds."""
    repository.edit("data/source/demo/fer2013/recipe.yaml", "training: 900", "training: 160")
    for split in ("validation", "test"):
        repository.edit("data/source/demo/fer2013/recipe.yaml", f"{split}: 260", f"{split}: 36")
    repository.edit("data/source/demo/iefdb/recipe.yaml", "photographs: 42", "photographs: 8")
    repository.edit("params.yaml", "epochs: 75", "epochs: 2")
    repository.edit("params.yaml", "warmup_epochs: 2", "warmup_epochs: 1")
    repository.edit("params.yaml", "batch: 128", "batch: 32")
    repository.edit("params.yaml", "resamples: 10000", "resamples: 100")


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A small pipeline that ran to its end and was committed, once for all processes of pytest."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "first_run"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            with whole_folder(folder) as partial:
                run_small(copy_of_pipeline(partial))
    return Repository(folder)


def run_small(repository: Repository) -> None:
    """Run the small pipeline and commit what it leaves."""
    make_small(repository)
    (repository.folder / "dvc.lock").unlink(missing_ok=True)
    assert repository.repro() == EVERYTHING
    repository.commit("first run")


@pytest.fixture(scope="session")
def finished(first_run: Repository, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A copy of the first run; tests put back what they change."""
    return first_run.copy(tmp_path_factory.mktemp("finished") / "repository")

"""What is edited while a stage runs is never recorded as what the stage has used."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from helpers import ROOT, Repository

pytestmark = pytest.mark.pipeline

SECONDS_TO_REACH = 120


@pytest.fixture
def repository(finished: Repository):
    yield finished
    finished.put_back()
    for path in finished.folder.glob("models/checkpoints/*"):
        path.unlink()


class Paused:
    """A running command whose stage waits; `end` lets it go on and gives what it said."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        self._process, self._folder = process, folder

    @property
    def reached(self) -> bool:
        """Whether the stage waits, or has waited."""
        return (self._folder / "reached").exists()

    def end(self) -> tuple[int, str]:
        """The exit code, and standard output and error in one."""
        (self._folder / "released").touch()
        output, _ = self._process.communicate(timeout=300)
        return self._process.returncode, output


@contextmanager
def paused(
    repository: Repository, folder: Path, stage: str, place: str, *command: str
) -> Iterator[Paused]:
    """Run a command until `stage` opens a file whose name holds `place`, or to its end."""
    folder.mkdir()
    pause = {"PAUSE_STAGE": stage, "PAUSE_AT": place, "PAUSE_FOLDER": str(folder)}
    environment = repository.environment | pause | {"PYTHONPATH": str(ROOT / "tests/pause")}
    process = subprocess.Popen(
        command, cwd=repository.folder, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    run = Paused(process, folder)
    end = time.monotonic() + SECONDS_TO_REACH
    while not run.reached and process.poll() is None and time.monotonic() < end:
        time.sleep(0.1)
    try:
        yield run
    finally:
        process.kill()
        process.wait()


def append(repository: Repository, file: str, text: str) -> None:
    with (repository.folder / file).open("a", encoding="utf-8") as stream:
        stream.write(text)


def test_train_does_not_record_what_it_did_not_use(repository, tmp_path):
    """Module, parameter and input at once; put back, the finished training is taken up."""
    module, table = "expressions/network/fused_norm.py", "data/arrays/training.csv"
    repository.edit("params.yaml", "  seed: 1\n  portable", "  seed: 2\n  portable")
    lock = repository.read("dvc.lock")
    before = {file: repository.read(file) for file in (module, table)}
    command = ("dvc", "repro", "train")
    with paused(repository, tmp_path / "first", "train", "checkpoints/.", *command) as run:
        assert run.reached
        append(repository, module, "# another line\n")
        append(repository, table, "\n")
        repository.edit("params.yaml", "  seed: 2\n  portable", "  seed: 3\n  portable")
        code, said = run.end()
    assert code != 0
    assert "what train uses was changed while it ran" in said
    assert "params.yaml: train.seed was 2, is now 3" in said
    for file in (module, table):
        assert f"{file} was " in said
    assert "Traceback" not in said
    assert repository.read("dvc.lock") == lock

    # The run cache has nothing for the edited state, either.
    for file, text in before.items():
        (repository.folder / file).chmod(0o644)
        (repository.folder / file).write_text(text, encoding="utf-8")
    with paused(repository, tmp_path / "second", "train", "checkpoints/.", *command) as run:
        assert run.reached, "seed 3 was never trained"
        repository.edit("params.yaml", "  seed: 3\n  portable", "  seed: 2\n  portable")
        code, said = run.end()
        assert "train.seed was 3, is now 2" in said

    with paused(repository, tmp_path / "third", "train", "checkpoints/.", *command) as run:
        assert not run.reached, "it learnt for an epoch again"
        code, said = run.end()
    assert code == 0, said
    assert repository.lock()["train"]["params"]["params.yaml"]["train"]["seed"] == 2
    assert list((repository.folder / "models/checkpoints").iterdir()) != [], "that of seed 3"


def test_a_data_stage_does_not_record_what_it_did_not_use(repository, tmp_path):
    module, table = "expressions/faces/preprocessing.py", "data/samples.csv"
    repository.edit("params.yaml", "drop_twins: true", "drop_twins: false")
    lock, before = repository.read("dvc.lock"), repository.read(module)
    command = ("dvc", "repro", "--single-item", "arrays")
    with paused(repository, tmp_path / "pause", "arrays", ".partial", *command) as run:
        assert run.reached
        append(repository, module, "# another line\n")
        (repository.folder / table).touch()
        repository.edit("params.yaml", "drop_twins: false", "drop_twins: true")
        code, said = run.end()
    assert code != 0
    for told in (f"{module} was", f"{table} was", "arrays.drop_twins was False, is now True"):
        assert told in said
    assert repository.read("dvc.lock") == lock
    (repository.folder / module).write_text(before, encoding="utf-8")
    said = repository.run("dvc", "repro", "arrays").stdout
    assert "Running stage" not in said, "what was locked before is taken from the run cache"


def test_a_template_counts_as_the_code_it_is(repository, tmp_path):
    template = "expressions/report/report.html.j2"
    repository.edit("params.yaml", "mistakes: 8", "mistakes: 7")
    lock = repository.read("dvc.lock")
    command = ("dvc", "repro", "--single-item", "report")
    with paused(repository, tmp_path / "pause", "report", ".partial", *command) as run:
        assert run.reached
        append(repository, template, "<!-- another -->\n")
        code, said = run.end()
    assert code != 0
    assert f"{template} was MD5" in said
    assert repository.read("dvc.lock") == lock


def test_an_experiment_does_not_record_it_either(repository, tmp_path):
    command = ("dvc", "exp", "run", "--set-param", "audit.shown=16", "--name", "sixteen")
    with paused(repository, tmp_path / "pause", "audit", ".partial", *command) as run:
        assert run.reached
        repository.edit("params.yaml", "shown: 16", "shown: 32")
        code, said = run.end()
    assert code != 0
    assert "audit.shown was 16, is now 32" in said
    assert repository.lock()["audit"]["params"]["params.yaml"]["audit"]["shown"] == 64
    assert "sixteen" not in repository.run("dvc", "exp", "list").stdout


def test_an_edit_is_seen_also_where_one_stage_is_run_alone(repository):
    append(repository, "expressions/network/fused_norm.py", "# another line\n")
    lock = repository.read("dvc.lock")
    for stage in ("arrays", "report", "join"):
        alone = repository.run("dvc", "repro", "--single-item", stage)
        assert f"Stage '{stage}' didn't change, skipping" in alone.stdout
    done = repository.run("dvc", "repro", "--single-item", "train", check=False)
    assert done.returncode != 0
    assert "expressions/network/fused_norm.py was " in done.stderr
    assert "`dvc repro code` first" in done.stderr
    assert "Traceback" not in done.stderr
    assert repository.read("dvc.lock") == lock
    status = json.loads(repository.run("dvc", "status", "--json").stdout)
    assert {"code", "train"} <= set(status)

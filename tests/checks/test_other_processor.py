"""What `make repro` says at its end, in a repository whose lock another processor may have made."""

import re
import shlex
import subprocess

import pytest
from helpers import ROOT, Repository

from checks.other_processor import changes_in_git
from expressions.network import processor

OTHER = "vendor_id\t: Other\nmodel name\t: Other\nflags\t\t: fma avx2 sse4_2\n"


@pytest.fixture
def other(tmp_path, monkeypatch) -> Repository:
    """A repository whose lock, metrics and record come from another kind of processor."""
    monkeypatch.chdir(tmp_path)
    repository = Repository(tmp_path)
    for name in ("dvc.lock", "metrics/evaluation.json", "metrics/data.json", "params.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("of before\n", encoding="utf-8")
    (tmp_path / processor.RECORD).parent.mkdir()
    (tmp_path / processor.RECORD).write_text(processor.describe(OTHER), encoding="utf-8")
    repository.run("git", "init", "--quiet")
    repository.run("git", "config", "user.name", "Test")
    repository.run("git", "config", "user.email", "test@example.org")
    repository.commit()
    return repository


def run_here(repository: Repository) -> None:
    """What a run on this processor leaves, `dvc.lock` in git's index as DVC puts it."""
    for name in ("dvc.lock", "metrics/evaluation.json"):
        (repository.folder / name).write_text("of this run\n", encoding="utf-8")
    repository.run("git", "add", "dvc.lock")
    processor.record()


def command(line: str, what: str) -> list[str]:
    """The command that the line names for `what`."""
    found = re.search(rf"{what}: (git .+?)(?: · |$)", line)
    assert found
    return shlex.split(found[1])


def test_nothing_is_said_of_a_run_on_the_same_processor(other):
    processor.record()
    other.commit()
    assert changes_in_git(other.folder) is None
    run_here(other)
    assert changes_in_git(other.folder) is None


def test_nothing_is_said_where_there_is_no_git(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert changes_in_git(tmp_path) is None


def test_what_changed_is_said_in_one_line(other):
    run_here(other)
    line = changes_in_git(other.folder)
    assert "\n" not in line
    assert "dvc.lock, metrics, models/processor.txt changed" in line
    assert "another processor" in line


def test_only_what_changed_is_named(other):
    """Where the bytes are the same all the same, only the record is new."""
    processor.record()
    assert ": models/processor.txt changed." in changes_in_git(other.folder)


@pytest.mark.parametrize("what", ["Keep it", "Go back"])
def test_each_of_the_two_commands_ends_it_and_leaves_the_rest_alone(other, what):
    run_here(other)
    (other.folder / "params.yaml").write_text("mine\n", encoding="utf-8")
    other.run("git", "add", "params.yaml")
    other.run(*command(changes_in_git(other.folder), what))
    assert changes_in_git(other.folder) is None
    assert other.run("git", "status", "--porcelain").stdout == "M  params.yaml\n"
    kept = "of this run\n" if what == "Keep it" else "of before\n"
    assert other.read("dvc.lock") == other.read("metrics/evaluation.json") == kept


def test_make_repro_says_it_last():
    done = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "repro"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-2:] == ["dvc repro", "python -m checks.other_processor"]

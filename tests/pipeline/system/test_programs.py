"""Programs that are missing, or that refuse to work."""

import os
import subprocess

import pytest

from expressions.errors import InputError
from expressions.pipeline.system.programs import output_of


def program(folder, name: str, line: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


def test_what_a_program_writes_is_returned_whatever_its_encoding(tmp_path, monkeypatch):
    program(tmp_path, "git", r"printf '%s \351' \"$*\"".replace('\\"', '"'))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert output_of("git", "status", "-s", folder=tmp_path) == "status -s \udce9"


@pytest.mark.parametrize(("name", "cure"), [("git", "apt-get install git"), ("dvc", "make setup")])
def test_a_missing_program_is_named_with_its_cure(tmp_path, monkeypatch, name, cure):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match=rf"the program {name} is missing\..*{cure}"):
        output_of(name, "status", folder=tmp_path)


def test_a_program_that_fails_says_why_in_one_line(tmp_path, monkeypatch):
    program(tmp_path, "git", "echo 'fatal: this' >&2; echo and that >&2; exit 3")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(InputError) as caught:
        output_of("git", "status", folder=tmp_path)
    assert str(caught.value) == f"`git status` fails in {tmp_path}: fatal: this and that"


def test_another_users_clone_and_a_copy_without_git_have_their_cure(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    folder = tmp_path / "clone"
    folder.mkdir()
    with pytest.raises(InputError, match="Take a clone"):
        output_of("git", "status", folder=folder)
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    assert output_of("git", "status", "--porcelain", folder=folder) == ""
    # As where the owner is another one, which to arrange takes rights.
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(InputError, match=f"git config --global --add safe.directory {folder}"):
        output_of("git", "status", folder=folder)

"""Stages run with the environment's Python, or say in one line that another one found them."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import ROOT, Repository

OTHER = "is not the environment of this project. Run `make setup`, then `make repro` or"
NEWER_THAN_PYTHON_2 = (
    ast.AnnAssign | ast.AsyncFunctionDef | ast.FunctionDef | ast.JoinedStr | ast.NamedExpr
)


def refused(*command: str | Path) -> str:
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"DVC_STAGE": "join"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    return done.stderr


def test_a_python_without_the_packages_is_refused(tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path], check=True)
    python = tmp_path / "bin/python"
    assert refused(python, "-m", "stages.join").startswith(f"error: {python} {OTHER}")


def test_a_python_that_is_too_old_is_refused():
    code = "import sys; sys.version_info = (2, 7, 18, 'final', 0); import stages"
    assert OTHER in refused(sys.executable, "-c", code)


def test_an_old_python_understands_what_refuses_it():
    tree = ast.parse((ROOT / "stages/__init__.py").read_text("utf-8"))
    assert [node for node in ast.walk(tree) if isinstance(node, NEWER_THAN_PYTHON_2)] == []


@pytest.mark.pipeline
def test_dvc_finds_the_environment_that_it_is_in_without_activation(finished: Repository):
    """As an editor calls it, by its whole path."""
    dvc = str(Path(sys.executable).with_name("dvc"))
    done = finished.run(dvc, "repro", "--force", "--single-item", "join", PATH="/usr/bin:/bin")
    assert "Running stage 'join'" in done.stdout
    assert finished.run("git", "status", "--porcelain").stdout == ""

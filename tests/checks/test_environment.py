"""`make setup`: a whole environment, whatever stood at `.venv` before."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import ROOT

PROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "small"
version = "1"

[project.scripts]
small = "sys:exit"

[tool.setuptools]
packages = []
"""


class Project:
    """A folder with a project of one package, and a way to set it up."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / ".venv/bin/python"

    def set_up(self, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", "umask 077; exec sh checks/environment.sh"],
            cwd=self.folder,
            env=os.environ | {"PYTHON": sys.executable} | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def is_whole(self) -> bool:
        """Both packages work, each by its own program."""
        commands = (self.python, "-m", "pip", "--version"), (self.folder / ".venv/bin/small",)
        return all(subprocess.run(c, capture_output=True, check=False).returncode == 0
                   for c in commands)  # fmt: skip

    def inode(self) -> int:
        """It changes when the environment is made anew."""
        return (self.folder / ".venv/pyvenv.cfg").stat().st_ino


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Project:
    """Set up once, in a folder with a blank in its name; tests copy it."""
    project = Project(tmp_path_factory.mktemp("made") / "a project")
    shutil.copytree(ROOT / "checks", project.folder / "checks")
    lock = (ROOT / "requirements.txt").read_text("utf-8")
    pinned = re.findall(r"(?m)^(?:setuptools|uv)==.*\n(?: +.*\n)+", lock)
    assert len(pinned) == 2
    (project.folder / "requirements.txt").write_text("".join(pinned), encoding="utf-8")
    (project.folder / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    done = project.set_up()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return project


def test_a_new_one_is_whole_and_stays_as_it_is(made):
    assert made.is_whole()
    stamp = made.folder / ".venv/made-from.txt"
    before = stamp.stat().st_mtime_ns
    assert made.set_up().returncode == 0
    assert stamp.stat().st_mtime_ns == before


def test_uv_installs_what_is_pinned_and_pip_where_uv_does_not_get_through(made, tmp_path):
    """What uv finds is here, so that it does not matter how this machine gets to an index."""
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes",
         "--requirement", made.folder / "requirements.txt", "--dest", tmp_path / "wheels"],
        check=True,
    )  # fmt: skip
    here = {"UV_OFFLINE": "1", "UV_NO_CONFIG": "1"}
    for links, installer in (("wheels", "uv"), ("nothing", "pip")):
        (tmp_path / links).mkdir(exist_ok=True)
        project = Project(tmp_path / f"by {installer}")
        shutil.copytree(made.folder, project.folder, ignore=shutil.ignore_patterns(".venv"))
        places = {"UV_FIND_LINKS": tmp_path / links, "UV_CACHE_DIR": tmp_path / f"cache of {links}"}
        done = project.set_up(**here, **{name: str(path) for name, path in places.items()})
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert installers(project) == {"setuptools": installer, "small": "pip", "uv": "pip"}
        assert project.is_whole()


def installers(project: Project) -> dict[str, str]:
    """By what each package but pip was installed."""
    found = project.folder.glob(".venv/lib/python3.*/site-packages/*.dist-info/INSTALLER")
    by = {path.parent.name.split("-")[0]: path.read_text("utf-8").strip() for path in found}
    return {name: installer for name, installer in sorted(by.items()) if name != "pip"}


def test_its_programs_find_its_python_without_activation(made):
    shown = subprocess.run(
        [made.python, "-c", "import os; os.system('command -v python; echo $PATH')"],
        env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    folder = made.python.parent
    assert shown.stdout.splitlines() == [str(made.python), f"{folder}:/usr/bin:/bin"]


def test_another_lock_is_installed_without_making_all_anew(made):
    before = made.inode()
    with (made.folder / "requirements.txt").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert made.set_up().returncode == 0
    assert made.inode() == before
    assert "# changed" in (made.folder / ".venv/made-from.txt").read_text("utf-8")


def test_one_that_was_cut_off_in_the_making_is_made_anew(made):
    (made.folder / ".venv/made-from.txt").unlink()
    shutil.rmtree(made.folder / ".venv/lib")
    done = made.set_up()
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "make setup: .venv is not whole, or made elsewhere; it is made anew.\n"
    assert made.is_whole()


def test_one_whose_python_was_removed_is_made_anew(made):
    for link in (made.folder / ".venv/bin").glob("python*"):
        link.unlink()
        link.symlink_to("/nonexistent/python3")
    assert made.set_up().returncode == 0
    assert made.is_whole()


def test_a_copied_or_moved_project_gets_its_own(made, tmp_path):
    copied = Project(tmp_path / "a new place")
    shutil.copytree(made.folder, copied.folder, symlinks=True)
    assert copied.set_up().returncode == 0
    assert copied.is_whole()
    assert str(made.folder) not in (copied.folder / ".venv/bin/small").read_text("utf-8")


@pytest.mark.parametrize(
    ("python", "told"), [("python9.99", "no program python9.99"), ("false", "false is older")]
)
def test_a_python_that_will_not_do_is_named_with_what_to_install(made, tmp_path, python, told):
    project = Project(tmp_path / "project")
    shutil.copytree(made.folder, project.folder, ignore=shutil.ignore_patterns(".venv"))
    done = project.set_up(PYTHON=python)
    assert done.returncode == 1
    assert told in done.stderr
    assert "apt-get install --yes python3.11-venv" in done.stderr
    assert not (project.folder / ".venv").exists()


def test_what_cannot_be_fetched_is_told_and_the_next_try_goes_on(made):
    lock = made.folder / "requirements.txt"
    before = lock.read_text("utf-8")
    lock.write_text(f"{before}nowhere-to-be-had==1 --hash=sha256:{'0' * 64}\n", encoding="utf-8")
    done = made.set_up(PIP_NO_INDEX="1", PIP_FIND_LINKS=str(made.folder))
    assert done.returncode == 1
    assert "It takes the network and 3.5 GB of disk" in done.stderr
    assert not (made.folder / ".venv/made-from.txt").exists()
    lock.write_text(before, encoding="utf-8")
    assert made.set_up().returncode == 0
    assert made.is_whole()

"""The manifests: what a stage consists of, and that nothing else gets into its run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from helpers import ROOT

from expressions.errors import InputError
from expressions.pipeline import code
from expressions.pipeline.code import Manifest, closure, read_manifest
from expressions.pipeline.packages import read_pins

STAGES = sorted(path.stem for path in (ROOT / "stages").glob("[a-z]*.py"))


@pytest.fixture(scope="module")
def manifests() -> dict[str, Manifest]:
    pins = read_pins(ROOT / "requirements.txt")
    return {stage: code.manifest_of(stage, pins) for stage in STAGES}


def test_a_closure_holds_what_is_imported_through_others_and_nothing_else(manifests):
    modules = manifests["join"].modules
    assert "stages/join.py" in modules
    assert "expressions/labels/ferplus.py" in modules
    assert "expressions/labels/__init__.py" in modules, "it runs before its modules"
    assert not [path for path in modules if "/network/" in path]
    assert "expressions/network/fused_norm.py" in manifests["train"].modules
    assert "expressions/network/runtime.py" in closure("expressions.network.fused_norm")


def test_a_manifest_comes_back_from_its_file(manifests, tmp_path):
    for stage, manifest in manifests.items():
        (tmp_path / stage).write_text(str(manifest), encoding="utf-8")
        assert read_manifest(tmp_path / stage) == manifest
    with pytest.raises(InputError, match=r"missing or damaged\. Run `dvc repro code`"):
        read_manifest(tmp_path / "none")
    (tmp_path / "none").write_text("one two three\n", encoding="utf-8")
    with pytest.raises(InputError, match="missing or damaged"):
        read_manifest(tmp_path / "none")


def test_packages_that_decide_stand_in_it_with_their_versions(manifests):
    assert {"numpy", "opencv-python-headless", "keras", "tensorflow", "h5py"} <= set(
        manifests["train"].packages
    )
    assert "typer" not in manifests["train"].packages
    assert "tensorflow" not in manifests["crop"].packages


def test_a_package_of_which_nobody_has_said_anything_is_an_error(monkeypatch):
    monkeypatch.delitem(code.DECISIVE, "pandas")
    with pytest.raises(InputError, match="pandas is imported: add it to DECISIVE"):
        code.manifest_of("join", read_pins(ROOT / "requirements.txt"))


def test_links_lead_to_the_modules(manifests, tmp_path):
    folder = tmp_path / "code/join"
    folder.mkdir(parents=True)
    code.write_links(folder, manifests["join"], ROOT)
    modules = {link.name: link.resolve() for link in folder.iterdir()}
    assert modules["expressions.labels.ferplus"] == ROOT / "expressions/labels/ferplus.py"
    assert modules["expressions.labels"] == ROOT / "expressions/labels/__init__.py"
    assert set(modules.values()) == {ROOT / path for path in manifests["join"].modules}
    assert all(not link.readlink().is_absolute() for link in folder.iterdir())


def test_every_stage_depends_on_its_manifest_and_its_links_and_so_on_its_script(manifests):
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text("utf-8"))["stages"]
    for name in set(stages) - {"code"}:
        deps = stages[name]["deps"]
        of_code = {path for path in deps if path.startswith(("stages", "data/code"))}
        assert of_code == {f"data/code/{name}.txt", f"data/code/{name}"}
        assert f"stages/{name}.py" in manifests[name].modules


PROJECT = {
    "expressions/__init__.py": "",
    "expressions/one.py": "VALUE = 1\n",
    "stages/__init__.py": "",
    "stages/work.py": "from expressions.one import VALUE\n",
}


@pytest.fixture
def project(tmp_path) -> Path:
    """A project of two packages, with a manifest."""
    for name, text in PROJECT.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    manifest = Manifest({name: code._sha256(tmp_path / name) for name in PROJECT}, {})
    (tmp_path / "data/code").mkdir(parents=True)
    (tmp_path / "data/code/work.txt").write_text(str(manifest), encoding="utf-8")
    return tmp_path


def test_what_was_changed_or_removed_since_is_named(project):
    manifest = read_manifest(project / "data/code/work.txt")
    assert list(code.changed_modules(manifest, project)) == []
    (project / "expressions/one.py").write_text("VALUE = 2\n", encoding="utf-8")
    (project / "stages/__init__.py").unlink()
    changed, removed = code.changed_modules(manifest, project)
    assert changed.startswith("expressions/one.py was ")
    assert removed.endswith("is now missing")


def test_a_compiled_module_is_taken_only_for_the_source_it_is_of(project):
    """After an edit of equal length within the second that Python's own rule sees."""
    program = [sys.executable, "-c", "from expressions.one import VALUE; print(VALUE)"]

    def value() -> str:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": "."}
        return subprocess.check_output(program, cwd=project, env=environment, text=True).strip()

    def edit(text: str) -> None:
        module = project / "expressions/one.py"
        time = module.stat().st_mtime_ns
        module.write_text(text, encoding="utf-8")
        os.utime(module, ns=(time, time))

    assert value() == "1"
    edit("VALUE = 2\n")
    assert value() == "1", "what is to be guarded against"
    code.compile_by_content(project)
    assert value() == "2"
    edit("VALUE = 3\n")
    assert value() == "3"


LOAD = """
from pathlib import Path
from expressions.pipeline import code
try:
    code.load_closure("join", Path.cwd())
except code.InputError as error:
    print(error)
"""


@pytest.fixture
def copied(manifests, tmp_path) -> Path:
    """A copy of the code with the manifest of `join`."""
    for package in code.OURS:
        shutil.copytree(ROOT / package, tmp_path / package)
    (tmp_path / "data/code").mkdir(parents=True)
    (tmp_path / "data/code/join.txt").write_text(str(manifests["join"]), encoding="utf-8")
    return tmp_path


def load(project: Path, program: str = LOAD) -> str:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": "."}
    command = [sys.executable, "-c", program]
    return subprocess.check_output(command, cwd=project, env=environment, text=True)


def test_a_stage_loads_code_that_is_as_in_its_manifest(copied):
    assert load(copied) == ""
    (copied / "expressions/network/architectures.py").write_text("broken(", encoding="utf-8")
    assert load(copied) == "", "join has nothing to do with it"


def test_a_stage_refuses_a_manifest_that_is_older_than_its_code(copied):
    with (copied / "expressions/labels/ferplus.py").open("a", encoding="utf-8") as module:
        module.write("# a comment\n")
    assert "expressions/labels/ferplus.py was " in load(copied)
    (copied / "data/code/join.txt").unlink()
    assert "join.txt is missing or damaged. Run `dvc repro code`." in load(copied)


def test_a_stage_refuses_a_module_that_its_manifest_does_not_list(copied):
    said = load(copied, "import expressions.labels.voters\n" + LOAD)
    assert "expressions/labels/voters.py is imported, so it is newer" in said

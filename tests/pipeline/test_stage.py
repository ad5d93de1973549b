"""A stage's run: its messages, and what it refuses to have recorded."""

import hashlib
import os
from pathlib import Path

import pytest

from expressions.errors import InputError
from expressions.pipeline import stage
from expressions.pipeline.declaration import Declaration, load_yaml, read_declaration
from expressions.pipeline.stage import run, unchanged_until_end

DECLARED = """
stages:
  work:
    cmd: python -m stages.work
    deps: [data/in, "models/${work.start}"]
    params: [work]
    outs: [out.txt]
  each:
    matrix: {dataset: [one, two]}
    cmd: python -m stages.each ${item.dataset}
    deps: ["data/${source}/${item.dataset}"]
    params: ["each.${item.dataset}", source]
"""


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    """A repository with one stage, its input and its parameters; the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data/in").mkdir(parents=True)
    (tmp_path / "data/in/table.csv").write_text("a\n", encoding="utf-8")
    (tmp_path / "models/none").mkdir(parents=True)
    (tmp_path / "dvc.yaml").write_text(DECLARED, encoding="utf-8")
    (tmp_path / "params.yaml").write_text("source: demo\nwork: {start: none, n: 1}\n", "utf-8")
    return tmp_path


def test_references_in_dvc_yaml_are_filled_in(root):
    assert read_declaration(root, "work") == Declaration(["data/in", "models/none"], ["work"])
    assert read_declaration(root, "each@two") == Declaration(
        ["data/demo/two"], ["each.two", "source"]
    )
    with pytest.raises(InputError, match=r"dvc\.yaml has no stage other"):
        read_declaration(root, "other")


@pytest.mark.parametrize("content", ["", "stages: [", "just words"])
def test_a_damaged_file_of_dvcs_is_named(root, content):
    (root / "dvc.lock").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"dvc\.lock is damaged\. `git restore dvc\.lock`"):
        load_yaml(root / "dvc.lock")


def change(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("meanwhile", "told"),
    [
        (lambda root: change(root / "params.yaml", "source: demo\nwork: {start: none, n: 2}\n"),
         r"params\.yaml: work\.n was 1, is now 2"),
        (lambda root: change(root / "data/in/table.csv", "b\n"),
         r"data/in/table\.csv was MD5 60b725f1\w+ \(.*\), is now MD5 3b5d5c37"),
        (lambda root: change(root / "data/in/other.csv", "b\n"),
         r"data/in/other\.csv was missing, is now MD5 3b5d5c37"),
        (lambda root: (root / "data/in/table.csv").unlink(),
         r"data/in/table\.csv was MD5 .*, is now missing"),
        (lambda root: os.utime(root / "data/in/table.csv", ns=(1, 1)),
         r"data/in/table\.csv was MD5 (\w+) .*, is now MD5 \1 \(written at 1970"),
    ],
)  # fmt: skip
def test_what_changes_meanwhile_is_named_and_not_recorded(root, meanwhile, told):
    with (
        pytest.raises(
            InputError, match=rf"what work uses was changed while it ran[^\n]*\n  {told}"
        ),
        unchanged_until_end(root, "work"),
    ):
        meanwhile(root)


def test_what_a_stage_does_not_use_may_change(root):
    with unchanged_until_end(root, "work"):
        change(root / "params.yaml", "source: files\nwork: {start: none, n: 1}\nother: 2\n")
        change(root / "data/table.csv", "b\n")


def test_an_input_that_is_not_what_another_stage_wrote_is_refused(root):
    md5 = hashlib.md5(b"other\n", usedforsecurity=False).hexdigest()
    lock = f"stages:\n  before:\n    outs:\n    - path: data/in/table.csv\n      md5: {md5}\n"
    change(root / "dvc.lock", lock)
    with (
        pytest.raises(InputError, match=rf"data/in/table\.csv is damaged.*dvc\.lock says {md5}"),
        unchanged_until_end(root, "work"),
    ):
        pytest.fail("it began")


def ended(*arguments, **options) -> tuple[int | str | None, list[str]]:
    """The exit code of `run`, and what was called."""
    called: list[str] = []
    hooks = {name: lambda name=name: called.append(name) for name in ("at_start", "at_end")}
    try:
        run(*arguments, **hooks, **options)
    except SystemExit as end:
        return end.code, called
    return 0, called


def test_hooks_are_called_before_and_after_and_not_after_a_mistake(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["work"])

    def mistaken() -> None:
        raise InputError("table.csv, row 3: no emotion.")

    assert ended(lambda: None) == (0, ["at_start", "at_end"])
    assert ended(mistaken) == (1, ["at_start"])
    assert capsys.readouterr().err == "error: table.csv, row 3: no emotion.\n"


def test_where_dvc_runs_it_the_inputs_are_held(root, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["work"])
    monkeypatch.setenv("DVC_STAGE", "work")
    code, called = ended(lambda: change(root / "data/in/table.csv", "b\n"))
    assert (code, called) == (1, ["at_start"])
    assert "what work uses was changed while it ran" in capsys.readouterr().err


def test_arguments_that_are_missing_end_it_with_typers_words(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["work"])

    def main(dataset: str) -> None:
        raise AssertionError(dataset)

    assert ended(main) == (2, ["at_start"])
    assert "dataset" in capsys.readouterr().err.lower()


def test_a_stage_that_nobody_runs_for_dvc_does_not_end_with_its_parent(monkeypatch):
    monkeypatch.delenv("DVC_STAGE", raising=False)
    monkeypatch.setattr(stage.ctypes, "CDLL", lambda _: pytest.fail("it asked for a signal"))
    stage.end_with_dvc()

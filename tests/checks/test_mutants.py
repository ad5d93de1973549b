"""What `make mutants` takes out stands where it says, and what nothing notices is told."""

from pathlib import Path

import pytest
from helpers import ROOT
from markdown_it import MarkdownIt

from checks import mutants
from checks.guards import GUARDS, Guard

PAGE = ROOT / "docs/guards.md"
GUARD = Guard("a limit", "code.py", "x < 3", "True", "test_code.py")


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_every_guard_can_be_taken_out(guard):
    text = (ROOT / guard.file).read_text(encoding="utf-8")
    changed = mutants.without(guard, text)
    assert changed != text
    compile(changed, guard.file, "exec")
    assert (ROOT / "tests" / guard.tests).is_file()


def test_code_that_has_moved_on_is_named():
    for text in ("", "x < 3 and x < 3"):
        with pytest.raises(SystemExit, match=r"a limit: code\.py holds [02] times, not once"):
            mutants.without(GUARD, text)


def test_the_page_lists_every_guard_and_a_test_that_there_is():
    tokens = MarkdownIt().enable("table").parse(PAGE.read_text(encoding="utf-8"))
    cells = [token.content for token in tokens if token.type == "inline"]
    start = cells.index("noticed by") + 1
    rows = [cells[i : i + 3] for i in range(start, start + 3 * len(GUARDS), 3)]
    assert [row[:2] for row in rows] == [[guard.name, f"`{guard.file}`"] for guard in GUARDS]
    for guard, (_, _, test) in zip(GUARDS, rows, strict=True):
        code = (ROOT / "tests" / guard.tests).read_text(encoding="utf-8")
        assert f"def {test.strip('`')}(" in code


def write_project(folder: Path, test: str) -> Path:
    (folder / "tests").mkdir(parents=True, exist_ok=True)
    (folder / "code.py").write_text("def small(x):\n    return x < 3\n", encoding="utf-8")
    (folder / "tests/test_code.py").write_text(f"from code import small\n{test}", encoding="utf-8")
    return folder


def test_a_test_that_fails_without_the_guard_notices_it(tmp_path):
    write_project(tmp_path, "def test_it():\n    assert not small(3)\n")
    assert mutants.run_tests(tmp_path, ["test_code.py"]) == ""
    assert mutants.noticed_by(tmp_path, GUARD) == "test_it"
    assert "x < 3" in (tmp_path / "code.py").read_text(encoding="utf-8")
    write_project(tmp_path, "def test_it():\n    assert small(2)\n")
    assert mutants.noticed_by(tmp_path, GUARD) == ""
    write_project(tmp_path, "def test_it(:\n")
    with pytest.raises(SystemExit, match="The tests did not run"):
        mutants.noticed_by(tmp_path, GUARD)


@pytest.mark.parametrize(
    ("unharmed", "noticed", "told"),
    [
        ("", "test_it", None),
        ("", "", "Nothing notices when these are gone: a limit"),
        ("test_other", "", "test_other fails also with every guard in place"),
    ],
)
def test_a_guard_that_nothing_notices_is_an_error(monkeypatch, capsys, unharmed, noticed, told):
    monkeypatch.setattr(mutants, "GUARDS", (GUARD,))
    monkeypatch.setattr(mutants, "copy_files", lambda folder: folder)
    monkeypatch.setattr(mutants, "run_tests", lambda *_: unharmed)
    monkeypatch.setattr(mutants, "noticed_by", lambda *_: noticed)
    if told is None:
        mutants.main()
        shown = capsys.readouterr().out
        assert "| a limit | `code.py` | `test_it` |" in shown
        assert "All 1 are noticed." in shown
    else:
        with pytest.raises(SystemExit, match=told):
            mutants.main()

"""The wings of `expressions/`: what lies in them, and which of them may import which."""

import ast
from pathlib import Path

import grimp
import pytest
from helpers import ROOT

MODULES_A_WING = 15

# What everything may stand on.
GROUND = {"errors", "pipeline"}

MAY_IMPORT = {
    "errors": set(),
    "pipeline": set(),
    "labels": set(),
    "pictures": set(),
    "evaluation": {"labels"},
    "faces": {"pictures"},
    "datasets": {"labels", "pictures"},
    "network": {"labels", "faces.size"},
    "prediction": {"faces", "pictures"},
    "report": {"faces", "pictures"},
    "commands": None,
}
"""By the name of a wing: those it may import besides `GROUND`; None: all."""

WINGS = sorted(path.parent for path in (ROOT / "expressions").rglob("__init__.py"))


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("expressions", "stages", cache_dir=None)


def allowed(importer: str, imported: str) -> bool:
    """Whether the module `importer` may import `imported`, both without `expressions.`."""
    wing, other = importer.split(".", maxsplit=1)[0], imported.split(".", maxsplit=1)[0]
    if wing not in MAY_IMPORT:
        return False
    may = MAY_IMPORT[wing]
    return may is None or other == wing or other in GROUND or bool({other, imported} & may)


def test_arrows_between_wings_are_the_ones_that_are_drawn(graph):
    package = "expressions."
    wrong = [
        f"{importer} imports {imported}"
        for importer in sorted(graph.modules)
        for imported in sorted(graph.find_modules_directly_imported_by(importer))
        if importer.startswith(package)
        and imported.startswith(package)
        and not allowed(importer.removeprefix(package), imported.removeprefix(package))
    ]
    assert wrong == [], "see docs/architecture.md"


def test_errors_import_nothing(graph):
    assert graph.find_modules_directly_imported_by("expressions.errors") == set()


def test_nothing_imports_stages_or_commands(graph):
    for module in graph.modules:
        if module.startswith("expressions"):
            imported = graph.find_modules_directly_imported_by(module)
            assert not [name for name in imported if name.startswith("stages")], module
        if not module.startswith("expressions.commands"):
            imported = graph.find_modules_directly_imported_by(module)
            assert not [name for name in imported if name.startswith("expressions.commands")]


def test_there_is_no_circle(graph):
    modules = [name for name in graph.modules if name.startswith("expressions")]
    circles = [
        (one, other)
        for one in modules
        for other in graph.find_modules_directly_imported_by(one)
        if one in graph.find_upstream_modules(other)
    ]
    assert circles == []


@pytest.mark.parametrize("wing", WINGS, ids=lambda path: path.name)
def test_a_wing_is_small_and_says_what_is_in_it(wing):
    modules = [path for path in wing.glob("*.py") if path.name != "__init__.py"]
    assert len(modules) <= MODULES_A_WING, f"{wing.name} has {len(modules)} modules"
    said = ast.get_docstring(ast.parse((wing / "__init__.py").read_text(encoding="utf-8")))
    assert said is not None
    assert said.endswith(".")


def test_tests_and_benchmarks_import_nothing_from_stages():
    for path in [*(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names += [
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        ]
        assert not [name for name in names if name.split(".")[0] == "stages"], path


def test_stages_are_wiring():
    lines = sum(
        len(path.read_text("utf-8").splitlines()) for path in Path(ROOT, "stages").glob("*.py")
    )
    assert lines < 900


def test_tests_lie_where_the_wings_lie():
    wings = {path.name for path in WINGS} | {"accelerator", "checks", "docs"}
    folders = {path.parent.name for path in (ROOT / "tests").rglob("test_*.py")} - {"tests"}
    assert folders <= wings

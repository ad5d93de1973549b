"""The code is laid out as docs/architecture.md says; its diagram is the rule, all of it."""

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest
from helpers import ROOT, code_blocks

PAGE = ROOT / "docs/architecture.md"
ARROW = re.compile(r"^\s*([\w &]+?) (?:-- (\w+) )?--> ([\w &]+)$")
# What every wing stands on; not drawn.
GROUND = {"errors", "pipeline"}
# What may import anything, and is imported by nothing.
TOP = {"commands", "stages"}
MOST_MODULES = 15
MOST_LINES_OF_STAGES = 900

PACKAGES = sorted(path.parent for path in (ROOT / "expressions").rglob("__init__.py"))


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("expressions", "stages", cache_dir=None)


def drawn() -> dict[tuple[str, str], str | None]:
    """By pair of wings, the arrows of the diagram; with a label, for that module alone."""
    [block] = code_blocks(PAGE, "mermaid")
    arrows = {}
    for line in block.splitlines()[1:]:
        match = ARROW.match(line)
        assert match, line
        for importer in match[1].split(" & "):
            for imported in match[3].split(" & "):
                arrows[importer, imported] = match[2]
    return arrows


def wing(module: str) -> str:
    top, _, rest = module.partition(".")
    return rest.split(".")[0] if top == "expressions" else top


def imports(graph: grimp.ImportGraph) -> list[tuple[str, str]]:
    """Every import of one module of this project by another."""
    return [
        (importer, imported)
        for importer in sorted(graph.modules)
        for imported in sorted(graph.find_modules_directly_imported_by(importer))
    ]


def may_import(importer: str, imported: str, arrows: dict[tuple[str, str], str | None]) -> bool:
    source, target = wing(importer), wing(imported)
    if source == target:
        return True
    if target in TOP or source == "errors":
        return False
    if source in TOP or target in GROUND:
        return True
    only = arrows.get((source, target), "nothing")
    return only is None or imported.rpartition(".")[2] == only


def test_wings_import_along_the_arrows_alone(graph):
    arrows = drawn()
    assert [pair for pair in imports(graph) if not may_import(*pair, arrows)] == []


def test_every_arrow_is_used(graph):
    used = {(wing(importer), wing(imported)) for importer, imported in imports(graph)}
    assert set(drawn()) - used == set()


def test_no_module_imports_itself_through_others(graph):
    before = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(list(TopologicalSorter(before).static_order())) == len(graph.modules)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_folder_is_small_and_says_what_is_in_it(package):
    modules = [path for path in package.glob("*.py") if path.name != "__init__.py"]
    assert len(modules) <= MOST_MODULES
    assert ast.get_docstring(ast.parse((package / "__init__.py").read_text("utf-8")))


def test_the_page_names_every_wing():
    text = PAGE.read_text("utf-8")
    wings = {path.name for path in PACKAGES if path.parent == ROOT / "expressions"} | {"errors"}
    assert set(re.findall(r"(?m)^\| `(\w+)` \|", text)) == wings


def test_stages_are_wiring():
    lines = [len(p.read_text("utf-8").splitlines()) for p in (ROOT / "stages").glob("*.py")]
    assert sum(lines) < MOST_LINES_OF_STAGES


def test_nothing_imports_a_stage():
    importers = [
        path.relative_to(ROOT).as_posix()
        for folder in ("accelerator", "benchmarks", "checks", "docs", "tests")
        for path in (ROOT / folder).rglob("*.py")
        if "stages" in imported_packages(path)
    ]
    assert importers == []


def imported_packages(path: Path) -> set[str]:
    """The first part of what a file imports."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    names = [a.name for node in nodes if isinstance(node, ast.Import) for a in node.names]
    names += [str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.split(".")[0] for name in names}

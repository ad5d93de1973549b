"""What the documentation's text promises: a short README, each thing once, links that lead on."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from helpers import PAGES, ROOT, code_blocks
from markdown_it import MarkdownIt
from markdown_it.token import Token

LINKING = [*PAGES, *sorted(p for p in ROOT.glob("*/**/README.md") if ".venv" not in p.parts)]
LONG = 60

# A path of the repository as the text names it.
NAMED = re.compile(
    r"(?:accelerator|benchmarks|checks|docs|expressions|samples|stages|tests)/[\w./-]*"
)
# What a column of a table of models holds, by how its head begins: protocol, pictures, figure.
COLUMNS = {
    "majority, 8": ("majority", 3153, "accuracy"),
    "majority, 7": ("majority", 3137, "accuracy"),
    "most votes, 7": ("most_votes", 3519, "accuracy"),
    "macro F1": ("majority", 3137, "macro_f1"),
    "ECE": ("majority", 3137, "ece"),
}


def tokens(page: Path) -> list[Token]:
    return MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8"))


def statements(page: Path) -> Iterator[str]:
    """Every sentence, row of a table and line of code, with single blanks."""
    yield from (" | ".join(row) for _, row in tables(page))
    in_table = False
    for token in tokens(page):
        if token.type in ("table_open", "table_close"):
            in_table = token.type == "table_open"
        elif token.type == "fence":
            yield from map(str.strip, token.content.splitlines())
        elif token.type == "inline" and not in_table:
            yield from re.split(r"(?<=[.:;])\s+", " ".join(token.content.split()))


def anchors(page: Path) -> set[str]:
    """The names of a page's headings, as git hosts and the site make them."""
    parsed = tokens(page)
    headings = [parsed[i + 1].content for i, t in enumerate(parsed) if t.type == "heading_open"]
    return {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in headings}


def links(page: Path) -> list[str]:
    found = [
        child.attrGet("href") or child.attrGet("src")
        for token in tokens(page)
        for child in token.children or []
        if child.type in ("link_open", "image")
    ]
    return [str(target) for target in found]


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 220


def test_each_thing_stands_once():
    places = defaultdict(list)
    for page in [*PAGES, ROOT / "data/source/README.md", ROOT / "accelerator/README.md"]:
        for statement in statements(page):
            if len(statement) > LONG:
                places[statement].append(page.name)
    assert len(places) > 300
    assert {text: pages for text, pages in places.items() if len(pages) > 1} == {}


@pytest.mark.parametrize("page", LINKING, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(page):
    for link in links(page):
        if link.startswith(("http:", "https:", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_files_that_are_named_exist(page):
    spans = [
        child.content
        for token in tokens(page)
        for child in token.children or []
        if child.type == "code_inline"
    ]
    named = [span for span in spans if NAMED.fullmatch(span)]
    assert [span for span in named if not (ROOT / span).exists()] == []


def test_what_a_file_is_said_to_hold_stands_in_it():
    """`NETWORKS` in `expressions/network/architectures.py`."""
    text = "".join(page.read_text("utf-8") for page in PAGES)
    said = re.findall(r"`(\w+)` in `([\w/]+\.py)`", text)
    assert len(said) > 2
    for name, file in said:
        code = (ROOT / file).read_text("utf-8")
        assert re.search(rf"(?m)^(def |class )?{name}\b", code), (name, file)


def test_every_stage_and_its_parameters_have_their_section():
    """Those of `train` are explained in `params.yaml` itself."""
    declared = yaml.safe_load((ROOT / "dvc.yaml").read_text("utf-8"))["stages"]
    sections = (ROOT / "docs/stages.md").read_text("utf-8").split("\n## ")
    by_stage = {s.partition("`\n")[0][1:]: s for s in sections if s.startswith("`")}
    assert by_stage.keys() == declared.keys()
    parameters = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
    for stage in declared.keys() & parameters.keys() - {"train"}:
        values = parameters[stage]
        if "matrix" in declared[stage] and all(isinstance(v, dict) for v in values.values()):
            values = {key for part in values.values() for key in part}
        for key in values:
            assert f"`{key}`" in by_stage[stage], (stage, key)


def test_the_site_shows_every_page():
    declared = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    sections = [part if isinstance(part, str) else next(iter(part.values())) for part in declared]
    shown = [page for part in sections for page in ([part] if isinstance(part, str) else part)]
    assert Counter(shown) == Counter(page.name for page in (ROOT / "docs").glob("*.md"))


def test_the_readme_and_the_sites_start_lead_to_every_page():
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"index.md"}
    assert {Path(link).name for link in links(ROOT / "README.md")} >= pages
    assert {link.partition("#")[0] for link in links(ROOT / "docs/index.md")} >= pages


def test_every_package_that_was_chosen_has_its_reason_and_no_other():
    rows = [row for _, row in tables(ROOT / "docs/dependencies.md")]
    reasoned = {name for row in rows for name in re.findall(r"`([\w.-]+)`", row[0])}
    lines = (ROOT / "requirements.in").read_text("utf-8").splitlines()
    chosen = {re.split(r"[\[=<>;# ]", line)[0] for line in lines if line and line[0] != "#"}
    stubs = {name for name in chosen if name.startswith("types-") or name.endswith("-stubs")}
    assert reasoned == chosen - stubs


@pytest.mark.parametrize(("page", "figures"), [("README.md", 10), ("docs/results.md", 13)])
def test_figures_of_the_models_in_git_are_what_was_measured(page, figures):
    """Those of the test split, in the tables that have a row for a model."""
    compared = 0
    for head, row in tables(ROOT / page):
        measured = measured_figures(row[0])
        if measured is None:
            continue
        for title, cell in zip(head, row, strict=True):
            column = next((c for start, c in COLUMNS.items() if title.startswith(start)), None)
            if column is None or cell in ("", "–"):
                continue
            protocol, n, figure = column
            # A model of eight classes has the figures of seven under a name of their own.
            found = next(
                found
                for name in (protocol, f"{protocol}_7")
                if (found := measured.get(name, {"n": 0}))["n"] == n
            )
            if row[0] == "one human voter":
                figure = "human_accuracy"
            said = [float(number) for number in re.findall(r"[\d.]+", cell)]
            names = [figure, f"{figure}_low", f"{figure}_high"]
            true = [found[name] for name in names if name in found]
            assert said[: len(true)] == [round(value, 3) for value in true][: len(said)], (
                row[0],
                title,
            )
            compared += 1
    assert compared == figures


def measured_figures(label: str) -> dict[str, Any] | None:
    """The metrics of the model in git that a row is about, if it is about one."""
    name = re.fullmatch(r"\W*(reference(?:-\w+)?)\b.*|(one human voter)", label)
    if name is None:
        return None
    folder = ROOT / "models" / (name[1] or "reference-8")
    metrics: dict[str, Any] = json.loads((folder / "metrics/evaluation.json").read_text("utf-8"))
    return metrics["test"]


def tables(page: Path) -> Iterator[tuple[list[str], list[str]]]:
    """Each row of a page's tables with the head of its table."""
    head: list[str] = []
    row: list[str] = []
    in_head = False
    for token in tokens(page):
        if token.type in ("thead_open", "thead_close"):
            in_head = token.type == "thead_open"
        elif token.type == "tr_open":
            row = []
        elif token.type == "inline":
            row.append(token.content)
        elif token.type == "tr_close" and in_head:
            head = row
        elif token.type == "tr_close":
            yield head, row


def test_the_readmes_diagram_is_that_of_the_pipeline():
    """What stage waits for what, directly or through others."""
    [block] = code_blocks(ROOT / "README.md", "mermaid")
    drawn: dict[str, set[str]] = defaultdict(set)
    for line in block.splitlines()[1:]:
        chain = line.strip().split(" --> ")
        for before, after in pairwise(chain):
            drawn[after].add(before)
    declared = yaml.safe_load((ROOT / "dvc.yaml").read_text("utf-8"))["stages"]
    written = {
        output: name
        for name, stage in declared.items()
        for kind in ("outs", "metrics", "plots")
        for entry in stage.get(kind, [])
        for output in ([entry] if isinstance(entry, str) else entry)
    }
    real = {
        name: {
            maker
            for needed in stage["deps"]
            for output, maker in written.items()
            if f"{output}/".startswith(f"{needed}/") or f"{needed}/".startswith(f"{output}/")
        }
        for name, stage in declared.items()
    }
    code = {name for name, before in real.items() if not before and name != "ingest"}
    stages = set(declared) - code
    assert set(drawn) | set.union(*drawn.values()) == stages
    for stage in stages:
        assert ancestors(stage, drawn) == ancestors(stage, real) - code, stage


def ancestors(stage: str, before: dict[str, set[str]]) -> set[str]:
    direct = before.get(stage, set())
    return direct.union(*(ancestors(earlier, before) for earlier in direct))

"""What the documentation says can be done: its code runs, its commands and links exist."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from helpers import ROOT, export
from markdown_it import MarkdownIt
from typer.main import get_command

from expressions.commands.cli import app
from expressions.datasets.own import Folders, Table
from expressions.prediction import exported_model

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def code_blocks(page: Path, language: str) -> list[str]:
    tokens = MarkdownIt().parse(page.read_text(encoding="utf-8"))
    return [t.content for t in tokens if t.type == "fence" and t.info.split()[:1] == [language]]


def commands(program: str) -> list[tuple[str, list[str]]]:
    """Every shell command of the documentation that starts with `program`, with its page."""
    lines = [
        (page.name, shlex.split(line, comments=True))
        for page in PAGES
        for block in code_blocks(page, "sh")
        for line in block.splitlines()
    ]
    return [(page, words[1:]) for page, words in lines if words and Path(words[0]).name == program]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    subprocess.run(
        [Path(sys.executable).parent / "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        check=True,
        capture_output=True,
    )
    return folder


def test_the_site_builds_without_a_warning_and_holds_the_readmes_parts(site):
    assert "dvc push" in (site / "remotes/index.html").read_text("utf-8")
    assert "--8&lt;--" not in "".join(p.read_text("utf-8") for p in site.rglob("*.html"))


def test_the_site_asks_no_other_server(site):
    page = (site / "index.html").read_text("utf-8")
    loaded = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="([^"]+)"', page)
    assert loaded
    assert [address for address in loaded if "//" in address] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page):
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8")):
        assert target.startswith("http") or (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_runs(page, tmp_path, monkeypatch):
    """The blocks of a page one after the other, in a folder with the samples."""
    model = export(tmp_path / "model")
    monkeypatch.setattr("expressions.prediction.recognizer.default_folder", lambda: model)
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in code_blocks(page, "python"):
        exec(compile(block, page.name, "exec"), names)  # noqa: S102


def test_expressions_has_the_commands_and_options():
    known = get_command(app).commands
    said = commands("expressions")
    assert len(said) > 8
    for page, words in said:
        options = {o for parameter in known[words[0]].params for o in parameter.opts}
        used = {word for word in words if word.startswith("--")}
        assert used <= options, f"{page}: {shlex.join(words)}"


def test_make_has_the_targets():
    targets = set(re.findall(r"(?m)^([a-z0-9-]+):", (ROOT / "Makefile").read_text("utf-8")))
    said = commands("make")
    assert said
    for page, words in said:
        assert words[0] in targets, f"{page}: make {words[0]}"


def test_parameters_of_own_data_are_what_the_stage_takes():
    for page in (ROOT / "docs/own-data.md", ROOT / "README.md"):
        block = yaml.safe_load(code_blocks(page, "yaml")[0])
        for name, section in block["clean"].items():
            layout = block["ingest"][name]["layout"]
            {"folders": Folders, "table": Table}[layout].model_validate(section)
        shared = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))["crop"]["iefdb"]
        assert all(section.keys() == shared.keys() for section in block["crop"].values())


def test_every_package_that_was_chosen_has_its_reason():
    table = (ROOT / "README.md").read_text("utf-8").split("## Dependencies")[1]
    chosen = re.findall(r"(?m)^[a-z][\w.-]*", (ROOT / "requirements.in").read_text("utf-8"))
    without = [name for name in chosen if f"`{name}`" not in table and "stubs" not in name]
    assert [name for name in without if not name.startswith("types-")] == []


def test_the_reference_model_comes_before_the_clones_own(tmp_path, monkeypatch):
    monkeypatch.setattr(exported_model, "_CLONE", tmp_path)
    monkeypatch.setattr(exported_model, "_installed", list)
    with pytest.raises(exported_model.InputError, match="There is no model yet"):
        exported_model.default_folder()
    for folder in ("models/export", "models/reference"):
        export(tmp_path / folder)
        assert exported_model.default_folder() == tmp_path / folder

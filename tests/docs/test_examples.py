"""What the documentation says can be done: its code runs, its commands and options exist."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
import yaml
from helpers import PAGES, ROOT, code_blocks, export
from typer.main import get_command

from expressions.commands.cli import app
from expressions.datasets.layout import LAYOUTS
from expressions.faces.cropping import Crop


def commands(program: str) -> list[tuple[str, list[str]]]:
    """Every shell command of the documentation that starts with `program`, with its page."""
    lines = [
        (page.name, shlex.split(line, comments=True))
        for page in PAGES
        for block in code_blocks(page, "sh")
        for line in block.splitlines()
    ]
    return [(page, words[1:]) for page, words in lines if words and Path(words[0]).name == program]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_runs(page, tmp_path, monkeypatch, capsys):
    """The blocks of a page one after the other, in a folder with samples and models.

    A comment behind a `print` says what it prints.
    """
    model = export(tmp_path / "model")
    monkeypatch.setattr("expressions.prediction.recognizer.default_folder", lambda: model)
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    (tmp_path / "models").symlink_to(ROOT / "models")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in code_blocks(page, "python"):
        exec(compile(block, page.name, "exec"), names)  # noqa: S102
        printed = capsys.readouterr().out.splitlines()
        assert set(re.findall(r"(?m)^ *print\(.*\)  # (.*)$", block)) <= set(printed)


def test_expressions_has_the_commands_and_options():
    known = get_command(app).commands
    said = commands("expressions")
    assert len(said) > 8
    for page, words in said:
        options = {o for parameter in known[words[0]].params for o in parameter.opts}
        used = {word for word in words if word.startswith("--")}
        assert used <= options, f"{page}: {shlex.join(words)}"


def test_what_make_is_told_is_what_it_offers():
    """Targets that `make help` shows stand in the documentation, and no others do."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    offered = set(re.findall(r"(?m)^## make ([a-z0-9-]+)", makefile))
    assert offered <= set(re.findall(r"(?m)^([a-z0-9-]+):", makefile))
    text = "".join(page.read_text("utf-8") for page in PAGES)
    told = {words[0] for _, words in commands("make")}
    assert told | set(re.findall(r"`make ([a-z0-9-]+)", text)) == offered


def test_every_command_of_expressions_is_shown_and_no_other():
    text = "".join(page.read_text("utf-8") for page in PAGES)
    told = {words[0] for _, words in commands("expressions")}
    assert told | set(re.findall(r"`expressions ([a-z]+)", text)) == set(get_command(app).commands)


def test_variables_of_the_environment_are_read_somewhere():
    text = "".join(page.read_text("utf-8") for page in PAGES)
    named = set(re.findall(r"\b(?:(?:EXPRESSIONS|FER|CUT|PROVE)_[A-Z_]+|PHOTOGRAPHS)\b", text))
    sources = [p for folder in ("expressions", "tests", "benchmarks") for p in files_of(folder)]
    code = "".join(path.read_text("utf-8") for path in sources if path != Path(__file__))
    assert len(named) > 4
    assert {name for name in named if f'"{name}"' not in code} == set()


def files_of(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("page", ["README.md", "docs/own-data.md"])
def test_parameters_of_own_data_are_what_the_stages_take(page):
    block = yaml.safe_load(code_blocks(ROOT / page, "yaml")[0])
    for name, section in block["clean"].items():
        layout = block["ingest"][name]["layout"]
        LAYOUTS[layout].Clean.model_validate(section)
    for section in block["crop"].values():
        Crop.model_validate(section)


def test_commands_that_dvc_shows_are_those_of_the_stages():
    declared = yaml.safe_load((ROOT / "dvc.yaml").read_text("utf-8"))["stages"]
    shown = [
        line.removeprefix("> ")
        for page in PAGES
        for block in code_blocks(page, "console")
        for line in block.splitlines()
        if line.startswith("> ")
    ]
    assert shown
    assert set(shown) <= {stage["cmd"] for stage in declared.values()}


def test_parameters_that_commands_set_exist():
    """`dvc exp run -S key=value`, in code and in sentences."""
    declared = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
    text = "".join(page.read_text("utf-8") for page in PAGES)
    keys = re.findall(r"(?:-S|--set-param) ([\w.]+)=", text)
    assert len(keys) > 2
    for key in keys:
        value = declared
        for part in key.split("."):
            assert part in value, key
            value = value[part]

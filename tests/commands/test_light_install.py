"""`pip install .` without the pipeline's packages: enough to recognise emotions."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import ROOT

import expressions

CODE = """
import importlib.util, cv2, expressions
[recognition] = expressions.Recognizer().recognize([cv2.imread("samples/happiness.jpg")])[0]
print(recognition.emotion)
heavy = ("dvc", "tensorflow", "keras", "pandas", "torch", "gradio")
print([name for name in heavy if importlib.util.find_spec(name)])
"""


def test_the_package_imports_its_heavy_parts_only_when_they_are_used():
    """Every stage depends on `expressions/__init__.py`, so nothing may be imported in it."""
    tree = ast.parse((ROOT / "expressions/__init__.py").read_text(encoding="utf-8"))
    imported = [
        name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    ]
    assert imported == ["importlib", "os", "Any"]
    with pytest.raises(AttributeError, match="no attribute 'Recogniser'"):
        expressions.Recogniser  # noqa: B018


def test_it_predicts_with_the_reference_model_and_refuses_the_rest(tmp_path):
    """In an empty environment, with the versions of the lock."""
    environment = os.environ | {"UV_LINK_MODE": "hardlink"}
    environment.pop("PYTHONPATH", None)
    source = tmp_path / "source"
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "pyproject.toml",
         "README.md", "expressions", "models/reference", "samples"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    for name in tracked:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())

    def run(*command: object, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=check
        )

    uv, light = Path(sys.executable).parent / "uv", tmp_path / "light/bin"
    run(uv, "venv", "--python", sys.executable, light.parent)
    lock = ("--constraint", ROOT / "requirements.txt")
    run(uv, "pip", "install", "--python", light / "python", *lock, source)
    (tmp_path / "samples").symlink_to(source / "samples")
    emotion, heavy = run(light / "python", "-c", CODE).stdout.splitlines()
    assert emotion == "happiness"
    assert heavy == "[]"
    said = run(light / "expressions", "predict", "--json", "samples/happiness.jpg")
    assert json.loads(said.stdout)["faces"][0]["emotion"] == emotion
    refused = run(light / "expressions", "use", ".", check=False)
    assert refused.returncode == 1
    assert "all other commands the whole project" in refused.stderr

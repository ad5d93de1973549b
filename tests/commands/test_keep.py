"""A finished run, kept: everything is there, and a run that is incomplete or too large is not."""

import json
import subprocess

import pytest

from expressions.commands import keep as keeping
from expressions.errors import InputError

FIGURES = {
    "n": 3137,
    "accuracy": 0.875,
    "accuracy_low": 0.863,
    "accuracy_high": 0.887,
    "balanced_accuracy": 0.75,
    "macro_f1": 0.77,
    "macro_f1_low": 0.74,
    "macro_f1_high": 0.79,
    "ece": 0.02,
}
MODEL = {
    "name": "wide_residual",
    "classes": ["neutral", "happiness"],
    "trained_on": "27,279 pictures of fer2013",
    "flip": True,
    "bytes": {"model.onnx": 5},
    "metrics": {"test": {"majority": FIGURES | {"human_accuracy": 0.778}, "most_votes": FIGURES}},
}


def git(*arguments):
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    command = ["git", *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def finished(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    git("init", "--quiet")
    git("add", "dvc.yaml")
    git("commit", "--quiet", "--message", "Stages")
    names = [*keeping.RUN, *(f"metrics/{name}" for name in keeping.METRICS), "models/model.keras"]
    for name in [*names, "models/export/model.onnx", "models/export/model.tflite"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"{name}\n", encoding="utf-8")
    (tmp_path / "models/export/model.json").write_text(json.dumps(MODEL), encoding="utf-8")
    return tmp_path


def test_a_kept_run_has_all_its_parts_and_a_card(finished):
    folder = finished / keeping.keep("reference")
    kept = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    exports = {"model.onnx", "model.tflite", "model.json", "model.keras"}
    metrics = {f"metrics/{name}" for name in keeping.METRICS}
    assert kept == exports | metrics | {*keeping.RUN, "README.md"}
    assert (folder / "model.onnx").read_text(encoding="utf-8") == "models/export/model.onnx\n"
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert (
        "| test | majority | 3,137 | 0.8750 [0.8630, 0.8870] | 0.7500 | 0.7700 [0.7400, 0.7900] |"
        in card
    )
    assert "model.int8.tflite" not in card
    assert git("rev-parse", "HEAD") in card


@pytest.mark.parametrize("part", ["dvc.lock", "models/export/model.json", "metrics/data.json"])
def test_an_incomplete_run_is_not_kept(finished, part):
    (finished / part).unlink()
    with pytest.raises(InputError, match=f"{part} is missing"):
        keeping.keep("reference")
    assert not (finished / "models/reference").exists()


def test_a_run_too_large_for_git_is_not_kept(finished, monkeypatch):
    monkeypatch.setattr(keeping, "MOST_BYTES", 100)
    with pytest.raises(InputError, match="fit into git"):
        keeping.keep("reference")


def test_a_run_of_code_that_is_in_no_commit_is_not_kept(finished):
    (finished / "dvc.yaml").write_text("stages: {train: {}}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"dvc\.yaml is not as in the last commit"):
        keeping.keep("reference")

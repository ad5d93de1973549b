"""A finished run, kept: everything is there, and a run that is incomplete or too large is not."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
ONNX = ("model.onnx", "model.int8.onnx")
MODEL = {
    "name": "wide_residual",
    "classes": ["neutral", "happiness"],
    "trained_on": "27,279 pictures of fer2013",
    "flip": True,
    "bytes": {"model.onnx": 5, "model.tflite": 6},
    "metrics": {
        "test": {
            "majority": FIGURES
            | {
                "human_accuracy": 0.778,
                "tempered": {"accuracy": 0.8635},
                "even": {"accuracy": 0.8625},
                "estimated": {"accuracy": 0.865},
                "intended": {"accuracy": 0.7555},
            },
            "most_votes": FIGURES,
        }
    },
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
    exports = (*ONNX, "model.tflite", "model.int8.tflite", "int8_ranges.csv")
    for name in [*names, *(f"models/export/{name}" for name in exports)]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"{name}\n", encoding="utf-8")
    (tmp_path / "models/export/model.json").write_text(json.dumps(MODEL), encoding="utf-8")
    return tmp_path


def test_a_kept_run_has_all_its_parts_and_a_card(finished):
    folder = finished / keeping.keep("reference")
    kept = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    exports = {*ONNX, "model.tflite", "model.int8.tflite", "int8_ranges.csv", "model.json"}
    metrics = {f"metrics/{name}" for name in keeping.METRICS}
    own = {"README.md", ".gitignore", "model.keras"}
    assert kept == exports | metrics | own | {*keeping.RUN}
    assert (folder / "model.onnx").read_text(encoding="utf-8") == "models/export/model.onnx\n"
    assert (folder / "model.keras").read_text(encoding="utf-8") == "models/model.keras\n"
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert (
        "| test | majority | 3,137 | 0.8750 [0.8630, 0.8870] | 0.7500 | 0.7700 [0.7400, 0.7900] |"
        in card
    )
    rows = [line.split(" | ") for line in card.splitlines() if line.startswith("| test |")]
    head, rule = (line for line in card.splitlines() if line.startswith(("| split |", "| --- |")))
    assert {head.count("|"), rule.count("|"), len(rows[0]) + 1} == {head.count("|")}
    assert [row[-5:] for row in rows] == [
        ["0.7780", "0.8635", "0.8625", "0.8650", "0.7555 |"],
        ["–", "–", "–", "–", "– |"],
    ]
    assert "model.int8" not in card
    assert "\n    expressions export models/reference\n" in card
    assert git("rev-parse", "HEAD") in card


def test_the_card_tells_of_the_faster_network_where_there_is_one(finished):
    files = MODEL["bytes"] | {"model.int8.onnx": 3, "model.int8.tflite": 4}
    written = json.dumps(MODEL | {"bytes": files})
    (finished / "models/export/model.json").write_text(written, encoding="utf-8")
    card = (finished / keeping.keep("reference") / "README.md").read_text(encoding="utf-8")
    assert "\n`model.int8.onnx` is the same with int8 inside" in card
    assert "\n`model.int8.tflite`, do not stand in git" in card


def test_what_can_be_written_again_is_ignored_by_git(finished):
    keeping.keep("reference")
    git("add", "models/reference")
    added = git("diff", "--cached", "--name-only").splitlines()
    assert {f"models/reference/{name}" for name in ONNX} <= {*added}
    assert "models/reference/int8_ranges.csv" in added
    assert not [name for name in added if name.endswith(".tflite")]


@pytest.mark.parametrize("part", ["dvc.lock", "models/export/model.json", "metrics/data.json"])
def test_an_incomplete_run_is_not_kept(finished, part):
    (finished / part).unlink()
    with pytest.raises(InputError, match=f"{part} is missing"):
        keeping.keep("reference")
    assert not (finished / "models/reference").exists()


def test_a_run_too_large_for_git_is_not_kept(finished, monkeypatch):
    monkeypatch.setattr(keeping, "MOST_BYTES", 5000)
    (finished / "models/export/model.tflite").write_bytes(bytes(10_000))
    assert keeping.keep("reference-small")
    (finished / "models/export/model.onnx").write_bytes(bytes(10_000))
    with pytest.raises(InputError, match="fit into git"):
        keeping.keep("reference")


def test_a_run_of_code_that_is_in_no_commit_is_not_kept(finished):
    (finished / "dvc.yaml").write_text("stages: {train: {}}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"dvc\.yaml is not as in the last commit"):
        keeping.keep("reference")


@pytest.mark.parametrize(
    "name",
    [
        "../data",
        ".",
        "..",
        "",
        "/model",
        "a/b",
        "a b",
        "a.b",
        "émile",
        "a\n",
        "x" * 65,
        "$HOME",
    ],
)
def test_a_name_that_could_be_a_path_is_refused(finished, name):
    before = sorted(finished.rglob("*"))
    with pytest.raises(InputError, match="is no name for a model"):
        keeping.keep(name)
    assert sorted(finished.rglob("*")) == before


@given(st.text())
def test_a_kept_run_stands_right_below_models(name):
    try:
        folder = keeping._folder(name)
    except InputError:
        return
    assert folder.parent == Path("models")
    assert folder.name == name


@pytest.mark.parametrize("name", ["history", "none", "export", "Evaluation", "CHECKPOINTS"])
def test_a_name_with_a_meaning_of_its_own_is_refused(finished, name):
    with pytest.raises(InputError, match="has a meaning of its own"):
        keeping.keep(name)


@pytest.mark.parametrize("stranger", ["teacher.keras", "metrics/notes.md", "notes.md", ".env"])
def test_a_folder_with_files_of_others_is_not_replaced(finished, stranger):
    keeping.keep("mine")
    path = finished / "models/mine" / stranger
    path.write_text("precious", encoding="utf-8")
    with pytest.raises(InputError, match=f"was not made by .*: it holds {stranger}"):
        keeping.keep("mine")
    assert path.read_text(encoding="utf-8") == "precious"


@pytest.mark.parametrize("name", ["model.keras", "README.md"])
def test_a_folder_that_holds_no_run_is_not_replaced(finished, name):
    (finished / "models/distilled").mkdir()
    (finished / "models/distilled" / name).write_text("weights", encoding="utf-8")
    with pytest.raises(InputError, match=r"was not made by .*: it holds no dvc\.lock"):
        keeping.keep("distilled")
    assert (finished / "models/distilled" / name).exists()


def test_a_file_or_a_link_is_not_replaced(finished):
    (finished / "models/file").write_text("precious", encoding="utf-8")
    (finished / "elsewhere").mkdir()
    (finished / "models/link").symlink_to(finished / "elsewhere")
    (finished / "models/dead").symlink_to(finished / "nowhere")
    for name in ("file", "link", "dead"):
        with pytest.raises(InputError, match="is no folder"):
            keeping.keep(name)
    assert (finished / "models/link").is_symlink()


def test_a_run_kept_before_is_replaced(finished):
    keeping.keep("reference")
    (finished / "models/model.keras").write_text("new", encoding="utf-8")
    (finished / "models/export/model.int8.tflite").unlink()
    (finished / "models/export/int8_ranges.csv").unlink()
    folder = finished / keeping.keep("reference")
    assert (folder / "model.keras").read_text(encoding="utf-8") == "new"
    assert not (folder / "model.int8.tflite").exists()


def test_a_folder_without_git_is_an_error(finished, monkeypatch):
    shutil.rmtree(finished / ".git")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(finished.parent))
    with pytest.raises(
        InputError, match=r"`git status` fails in .*: there is no git repository\. Take a clone"
    ):
        keeping.keep("reference")
    monkeypatch.setenv("PATH", str(finished))
    with pytest.raises(InputError, match="git is missing"):
        keeping.keep("reference")

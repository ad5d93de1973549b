"""Files are held against `dvc.lock` by what they hold, file by file."""

import hashlib
import json
import os
import subprocess
from pathlib import Path

import pytest
from dvc_data.hashfile.hash_info import HashInfo
from dvc_data.hashfile.tree import Tree
from typer.testing import CliRunner

from expressions.commands.cli import app
from expressions.pipeline import integrity
from expressions.pipeline.integrity import (
    Damage,
    damaged,
    damaged_inputs,
    locked_outputs,
    read_states,
    remove_damaged,
)


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def folder_md5(entries: dict[str, bytes]) -> str:
    """As DVC's own code computes it."""
    tree = Tree()
    for name, content in entries.items():
        tree.add(tuple(name.split("/")), None, HashInfo("md5", md5(content)))
    tree.digest()
    return str(tree.hash_info.value)


FILES = {"a.csv": b"1\n", "deep/b.csv": b"2\n"}


@pytest.fixture
def root(tmp_path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run(["dvc", "init", "--quiet"], cwd=tmp_path, check=True)
    return tmp_path


def test_a_folder_has_the_hash_that_dvc_gives_it(root):
    assert damaged(root, {"data": folder_md5(FILES), "data/a.csv": md5(b"1\n")}) == []
    assert damaged(root, {"nowhere": "0"}) == [], "what is missing DVC sees itself"


def test_damage_is_told_file_by_file_where_the_cache_knows_the_folder(root):
    expected = folder_md5(FILES)
    (root / "data/a.csv").write_bytes(b"3\n")
    (root / "data/new.csv").write_bytes(b"")
    [whole] = damaged(root, {"data": expected})
    assert whole.path == Path("data")
    manifest = root / ".dvc/cache/files/md5" / expected[:2] / expected[2:]
    manifest.parent.mkdir(parents=True)
    entries = [{"md5": md5(content), "relpath": name} for name, content in FILES.items()]
    manifest.write_text(json.dumps(entries), encoding="utf-8")
    assert damaged(root, {"data": expected}) == [
        Damage(Path("data/a.csv"), md5(b"1\n"), md5(b"3\n")),
        Damage(Path("data/new.csv"), "absent", md5(b"")),
    ]


def write_lock(root: Path, stages: dict[str, dict[str, str]]) -> None:
    listed = {
        name: {"outs": [{"path": path, "md5": md5} for path, md5 in outs.items()]}
        for name, outs in stages.items()
    }
    (root / "dvc.lock").write_text(json.dumps({"stages": listed}), encoding="utf-8")


def test_only_what_other_stages_wrote_and_this_one_reads_is_held_against_the_lock(root):
    assert locked_outputs(root) == {}
    write_lock(root, {"one": {"data/a.csv": "0", "data/code": "0"}, "two": {"data/deep": "0"}})
    paths = [damage.path.as_posix() for damage in damaged_inputs(root, "three", ["data"])]
    assert paths == ["data/a.csv", "data/deep"]
    assert [d.path.as_posix() for d in damaged_inputs(root, "two", ["data"])] == ["data/a.csv"]
    assert damaged_inputs(root, "three", ["data/code/three.txt", "elsewhere"]) == []


def test_the_cache_loses_what_is_not_what_its_name_says(root, monkeypatch):
    good, bad = md5(b"good"), md5(b"bad")
    for name, content in ((good, b"good"), (bad, b"b4d"), (f"{bad}.dir", b"")):
        path = root / ".dvc/cache/files/md5" / name[:2] / name[2:]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (root / "data/a.csv").write_bytes(b"3\n")
    write_lock(root, {"one": {"data/a.csv": md5(b"1\n"), "data/deep/b.csv": md5(b"2\n")}})
    monkeypatch.chdir(root)
    found, changed = CliRunner().invoke(app, ["verify"]), md5(b"3\n")
    assert found.exit_code == 1
    assert found.stdout.count("removed ") == 2
    assert f"data/a.csv: its MD5 is {changed}, dvc.lock says" in found.stdout
    assert found.stdout.endswith("2 damaged in the cache, 1 outputs unlike dvc.lock\n")
    left = [path.name for path in (root / ".dvc/cache/files/md5").rglob("*") if path.is_file()]
    assert left == [good[2:]]
    assert remove_damaged(root) == []


def test_a_file_that_was_not_written_is_not_read_again(root, monkeypatch):
    before = read_states(root, ["data"])
    assert {path: state.md5 for path, state in before.items()} == {
        f"data/{name}": md5(content) for name, content in FILES.items()
    }
    monkeypatch.setattr(integrity, "_md5", lambda path: pytest.fail(f"{path} is read again"))
    assert read_states(root, ["data"], known=before) == before


def test_an_edit_is_seen_also_behind_a_size_and_a_time_of_before(root):
    before = read_states(root, ["data"])
    path = root / "data/a.csv"
    time = path.stat().st_mtime_ns
    with path.open("r+b") as file:
        file.write(b"9\n")
    os.utime(path, ns=(time, time))
    after = read_states(root, ["data"], known=before)
    assert after["data/a.csv"].md5 == md5(b"9\n")
    assert after["data/deep/b.csv"] == before["data/deep/b.csv"]


def test_another_link_to_a_file_is_no_change(root):
    before = read_states(root, ["data"])
    os.link(root / "data/a.csv", root / "elsewhere.csv")
    assert read_states(root, ["data"], known=before) == before


def test_compiled_modules_are_no_content(root):
    (root / "data/__pycache__").mkdir()
    (root / "data/__pycache__/a.pyc").write_bytes(b"")
    assert set(read_states(root, ["data", "nowhere"])) == {"data/a.csv", "data/deep/b.csv"}

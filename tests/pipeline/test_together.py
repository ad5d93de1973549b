"""Several people on one pipeline: the recipes of docs/remotes.md, with real branches."""

import json
import re

import pytest
from helpers import Repository

pytestmark = pytest.mark.pipeline


@pytest.fixture
def origin(finished: Repository, tmp_path) -> Repository:
    """What is shared: a bare repository, and a remote with the data."""
    finished.use_remote(str(tmp_path / "remote"))
    finished.run("dvc", "push")
    (finished.folder / ".dvc/config.local").unlink()
    finished.run("git", "clone", "--quiet", "--bare", ".", str(tmp_path / "origin"))
    return Repository(tmp_path / "origin")


@pytest.fixture
def author(origin: Repository, tmp_path) -> Repository:
    clone = origin.clone(tmp_path / "author")
    clone.use_remote(str(tmp_path / "remote"))
    clone.run("dvc", "pull")
    return clone


def test_a_branch_is_compared_shared_reviewed_and_merged(author, origin, tmp_path):
    author.run("git", "switch", "--quiet", "--create", "more-resamples")
    author.edit("params.yaml", "resamples: 100", "resamples: 200")
    assert author.repro() == {"evaluate", "export", "report"}
    author.run("git", "commit", "--quiet", "--all", "--message", "Draw more resamples")

    changed = json.loads(author.run("dvc", "params", "diff", "main", "--json").stdout)
    assert changed["params.yaml"] == {"evaluate.resamples": {"old": 100, "new": 200, "diff": 100}}
    moved = json.loads(author.run("dvc", "metrics", "diff", "main", "--json").stdout)
    assert any("accuracy_" in key for key in moved["metrics/evaluation.json"]), moved
    author.run("dvc", "plots", "diff", "main", "--out", str(tmp_path / "plots"))
    assert "more-resamples" not in (tmp_path / "plots/index.html").read_text("utf-8")
    assert "main" in (tmp_path / "plots/index.html").read_text("utf-8")

    author.run("dvc", "push", "--run-cache")
    author.run("git", "push", "--quiet", "--set-upstream", "origin", "more-resamples")

    reviewer = origin.clone(tmp_path / "reviewer")
    reviewer.use_remote(str(tmp_path / "remote"))
    reviewer.run("git", "switch", "--quiet", "more-resamples")
    reviewer.run("dvc", "pull")
    assert reviewer.repro() == set(), "what was pushed is what its lock says"

    # Meanwhile main moved, and changed the same part of dvc.lock.
    reviewer.run("git", "switch", "--quiet", "main")
    reviewer.run("dvc", "pull")
    reviewer.edit("params.yaml", "shown: 64", "shown: 32")
    assert reviewer.repro() == {"audit", "report"}
    reviewer.run("git", "commit", "--quiet", "--all", "--message", "Show fewer suspects")
    conflict = reviewer.run("git", "merge", "more-resamples", check=False)
    assert conflict.returncode == 1
    assert "Merge conflict in dvc.lock" in conflict.stdout
    assert "<<<<<<<" not in reviewer.read("dvc.lock")
    reviewer.run("dvc", "fetch", "--run-cache")
    merged = reviewer.run("dvc", "repro").stdout
    # The run cache keeps no stage whose outputs stand in git, as metrics do.
    assert re.findall("Running stage '(.*)'", merged) == ["evaluate", "report"]
    assert re.findall("Stage '(.*)' is cached - skipping run", merged) == ["export"]
    reviewer.run("git", "commit", "--quiet", "--all", "--message", "Merge more-resamples")
    locked = reviewer.lock()
    assert locked["evaluate"]["params"]["params.yaml"]["evaluate"]["resamples"] == 200
    assert locked["audit"]["params"]["params.yaml"]["audit"]["shown"] == 32
    assert reviewer.run("git", "status", "--porcelain").stdout == ""
    assert reviewer.repro() == set()

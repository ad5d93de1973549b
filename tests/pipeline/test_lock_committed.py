"""The `dvc.lock` in git is the one that the code, parameters and requirements in git give."""

import json
import os
from collections.abc import Callable

import pytest
from helpers import ROOT, Repository

from expressions.network import processor

pytestmark = pytest.mark.pipeline

REMEDY = "run `dvc repro` and commit dvc.lock, metrics/ and models/processor.txt with the change"
MISSING = {"deleted", "not in cache"}


@pytest.fixture(scope="module")
def clone(new_repository: Callable[[], Repository]) -> Repository:
    """The pipeline as it stands in git, with no data."""
    return new_repository()


def test_it_belongs_to_the_code_the_parameters_and_the_metrics_in_git(clone):
    for stage, changes in json.loads(clone.run("dvc", "status", "--json").stdout).items():
        for change in changes:
            assert isinstance(change, dict), f"{stage}: {change}; {REMEDY}"
            for kind, paths in change.items():
                changed = {path for path, how in paths.items() if how not in MISSING}
                assert changed == set(), f"{stage}: {kind} {sorted(changed)}; {REMEDY}"


def test_every_stage_was_given_what_another_one_wrote(clone):
    stages = clone.lock()
    written = {out["path"]: out["md5"] for stage in stages.values() for out in stage["outs"]}
    for name, stage in stages.items():
        for dep in stage["deps"]:
            assert written.get(dep["path"], dep["md5"]) == dep["md5"], f"{name}: {dep['path']}"


def test_running_again_gives_the_hashes_and_metrics_in_git(clone):
    """The data stages; with PROVE_TRAINING, as in continuous integration, everything.

    Training is compared only on the kind of processor that made the hashes in git.
    """
    everything = "PROVE_TRAINING" in os.environ and processor.recorded_here(ROOT)
    expected = clone.lock()
    ran = clone.repro(*([] if everything else ["arrays"]))
    assert "arrays" in ran
    assert everything == ("train" in ran)
    for name, stage in clone.lock().items():
        for out, before in zip(stage["outs"], expected[name]["outs"], strict=True):
            assert out == before, f"{name} wrote other bytes; {REMEDY}"
    assert clone.run("git", "status", "--porcelain").stdout == "", REMEDY

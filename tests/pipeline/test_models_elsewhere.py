"""A model of this repository used from another project, as README shows it: `dvc get`."""

import json
import shutil

import cv2
import pytest
import yaml
from helpers import ROOT, Repository

from expressions import Recognizer
from expressions.pipeline.hashes import sha256

pytestmark = pytest.mark.pipeline

# Every clone fetches them; what nobody takes any more is in git's history.
MOST_BYTES = 20_000_000


def test_another_project_fetches_a_model_alone(tmp_path):
    Repository(ROOT).run("git", "clone", "--quiet", "--bare", ".", str(tmp_path / "origin.git"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    Repository(elsewhere).run("dvc", "get", str(tmp_path / "origin.git"), "models/reference")
    assert [path.name for path in elsewhere.iterdir()] == ["reference"]
    picture = cv2.imread(str(ROOT / "samples/happiness.jpg"))
    [face] = Recognizer(elsewhere / "reference").recognize([picture])[0]
    assert face.emotion == "happiness"


def test_a_stage_can_depend_on_a_kept_model_whether_or_not_its_exports_were_written(tmp_path):
    """As `train` does by `train.start_from`; what `export` makes itself is no such export."""
    repository = Repository(tmp_path)
    shutil.copytree(ROOT / "models/reference-small", tmp_path / "models/mine")
    shutil.copy(ROOT / ".dvcignore", tmp_path)
    stage = {"cmd": "mkdir -p models/export && echo 1 > models/export/model.tflite",
             "deps": ["models/mine"], "outs": ["models/export"]}  # fmt: skip
    (tmp_path / "dvc.yaml").write_text(yaml.safe_dump({"stages": {"export": stage}}), "utf-8")
    repository.run("dvc", "init", "--quiet", "--no-scm")
    repository.run("dvc", "repro")
    lock = repository.lock()["export"]
    assert lock["outs"][0]["nfiles"] == 1
    (tmp_path / "models/mine/model.tflite").write_bytes(b"written again")
    assert "up to date" in repository.run("dvc", "status").stdout
    with (tmp_path / "models/mine/params.yaml").open("a") as params:
        params.write("\n")
    assert "models/mine" in repository.run("dvc", "status").stdout


def test_what_a_clone_fetches_for_the_models_stays_small():
    tracked = Repository(ROOT).run("git", "ls-files", "models").stdout.splitlines()
    total = sum((ROOT / path).lstat().st_size for path in tracked)
    assert 0 < total <= MOST_BYTES, f"the models in git have {total / 1e6:.1f} MB"


def test_an_artifact_is_a_kept_model_and_is_fetched_by_name_and_version(tmp_path):
    artifacts = yaml.safe_load((ROOT / "dvc.yaml").read_text("utf-8"))["artifacts"]
    tracked = Repository(ROOT).run("git", "ls-files", "models").stdout.splitlines()
    kept = {path.split("/")[1] for path in tracked if path.endswith("/model.onnx")}
    assert {name: artifact["path"] for name, artifact in artifacts.items()} == {
        name: f"models/{name}" for name in kept
    }
    origin = tmp_path / "origin.git"
    Repository(ROOT).run("git", "clone", "--quiet", "--bare", ".", str(origin))
    person = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    Repository(origin).run("git", *person, "tag", "-a", "reference-small@v1.0.0", "-m", "First")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    fetch = ("dvc", "artifacts", "get", str(origin), "reference-small", "--rev")
    Repository(elsewhere).run(*fetch, "v1.0.0", "-o", "small")
    card = json.loads((elsewhere / "small/model.json").read_text("utf-8"))
    assert card["name"] == "small_residual"
    assert sha256(elsewhere / "small/model.onnx") == card["sha256"]["model.onnx"]

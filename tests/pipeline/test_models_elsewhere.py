"""A model of this repository used from another project, as README shows it: `dvc get`."""

import json

import cv2
import pytest
import yaml
from helpers import ROOT, Repository

from expressions import Recognizer
from expressions.pipeline.hashes import sha256

pytestmark = pytest.mark.pipeline


def test_another_project_fetches_a_model_alone(tmp_path):
    Repository(ROOT).run("git", "clone", "--quiet", "--bare", ".", str(tmp_path / "origin.git"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    Repository(elsewhere).run("dvc", "get", str(tmp_path / "origin.git"), "models/reference")
    assert [path.name for path in elsewhere.iterdir()] == ["reference"]
    picture = cv2.imread(str(ROOT / "samples/happiness.jpg"))
    [face] = Recognizer(elsewhere / "reference").recognize([picture])[0]
    assert face.emotion == "happiness"


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

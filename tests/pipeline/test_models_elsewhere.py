"""A model of this repository used from another project, as README shows it: `dvc get`."""

import cv2
import pytest
from helpers import ROOT, Repository

from expressions import Recognizer

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

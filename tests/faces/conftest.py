"""Photographs to crop, and what comes of them."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from crop_run import PHOTOGRAPHS, photograph, run, save
from helpers import ROOT


@pytest.fixture(scope="module")
def photographs(tmp_path_factory) -> Path:
    """A repository's `data/raw` and parameters, with photographs and one file that is none."""
    folder = tmp_path_factory.mktemp("photographs")
    raw = folder / "data/raw/iefdb/Original"
    raw.mkdir(parents=True)
    for number in range(PHOTOGRAPHS):
        save(raw / f"{number:02d}.jpg", photograph(number))
    beside = np.concatenate([photograph(1)[:380, :380], photograph(2)[:380, :380]], axis=1)
    save(raw / "two.png", beside)
    save(raw / "empty.png", np.full((300, 300, 3), 120, np.uint8))
    (raw / "text.jpg").write_text("no picture")
    parameters = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
    parameters["render"]["shards"] = 4
    (folder / "params.yaml").write_text(yaml.safe_dump(parameters), "utf-8")
    return folder


@pytest.fixture
def repository(photographs, tmp_path, monkeypatch) -> Path:
    shutil.copytree(photographs, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def expected(photographs, tmp_path_factory) -> str:
    """What one core and no store give."""
    folder = tmp_path_factory.mktemp("expected")
    shutil.copytree(photographs, folder, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("EXPRESSIONS_FACE_STORE", "off")
        patch.setattr(os, "sched_getaffinity", lambda _: {0})
        return run()

"""A run of all stages in small, once, and a way to run a stage or a command on a copy of it."""

import shutil
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pytest
import yaml
from helpers import ROOT, export, write_fer2013_tables

from expressions.commands import cli
from expressions.labels.emotions import EMOTIONS
from expressions.pipeline import paths
from expressions.pipeline.stage import run

FER2013, IEFDB, MINE = (paths.SOURCE / "files" / name for name in ("fer2013", "iefdb", "mine"))

LIGHT_STAGES = (
    "ingest fer2013", "ingest iefdb", "ingest mine", "clean fer2013", "clean iefdb", "clean mine",
    "join", "render fer2013", "render iefdb", "render mine", "crop fer2013", "crop iefdb",
    "crop mine", "arrays",
)  # fmt: skip


class Outcome(NamedTuple):
    """How a stage or a command ended."""

    code: int
    output: str
    errors: str


@pytest.fixture
def outcome_of(capsys) -> Callable[[str], Outcome]:
    """Run a stage (`clean iefdb`) or a command (`expressions use folder`) in the current folder."""

    def ended(command: str) -> Outcome:
        name, *arguments = command.split()
        capsys.readouterr()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", [name, *arguments])
            try:
                if name == "expressions":
                    cli.main()
                else:
                    run(import_module(f"stages.{name}").main)
                code = 0
            except SystemExit as end:
                code = int(end.code or 0)
        return Outcome(code, *capsys.readouterr())

    return ended


def write_sources() -> None:
    """Write the files of three data sets: FER-2013, IEFDB, and one's own by table."""
    rng = np.random.default_rng(0)
    usages = ["Training"] * 14 + ["PublicTest"] * 7 + ["PrivateTest"] * 7
    rows = [(usage, 9 * number, {EMOTIONS[number % 7]: 10}) for number, usage in enumerate(usages)]
    FER2013.mkdir(parents=True)
    write_fer2013_tables(FER2013, rows)
    for folder, names in ((IEFDB / "Original", ("1", "2", "3")), (MINE, ("a/1", "a/2", "b/1"))):
        for name in names:
            path = folder / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), rng.integers(0, 256, (60, 60), dtype=np.uint8))
    (IEFDB / "ImageDescriptionWEmotions.csv").write_text(
        "PicNum,IntendedExpression\n1,happy\n2,sad\n3,fear\n", encoding="utf-8"
    )
    (MINE / "labels.csv").write_text(
        "file,emotion,use\na/1.png,happy,train\na/2.png,sad,val\nb/1.png,fear,test\n",
        encoding="utf-8",
    )


def write_parameters() -> None:
    """Write `params.yaml` as in git, but for the three data sets and a short run."""
    parameters = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    parameters |= {"source": "files", "datasets": ["fer2013", "iefdb", "mine"]}
    parameters["ingest"]["mine"] = {"layout": "table"}
    parameters["clean"]["mine"] = {
        "file_column": "file", "label_column": "emotion", "split_column": "use", "split": "test",
    }  # fmt: skip
    parameters["crop"]["iefdb"]["no_face"] = "keep"
    parameters["crop"]["mine"] = {"detect": False}
    parameters["train"] |= {"epochs": 1, "warmup_epochs": 0, "batch": 4}
    parameters["evaluate"]["resamples"] = 10
    Path("params.yaml").write_text(yaml.safe_dump(parameters), encoding="utf-8")


def write_model(path: Path, outputs: int = 7) -> None:
    """Write a network of one layer as `.keras`."""
    from expressions.network import keras_file
    from expressions.network.runtime import keras

    keras.utils.set_random_seed(1)
    face = keras.Input((48, 48, 1))
    scores = keras.layers.Dense(outputs, "softmax")(keras.layers.Flatten()(face))
    keras_file.save(keras.Model(face, scores), path)


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All stages ran here but `train` and `export`, whose outputs are made by hand."""
    folder = tmp_path_factory.mktemp("small") / "run"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write_sources()
        write_parameters()
        for command in (*LIGHT_STAGES, "train by hand", "evaluate", "export by hand", "audit"):
            name, *arguments = command.split()
            if command == "train by hand":
                write_model(paths.MODEL)
                write_history()
            elif command == "export by hand":
                export(paths.EXPORT)
                (paths.EXPORT / "model.tflite").write_bytes(b"TFL3")
            else:
                import_module(f"stages.{name}").main(*arguments)
    return folder


def write_history() -> None:
    """Write what `train` leaves beside the model."""
    paths.HISTORY.mkdir(parents=True)
    picture = cv2.imencode(".png", np.zeros((9, 9), np.uint8))[1].tobytes()
    for name in ("curves.png", "architecture.png"):
        (paths.HISTORY / name).write_bytes(picture)
    (paths.HISTORY / "history.csv").write_text(
        "epoch,learning_rate,loss,accuracy,val_loss,val_accuracy\n1,0.1,2,0.1,2,0.1\n",
        encoding="utf-8",
    )


@pytest.fixture
def in_copy(small_run, tmp_path, monkeypatch) -> Path:
    """A copy of the small run, which is the current folder."""
    folder = tmp_path / "run"
    shutil.copytree(small_run, folder, symlinks=True)
    monkeypatch.chdir(folder)
    return folder

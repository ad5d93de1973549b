"""What a run of all stages in small is made of: sources of three data sets, parameters, a model."""

import runpy
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from helpers import ROOT, write_fer2013_tables

from expressions.evaluation import diagrams, face_grid
from expressions.labels.emotions import EMOTIONS
from expressions.pipeline import paths

PNG = cv2.imencode(".png", np.zeros((9, 9), np.uint8))[1].tobytes()
FER2013, IEFDB, MINE = (paths.SOURCE / "files" / name for name in ("fer2013", "iefdb", "mine"))

DRAWING = (
    (diagrams, "draw_confusion"),
    (diagrams, "draw_reliability"),
    (face_grid, "draw_face_grid"),
)

LIGHT_STAGES = (
    "ingest fer2013", "ingest iefdb", "ingest mine", "clean fer2013", "clean iefdb", "clean mine",
    "join", "render fer2013", "render iefdb", "render mine", "crop fer2013", "crop iefdb",
    "crop mine", "arrays",
)  # fmt: skip


def main_of(stage: str) -> Callable[..., None]:
    """What a stage does, without what is proven before and after it."""
    return runpy.run_module(f"stages.{stage}", run_name=stage)["main"]


def draw_nothing(patch: pytest.MonkeyPatch) -> None:
    """Have `evaluate` write one point in place of each of its figures."""
    for module, draw in DRAWING:
        patch.setattr(module, draw, lambda path, *_: path.write_bytes(PNG))


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
    parameters["render"]["shards"] = 2
    Path("params.yaml").write_text(yaml.safe_dump(parameters), encoding="utf-8")


def write_model(path: Path, outputs: int = 7) -> None:
    """Write a network of one layer as `.keras`."""
    from expressions.network import keras_file
    from expressions.network.runtime import keras

    keras.utils.set_random_seed(1)
    face = keras.Input((48, 48, 1))
    scores = keras.layers.Dense(outputs, "softmax")(keras.layers.Flatten()(face))
    keras_file.save(keras.Model(face, scores), path)


def write_history() -> None:
    """Write what `train` leaves beside the model."""
    paths.HISTORY.mkdir(parents=True)
    for name in ("curves.png", "architecture.png"):
        (paths.HISTORY / name).write_bytes(PNG)
    (paths.HISTORY / "history.csv").write_text(
        "epoch,learning_rate,loss,accuracy,val_loss,val_accuracy\n1,0.1,2,0.1,2,0.1\n",
        encoding="utf-8",
    )

"""Train the network on the training split: `models/model.keras` and `models/history/`."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
from dvclive import Live

from expressions.errors import InputError
from expressions.labels.emotions import classes
from expressions.labels.tables import Labels, class_numbers
from expressions.network import keras_file, processor
from expressions.network.layer_diagram import draw
from expressions.network.runtime import use_avx2_alone
from expressions.network.training import Earlier, Epoch, Examples, Training, train, usable_precision
from expressions.pipeline.code import closure_digest
from expressions.pipeline.figures import curves
from expressions.pipeline.outputs import write_csv
from expressions.pipeline.parameters import read_section
from expressions.pipeline.progress import bar
from expressions.pipeline.stage import run

ARRAYS = Path("data/arrays")
HISTORY = Path("models/history")
CHECKPOINTS = Path("models/checkpoints")

_finished: list[Path] = []


def main() -> None:
    """Train, or go on where a run with the same data, parameters and code was cut off."""
    parameters = read_section(Training, "train")
    labels = read_section(Labels, "labels")
    if parameters.portable:
        if parameters.precision != "float32":
            raise InputError("params.yaml: train.portable needs train.precision: float32.")
        use_avx2_alone()
    if usable_precision(parameters) != parameters.precision:
        print(
            "params.yaml: train.precision is bfloat16, but this processor has no instructions for "
            "it. Training in float32 in its place."
        )
    if parameters.epochs == 0 and parameters.start_from == "none":
        raise InputError(
            "params.yaml: train.epochs is 0, but train.start_from names no model to be taken as it "
            "is. Name a folder of models/, or train for an epoch at least."
        )
    names = classes(labels.classes)
    training, validation = read_examples("training", names), read_examples("validation", names)
    if len(training.labels) < parameters.batch:
        raise InputError(
            f"params.yaml: train.batch is {parameters.batch}, but there are only "
            f"{len(training.labels)} training pictures. Make it smaller."
        )
    earlier = Earlier(
        start_model(parameters.start_from),
        teachers(parameters.teacher),
    )
    checkpoint = CHECKPOINTS / f"{run_key(parameters, labels, earlier)}.npz"
    if not parameters.resume:
        checkpoint.unlink(missing_ok=True)
    rows: list[Epoch] = []
    pictures = len(training.labels) // parameters.batch * parameters.batch * parameters.epochs
    progress = bar(None, "train", "pictures", pictures)
    live = Live(str(HISTORY / "dvclive"), dvcyaml=False, save_dvc_exp=False)

    def note(epoch: Epoch) -> None:
        rows.append(epoch)
        progress.set_postfix_str(f"epoch {epoch.epoch}, validation {epoch.val_accuracy:.3f}")
        for name, value in epoch._asdict().items():
            if name != "epoch":
                live.log_metric(name, value)
        live.next_step()

    with progress, live:
        model, _ = train(
            training,
            validation,
            labels.mode,
            parameters,
            earlier,
            checkpoint,
            note,
            progress.update,
        )
    keras_file.save(model, Path("models/model.keras"))
    write_history(rows, HISTORY)
    draw(model, HISTORY / "architecture.png")
    processor.record()
    _finished.append(checkpoint)


def read_examples(split: str, names: tuple[str, ...]) -> Examples:
    """One split of `data/arrays/`; the faces stay on disk and are read as they are needed."""
    table = pd.read_csv(ARRAYS / f"{split}.csv")
    return Examples(
        np.load(ARRAYS / f"{split}.npy", mmap_mode="r"),
        table[list(names)].to_numpy(dtype=np.float32),
        class_numbers(table["label"], names),
    )


def start_model(name: str) -> Path | None:
    """`models/<name>/model.keras`, for `train.start_from`; None for `none`.

    Raises:
        InputError: the folder has no `model.keras`.
    """
    if name == "none":
        return None
    path = Path("models") / name / "model.keras"
    if not path.exists():
        raise InputError(
            f"{path} is missing. params.yaml: train.start_from names a folder of models/ that "
            "holds a model.keras, or is none."
        )
    return path


def teachers(name: str) -> tuple[Path, ...]:
    """Every `.keras` file of `models/<name>/`, for `train.teacher`; empty for `none`.

    Raises:
        InputError: the folder has no `.keras` file.
    """
    if name == "none":
        return ()
    folder = Path("models") / name
    paths = tuple(sorted(folder.glob("*.keras")))
    if not paths:
        raise InputError(
            f"{folder} holds no .keras file. params.yaml: train.teacher names a folder of models/ "
            "that holds one or several, or is none."
        )
    return paths


def run_key(parameters: Training, labels: Labels, earlier: Earlier) -> str:
    """Names a run by all that decides its weights: parameters, examples, models and code."""
    digest = hashlib.sha256()
    digest.update(parameters.model_dump_json(exclude={"resume"}).encode())
    digest.update(labels.model_dump_json().encode())
    arrays = sorted(ARRAYS.glob("training.*")) + sorted(ARRAYS.glob("validation.*"))
    digest.update(closure_digest("train").encode())
    start = [] if earlier.start is None else [earlier.start]
    for path in [*arrays, *start, *earlier.teachers]:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]


def write_history(rows: list[Epoch], folder: Path) -> None:
    """Write the history as a table and as curves."""
    history = pd.DataFrame(rows, columns=Epoch._fields)
    write_csv(folder / "history.csv", history)
    curves(folder / "curves.png", history)


def forget_checkpoint() -> None:
    """Remove the state of the run that has ended and been proven."""
    for path in _finished:
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    run(main, at_end=forget_checkpoint)

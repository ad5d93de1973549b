"""Measure the model on every split but training: `metrics/evaluation.json` and its pictures."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from expressions import diagrams, metrics
from expressions.emotions import classes
from expressions.errors import run
from expressions.labels import Labels
from expressions.outputs import whole_folder, write_csv, write_json
from expressions.parameters import Section, read_section
from expressions.runtime import keras

ARRAYS = Path("data/arrays")
PICTURES = Path("models/evaluation")
PROTOCOLS = ("most_votes", "majority")

_BATCH = 256


class Evaluate(Section):
    """The `evaluate` section of the parameters."""

    flip: bool
    """Average the probabilities of a face and of its mirror image."""
    resamples: int = Field(gt=0)
    seed: int = Field(ge=0)


def main() -> None:
    """Write predictions, figures by split and protocol, per-class scores and pictures."""
    section = read_section(Evaluate, "evaluate")
    names = classes(read_section(Labels, "labels").classes)
    model = keras.models.load_model("models/model.keras", compile=False)
    predictions = predict_splits(model, names, section.flip)
    write_csv(Path("data/predictions.csv"), predictions)
    evaluation: dict[str, Any] = {}
    scores = []
    with whole_folder(PICTURES) as folder:
        for split, rows in predictions.groupby("split", sort=False):
            evaluation[str(split)] = {}
            for protocol in PROTOCOLS:
                counted = rows if protocol == "most_votes" else rows[rows["majority"]]
                probabilities, labels = split_columns(counted, names)
                figure = metrics.evaluate(probabilities, labels, section.resamples, section.seed)
                evaluation[str(split)][protocol] = figure
                scores.append(per_class(probabilities, labels, names, f"{split}.{protocol}"))
                _draw(folder, f"{split}.{protocol}", probabilities, labels, names, figure["ece"])
    write_json(Path("metrics/evaluation.json"), evaluation)
    write_csv(Path("metrics/per_class.csv"), pd.concat(scores).round(4))
    for split, protocols in evaluation.items():
        for protocol, figure in protocols.items():
            print(
                f"{split}.{protocol}: accuracy {figure['accuracy']:.4f} "
                f"[{figure['accuracy_low']:.4f}, {figure['accuracy_high']:.4f}], "
                f"macro F1 {figure['macro_f1']:.4f}, n {figure['n']}"
            )


def predict_splits(model: Any, names: tuple[str, ...], flip: bool) -> pd.DataFrame:
    """Probabilities for every picture of every split but training, in the arrays' order."""
    tables = []
    for split in ("validation", "test", "iefdb"):
        path = ARRAYS / f"{split}.npy"
        if not path.exists():
            continue
        table = pd.read_csv(path.with_suffix(".csv"))[["image_id", "label", "majority"]]
        table.insert(1, "split", split)
        table[list(names)] = predict(model, np.load(path, mmap_mode="r"), flip)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def predict(model: Any, faces: NDArray[np.float32], flip: bool) -> NDArray[np.float32]:
    """Probabilities `[n, classes]` of rescaled faces `[n, 48, 48, 1]`."""
    probabilities = model.predict(faces, batch_size=_BATCH, verbose=0)
    if flip:
        mirrored = model.predict(faces[:, :, ::-1], batch_size=_BATCH, verbose=0)
        probabilities = (probabilities + mirrored) / 2
    return np.asarray(probabilities, dtype=np.float32)


def split_columns(
    rows: pd.DataFrame, names: tuple[str, ...]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Probabilities `[n, classes]` and true classes `[n]` of a table of predictions."""
    labels = rows["label"].map({name: number for number, name in enumerate(names)})
    probabilities = rows[list(names)].to_numpy(dtype=np.float64)
    return probabilities, np.asarray(labels, dtype=np.int64)


def per_class(
    probabilities: NDArray[np.float64],
    labels: NDArray[np.int64],
    names: tuple[str, ...],
    where: str,
) -> pd.DataFrame:
    """Precision, recall, F1 and number of pictures of each class."""
    precision, recall, f1, support = precision_recall_fscore_support(
        labels, probabilities.argmax(axis=1), labels=range(len(names)), zero_division=0
    )
    split, protocol = where.split(".")
    return pd.DataFrame(
        {
            "split": split,
            "protocol": protocol,
            "emotion": names,
            "n": support,
            "precision": precision,
            "recall": recall,
            "f1": f1,
        }
    )


def _draw(
    folder: Path,
    name: str,
    probabilities: NDArray[np.float64],
    labels: NDArray[np.int64],
    names: tuple[str, ...],
    ece: float,
) -> None:
    predicted = probabilities.argmax(axis=1)
    matrix = confusion_matrix(labels, predicted, labels=range(len(names)))
    title = name.replace(".", ", ").replace("_", " ")
    diagrams.confusion(folder / f"{name}.confusion.png", matrix, names, False, title)
    diagrams.confusion(folder / f"{name}.confusion_normalised.png", matrix, names, True, title)
    bins = metrics.calibration(probabilities, labels)
    diagrams.reliability(folder / f"{name}.reliability.png", bins, ece, title)
    pairs = pd.DataFrame(
        {"actual": np.array(names)[labels], "predicted": np.array(names)[predicted]}
    )
    write_csv(folder / f"{name}.confusion.csv", pairs)


if __name__ == "__main__":
    run(main)

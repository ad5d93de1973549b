"""Measure the model on every split but training: `metrics/evaluation.json` and its pictures."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field
from sklearn.metrics import confusion_matrix

from expressions.errors import run
from expressions.evaluation import breakdowns, diagrams, metrics
from expressions.evaluation.face_grid import face_grid
from expressions.evaluation.intervals import accuracy, with_interval
from expressions.labels import splits
from expressions.labels.emotions import classes
from expressions.labels.ferplus import VOTE_COLUMNS
from expressions.labels.tables import Labels, class_numbers, read_labels_csv
from expressions.labels.voters import agreement, human_accuracy
from expressions.network.calibration import calibrate, fit_temperature
from expressions.network.runtime import keras
from expressions.pipeline.outputs import whole_folder, write_csv, write_json
from expressions.pipeline.parameters import Section, read_section

ARRAYS = Path("data/arrays")
PICTURES = Path("models/evaluation")

_BATCH = 256
_ERRORS_SHOWN = 48


class Evaluate(Section):
    """The `evaluate` section of the parameters."""

    flip: bool
    """Average the probabilities of a face and of its mirror image."""
    resamples: int = Field(gt=0)
    seed: int = Field(ge=0)


class Protocol(NamedTuple):
    """The pictures that a protocol counts and what the model says of them."""

    name: str
    classes: tuple[str, ...]
    rows: pd.DataFrame
    """`image_id, split, label, majority, twin`, the probabilities and the votes."""
    probabilities: NDArray[np.float64]
    """`[n, classes]`; rows sum to 1."""
    labels: NDArray[np.int64]
    """`[n]`: the true classes."""

    @property
    def predicted(self) -> NDArray[np.int64]:
        """`[n]`: the most probable classes."""
        return self.probabilities.argmax(axis=1)


def main() -> None:
    """Write predictions, figures by split and protocol, per-class scores and pictures."""
    section = read_section(Evaluate, "evaluate")
    names = classes(read_section(Labels, "labels").classes)
    model = keras.models.load_model("models/model.keras", compile=False)
    temperature = fit(model, names, section.flip)
    calibrate(model, temperature)
    predictions = predict_splits(model, names, section.flip)
    write_csv(Path("data/predictions.csv"), predictions)
    rows = with_votes(predictions)
    evaluation: dict[str, Any] = {}
    scores = []
    with whole_folder(PICTURES) as folder:
        write_json(folder / "calibration.json", {"temperature": temperature})
        for split, its_rows in rows.groupby("split", sort=False):
            evaluation[str(split)] = {}
            for protocol in protocols(its_rows, names):
                figures = measure(protocol, section)
                evaluation[str(split)][protocol.name] = figures
                score = breakdowns.by_class(protocol.labels, protocol.predicted, protocol.classes)
                scores.append(score.assign(split=split, protocol=protocol.name))
                _draw(folder / f"{split}.{protocol.name}", protocol, figures["ece"], section)
            _draw_errors(folder / f"{split}.errors.png", str(split), its_rows, names)
    write_json(Path("metrics/evaluation.json"), evaluation)
    per_class = pd.concat(scores)
    columns = ["split", "protocol", "emotion", "n", "precision", "recall", "f1"]
    write_csv(Path("metrics/per_class.csv"), per_class[columns].round(4))
    _print(evaluation)


def fit(model: Any, names: tuple[str, ...], flip: bool) -> float:
    """The temperature for `model`, by the validation pictures that have an official majority.

    Of the others not even the label is sure, and with them a model is not sure enough where people
    agree. Fitted on the views that are averaged, since an average is less sure than each view. In
    four parts of validation, each held out in turn, an eight-class model's expected calibration
    error was 0.014 so; it was 0.041 when fitted on all faces as they are.
    """
    table = pd.read_csv(ARRAYS / "validation.csv")
    agreed = np.flatnonzero(table["majority"])
    faces = np.load(ARRAYS / "validation.npy", mmap_mode="r")[agreed]
    labels = class_numbers(table["label"].iloc[agreed], names)
    return fit_temperature(predict_views(model, faces, flip).astype(np.float64), labels)


def predict_splits(model: Any, names: tuple[str, ...], flip: bool) -> pd.DataFrame:
    """Probabilities for every picture of every split but training, in the arrays' order."""
    tables = []
    for split in splits.in_order(path.stem for path in ARRAYS.glob("*.npy")):
        if split == splits.TRAINING:
            continue
        path = ARRAYS / f"{split}.npy"
        table = pd.read_csv(path.with_suffix(".csv"))[["image_id", "label", "majority"]]
        table.insert(1, "split", split)
        table[list(names)] = predict(model, np.load(path, mmap_mode="r"), flip)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def predict(model: Any, faces: NDArray[np.float32], flip: bool) -> NDArray[np.float32]:
    """Probabilities `[n, classes]` of rescaled faces `[n, 48, 48, 1]`."""
    return predict_views(model, faces, flip).mean(axis=0)


def predict_views(model: Any, faces: NDArray[np.float32], flip: bool) -> NDArray[np.float32]:
    """As `predict`, `[views, n, classes]`: the faces as they are and, with `flip`, mirrored."""
    views = [faces, faces[:, :, ::-1]] if flip else [faces]
    return np.stack([model.predict(view, batch_size=_BATCH, verbose=0) for view in views])


def with_votes(predictions: pd.DataFrame) -> pd.DataFrame:
    """`predictions` with the votes on each picture and whether it has a twin in training.

    An emotion's votes stand in `<emotion> votes`; its own name is its probability's.
    """
    votes = read_labels_csv(Path("data/samples.csv"))[["image_id", *VOTE_COLUMNS]]
    renamed = votes.rename(columns={name: f"{name} votes" for name in VOTE_COLUMNS})
    rows = predictions.merge(renamed, on="image_id", how="left", validate="one_to_one")
    twins = pd.read_csv(ARRAYS / "twins.csv", dtype=str)
    return rows.assign(twin=rows["image_id"].isin(twins["image_id"]))


def protocols(rows: pd.DataFrame, names: tuple[str, ...]) -> Iterator[Protocol]:
    """The protocols of one split; a model of eight classes is measured on seven of them, too."""
    yield select("most_votes", rows, names)
    yield select("majority", rows[rows["majority"]], names)
    if "contempt" in names:
        seven = names[:7]
        others = rows[rows["label"] != "contempt"]
        yield select("most_votes_7", others, seven)
        yield select("majority_7", others[others["majority"]], seven)


def select(name: str, rows: pd.DataFrame, names: tuple[str, ...]) -> Protocol:
    """A protocol over `rows` whose probabilities are shared out among `names` alone."""
    shares = rows[list(names)].to_numpy(dtype=np.float64)
    probabilities = shares / shares.sum(axis=1, keepdims=True)
    return Protocol(name, names, rows, probabilities, class_numbers(rows["label"], names))


def measure(protocol: Protocol, section: Evaluate) -> dict[str, Any]:
    """The figures of one protocol; where there are votes, one voter's accuracy beside them.

    Pictures with a pixel-identical twin among all training pictures, kept or dropped, are also
    counted apart from the others.
    """
    figures: dict[str, Any] = metrics.evaluate(
        protocol.probabilities, protocol.labels, section.resamples, section.seed
    )
    votes = _votes(protocol.rows)
    if len(votes):
        majority = protocol.name.startswith("majority")
        figures["human_accuracy"] = human_accuracy(votes, len(protocol.classes), majority)
    correct = protocol.predicted == protocol.labels
    twin = protocol.rows["twin"].to_numpy()
    for name, chosen in (("twins", correct[twin]), ("without_twins", correct[~twin])):
        if twin.any() and len(chosen):
            figures[name] = accuracy(chosen, section.resamples, section.seed)
    return figures


def _votes(rows: pd.DataFrame) -> NDArray[np.int64]:
    votes = rows[[f"{name} votes" for name in VOTE_COLUMNS]].dropna()
    return votes.to_numpy(dtype=np.int64)


def _draw(path: Path, protocol: Protocol, ece: float, section: Evaluate) -> None:
    labels, predicted, names = protocol.labels, protocol.predicted, protocol.classes
    matrix = confusion_matrix(labels, predicted, labels=range(len(names)))
    title = path.name.replace(".", ", ").replace("_", " ")
    diagrams.confusion(Path(f"{path}.confusion.png"), matrix, names, False, title)
    diagrams.confusion(Path(f"{path}.confusion_normalised.png"), matrix, names, True, title)
    bins = metrics.calibration(protocol.probabilities, labels)
    diagrams.reliability(Path(f"{path}.reliability.png"), bins, ece, title)
    confusion = {"actual": np.array(names)[labels], "predicted": np.array(names)[predicted]}
    write_csv(Path(f"{path}.confusion.csv"), pd.DataFrame(confusion))
    write_csv(Path(f"{path}.pairs.csv"), breakdowns.by_pair(labels, predicted, names))
    votes = _votes(protocol.rows)
    if len(votes) == len(labels):
        shares = agreement(votes)
        table = breakdowns.by_agreement(
            predicted == labels, shares, section.resamples, section.seed
        )
        write_csv(Path(f"{path}.agreement.csv"), table)


def _draw_errors(path: Path, split: str, rows: pd.DataFrame, names: tuple[str, ...]) -> None:
    """The wrong predictions that the model is most sure of."""
    every = select("most_votes", rows, names)
    confidence = every.probabilities.max(axis=1)
    wrong = np.flatnonzero(every.predicted != every.labels)
    shown = wrong[np.argsort(-confidence[wrong], kind="stable")][:_ERRORS_SHOWN]
    faces = np.load(ARRAYS / f"{split}.npy", mmap_mode="r")[shown, :, :, 0]
    captions = [
        f"{rows['image_id'].iloc[row]}\n{names[every.labels[row]]}\n"
        f"not {names[every.predicted[row]]} {confidence[row]:.2f}"
        for row in shown
    ]
    face_grid(path, faces, captions, f"{split}: most confident errors")


def _print(evaluation: dict[str, Any]) -> None:
    for split, its_protocols in evaluation.items():
        for protocol, figures in its_protocols.items():
            print(
                f"{split}.{protocol}: accuracy {with_interval(figures, 'accuracy')}, "
                f"macro F1 {with_interval(figures, 'macro_f1')}, n {figures['n']}"
            )


if __name__ == "__main__":
    run(main)

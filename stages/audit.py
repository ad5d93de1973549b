"""List the pictures whose votes look wrong: `data/audit/`. It reports, and changes nothing."""

from pathlib import Path

import numpy as np
import pandas as pd
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from numpy.typing import NDArray
from pydantic import Field

from expressions.errors import run
from expressions.evaluation.face_grid import face_grid
from expressions.faces.size import SIDE
from expressions.labels.emotions import classes
from expressions.labels.tables import Labels, class_numbers
from expressions.pipeline.outputs import whole_folder, write_csv
from expressions.pipeline.parameters import Section, read_section

ARRAYS = Path("data/arrays")


class Audit(Section):
    """The `audit` section of the parameters."""

    shown: int = Field(gt=0, le=400, description="pictures on the contact sheet")


def main() -> None:
    """Write the suspicious labels of every split that the model was not trained on."""
    section = read_section(Audit, "audit")
    names = classes(read_section(Labels, "labels").classes)
    predictions = pd.read_csv("data/predictions.csv")
    suspects = find_suspects(predictions, names)
    faces = read_faces(suspects.head(section.shown), predictions)
    captions = [
        f"{row.image_id}\n{row.label} {row.label_quality:.2f}\nor {row.predicted}?"
        for row in suspects.head(section.shown).itertuples()
    ]
    with whole_folder(Path("data/audit")) as folder:
        write_csv(folder / "suspects.csv", suspects)
        face_grid(folder / "suspects.png", faces, captions, "Labels that look wrong")
    print(f"{len(suspects)} of {len(predictions)} labels look wrong")


def find_suspects(predictions: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """The rows whose label the model contradicts more surely than its mistakes explain.

    Confident learning (Northcutt et al. 2021, arXiv:1911.00068): a label is suspicious where the
    probability of another class is above the average that class has on its own pictures.
    `label_quality` is the probability of the given label; the most suspicious rows come first.
    """
    probabilities = predictions[list(names)].to_numpy(dtype=np.float64)
    probabilities = probabilities / probabilities.sum(axis=1, keepdims=True)
    labels = class_numbers(predictions["label"], names)
    # One process: more start faster only beyond some 100,000 rows.
    suspicious = find_label_issues(labels, probabilities, n_jobs=1)
    quality = get_label_quality_scores(labels, probabilities, method="self_confidence")
    table = predictions[["image_id", "split", "label"]].assign(
        predicted=np.array(names)[probabilities.argmax(axis=1)],
        label_quality=quality.round(6),
    )
    return table[suspicious].sort_values(["label_quality", "image_id"])


def read_faces(rows: pd.DataFrame, predictions: pd.DataFrame) -> NDArray[np.float32]:
    """The faces of `rows`, float32 `[n, 48, 48]`; `predictions` has the order of the arrays."""
    place = predictions.groupby("split").cumcount()
    its_place = dict(zip(predictions["image_id"], place, strict=True))
    arrays = {
        split: np.load(ARRAYS / f"{split}.npy", mmap_mode="r") for split in rows["split"].unique()
    }
    faces = [
        arrays[split][its_place[image_id], :, :, 0]
        for image_id, split in zip(rows["image_id"], rows["split"], strict=True)
    ]
    return np.array(faces, dtype=np.float32).reshape(-1, SIDE, SIDE)


if __name__ == "__main__":
    run(main)

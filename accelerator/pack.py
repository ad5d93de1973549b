"""The pictures and votes of training and validation in one small file, to carry to a GPU.

    python -m accelerator.pack faces.npz

Needs `data/raw/` and `data/arrays/` of `dvc repro arrays` with `labels.classes: 8`.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import typer
from numpy.typing import NDArray

from expressions.datasets.fer2013_tables import EMOTION_CODES, find_picture_table, read_column
from expressions.faces.arrays import Arrays
from expressions.labels.emotions import classes
from expressions.labels.tables import class_numbers
from expressions.pipeline.outputs import whole_file
from expressions.pipeline.parameters import read_section

ARRAYS = Path("data/arrays")
RAW = Path("data/raw/fer2013")


def main(packed: Path) -> None:
    """Write `packed`: for both splits, faces, targets, label, majority and FER-2013's own label."""
    parameters = read_section(Arrays, "arrays")
    codes = np.array(read_column(find_picture_table(RAW), "emotion"), dtype=int)
    own = np.array([classes(8).index(name) for name in EMOTION_CODES])[codes]
    values: dict[str, Any] = {}
    for split in ("training", "validation"):
        faces = np.load(ARRAYS / f"{split}.npy", mmap_mode="r")[..., 0]
        grey = (faces - parameters.low) / (parameters.high - parameters.low) * 255
        table = pd.read_csv(ARRAYS / f"{split}.csv")
        rows = table["image_id"].str.removeprefix("fer2013-").astype(int)
        values |= {
            f"{split}_faces": differences(np.rint(grey).astype(np.uint8)),
            f"{split}_targets": table[list(classes(8))].to_numpy(np.float32),
            f"{split}_label": class_numbers(table["label"], classes(8)),
            f"{split}_majority": table["majority"].to_numpy(bool),
            f"{split}_fer2013": own[rows],
        }
    with whole_file(packed) as partial, partial.open("wb") as file:
        np.savez_compressed(file, **values)


def differences(faces: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`[n, 48, 48]`, each row less the one above, modulo 256: a fifth smaller when packed."""
    return np.diff(faces, axis=1, prepend=np.uint8(0))


if __name__ == "__main__":
    typer.run(main)

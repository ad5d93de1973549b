"""The pictures and votes of training and validation in one small file, to carry to a GPU.

    python -m accelerator.pack faces.npz

Needs `data/raw/` and `data/arrays/` of `dvc repro arrays` with `labels.classes: 8`.
"""

from pathlib import Path
from typing import Any

import numpy as np
import typer
from numpy.typing import NDArray

from expressions.datasets.layouts.fer2013_tables import (
    EMOTION_CODES,
    find_picture_table,
    read_columns,
)
from expressions.faces.arrays import Arrays
from expressions.faces.preprocessing import unscale
from expressions.labels.emotions import classes
from expressions.labels.split_arrays import read_split
from expressions.network.examples import read_examples
from expressions.pipeline import paths
from expressions.pipeline.outputs import whole_file
from expressions.pipeline.parameters import read_section

RAW = paths.RAW / "fer2013"


def main(packed: Path) -> None:
    """Write `packed`: for both splits, faces, targets, label, majority and FER-2013's own label."""
    parameters = read_section(Arrays, "arrays")
    codes = np.array(read_columns(find_picture_table(RAW))[1], dtype=int)
    own = np.array([classes(8).index(name) for name in EMOTION_CODES])[codes]
    values: dict[str, Any] = {}
    for split in ("training", "validation"):
        examples, table = read_examples(split, classes(8)), read_split(split).table
        rows = table["image_id"].str.removeprefix("fer2013-").astype(int)
        grey = unscale(examples.faces[..., 0], parameters.low, parameters.high)
        values |= {
            f"{split}_faces": differences(grey),
            f"{split}_targets": examples.targets,
            f"{split}_label": examples.labels,
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

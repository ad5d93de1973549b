"""What earlier runs left of data sets that a run does not have."""

import shutil
from collections.abc import Sequence
from pathlib import Path

STEPS = ("raw", "clean", "images", "faces")
"""The folders of `data/` that hold one entry or more a data set."""


def remove_leftovers(data: Path, datasets: Sequence[str]) -> None:
    """Remove what stands in the folders of `STEPS` for a data set that is not in `datasets`.

    DVC hashes these folders as a whole where data sets come together, and does not remove the
    outputs of a stage that is gone; its cache keeps them.
    """
    for step in STEPS:
        for path in sorted((data / step).glob("*")):
            # `.gitignore` is DVC's.
            if path.name.startswith(".") or path.name.split(".")[0] in datasets:
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

"""The state of a training on disk, so that one that was cut off goes on at its last epoch."""

import hashlib
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from expressions.errors import InputError
from expressions.network.history import Epoch
from expressions.network.pretrained import PretrainedModels
from expressions.pipeline import paths
from expressions.pipeline.code import closure_digest
from expressions.pipeline.outputs import whole_file
from expressions.pipeline.parameters import Section


def checkpoint_path(parameters: Section, labels: Section, pretrained: PretrainedModels) -> Path:
    """Where the state of a run goes; another path for whatever decides other weights.

    That is: the sections `train` and `labels` of the parameters, the arrays of both splits, the
    pretrained models, the code, and the versions of the packages that the code imports.
    """
    digest = hashlib.sha256()
    digest.update(parameters.model_dump_json(exclude={"resume"}).encode())
    digest.update(labels.model_dump_json().encode())
    digest.update(closure_digest("train").encode())
    files = [
        file(split)
        for split in ("training", "validation")
        for file in (paths.array, paths.array_table)
    ]
    start = () if pretrained.start is None else (pretrained.start,)
    for path in (*files, *start, *pretrained.teachers):
        with path.open("rb") as opened:
            digest.update(hashlib.file_digest(opened, "sha256").digest())
    return paths.CHECKPOINTS / f"{digest.hexdigest()[:16]}.npz"


def save_checkpoint(model: Any, history: list[Epoch], path: Path) -> None:
    """Write weights, optimizer, random states and history of a compiled `keras.Model`."""
    values = {f"state_{index:04d}": v.numpy() for index, v in enumerate(_state(model))}
    with whole_file(path) as partial, partial.open("wb") as file:
        np.savez(file, history=np.array(history, dtype=np.float64), **values)


def restore_checkpoint(model: Any, path: Path) -> list[Epoch]:
    """Bring a compiled `keras.Model` to the state at `path`; give the history until there.

    Without a file nothing happens, and the history is empty.

    Raises:
        InputError: the file is damaged.
    """
    if not path.exists():
        return []
    try:
        with np.load(path) as saved:
            for index, variable in enumerate(_state(model)):
                variable.assign(saved[f"state_{index:04d}"])
            return [Epoch(int(row[0]), *map(float, row[1:])) for row in saved["history"]]
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} is damaged ({error}). Remove it to train anew.") from None


def _state(model: Any) -> list[Any]:
    # Dropout's random state is among the model's variables, not among its weights.
    return [*model.variables, *model.optimizer.variables]

"""What a user of an exported model has to know of it: `model.json`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pydantic import BaseModel, NonNegativeFloat

from expressions.errors import InputError
from expressions.faces.size import SIDE
from expressions.labels.prior import Shares, among
from expressions.pipeline import paths
from expressions.pipeline.hashes import sha256
from expressions.pipeline.parameters import read_file


class _Told(BaseModel):
    """The part of a card that tells what a model was trained on."""

    trained_on: str = ""
    source: str = "unknown"
    classes: tuple[str, ...] = ()
    prior: tuple[NonNegativeFloat, ...] | None = None


class Origin(NamedTuple):
    """What a model was trained on."""

    trained_on: str
    """In words, for people."""
    source: str
    """`files` or `demo`, as in `params.yaml`: real pictures, or the embedded ones; `unknown` for a
    model whose folder does not say."""


def origin_of_training(source: str, target: str, counts: Mapping[str, Any]) -> Origin:
    """The origin of a model that was trained on the pictures that `metrics/data.json` counts."""
    kept = {name: its["training"]["kept"] for name, its in counts.items() if "training" in its}
    pictures = ", ".join(f"{count:,} pictures of {dataset}" for dataset, count in kept.items())
    return Origin(f"{pictures} ({source}), target {target}", source)


def origin_of_folder(folder: Path) -> Origin:
    """The origin of the model in a folder of `models/`, as its own card tells it.

    Raises:
        InputError: the card is damaged.
    """
    told = _told_by(folder)
    return Origin(told.trained_on or f"as {folder}", told.source)


def shares_of_folder(folder: Path, names: tuple[str, ...]) -> Shares | None:
    """The shares of the classes `names` with which the model in a folder of `models/` was trained.

    They are those that its own card tells; None if it tells none.

    Raises:
        InputError: the card is damaged, or tells shares of other classes.
    """
    told = _told_by(folder)
    if told.prior is None:
        return None
    if len(told.prior) != len(told.classes) or not set(names) <= set(told.classes):
        raise InputError(
            f"{folder / paths.CARD}: prior is {list(told.prior)} for the classes "
            f"{list(told.classes)}. Expected is a share for each class, {', '.join(names)} among "
            "them."
        )
    return among(np.array(told.prior), told.classes, names)


def describe_export(
    folder: Path,
    network: str,
    classes: tuple[str, ...],
    framing: Mapping[str, Any],
    origin: Origin,
    temperature: float,
    flip: bool,
    prior: Mapping[str, Any],
    metrics: Mapping[str, Any],
) -> dict[str, Any]:
    """The content of `model.json` for the files that stand in `folder`.

    Args:
        folder: holds the exports.
        network: its name in `shapes.NETWORKS`.
        classes: in the order of the probabilities.
        framing: how a face is found and cut out, as the prediction's `Framing` reads it.
        origin: what the network was trained on.
        temperature: what its logits were divided by.
        flip: whether `metrics` are those of a face and its mirror image, averaged.
        prior: as `models/evaluation/prior.json` has it: the shares of the classes in the training,
            and how evenly they may be expected; nothing where the shares are not known.
        metrics: as `metrics/evaluation.json` has them.
    """
    files = sorted(folder.glob("model.*"))
    return {
        "name": network,
        "classes": list(classes),
        "input": {
            "shape": [None, SIDE, SIDE, 1],
            "dtype": "float32",
            "range": [0, 255],
            "grey": True,
        },
        "output": {"shape": [None, len(classes)], "dtype": "float32", "sums_to": 1},
        "framing": dict(framing),
        "trained_on": origin.trained_on,
        "source": origin.source,
        "temperature": temperature,
        "flip": flip,
        **prior,
        "metrics": dict(metrics),
        "bytes": {path.name: path.stat().st_size for path in files},
        "sha256": {path.name: sha256(path) for path in files},
    }


def _told_by(folder: Path) -> _Told:
    path = folder / paths.CARD
    return read_file(_Told, path) if path.exists() else _Told()

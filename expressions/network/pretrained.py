"""Models of earlier trainings that a new one builds on: where it starts, and who teaches it."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from expressions.errors import InputError
from expressions.network import architectures, keras_file
from expressions.network.shapes import NETWORKS
from expressions.pipeline.paths import MODELS


class PretrainedModels(NamedTuple):
    """`.keras` files of earlier trainings."""

    start: Path | None = None
    """Gives its weights. Its norms are folded and stay so: they keep the scales they had. One of
    eight classes may become one of seven."""
    teachers: tuple[Path, ...] = ()
    """The mean of their probabilities is a part of the targets (Hinton et al. 2015,
    arXiv:1503.02531), for the very views that the network gets (Beyer et al. 2022,
    arXiv:2106.05237)."""


def find_pretrained(start_from: str, teacher: str) -> PretrainedModels:
    """The files that `train.start_from` and `train.teacher` name: folders of `models/`, or `none`.

    Raises:
        InputError: the folder to start from has no `model.keras`, or that of the teachers no
            `.keras` file.
    """
    start = None if start_from == "none" else MODELS / start_from / "model.keras"
    if start is not None and not start.exists():
        raise InputError(
            f"{start} is missing. params.yaml: train.start_from names a folder of models/ that "
            "holds a model.keras, or is none."
        )
    if teacher == "none":
        return PretrainedModels(start)
    teachers = tuple(sorted((MODELS / teacher).glob("*.keras")))
    if not teachers:
        raise InputError(
            f"{MODELS / teacher} holds no .keras file. params.yaml: train.teacher names a folder "
            "of models/ that holds one or several, or is none."
        )
    return PretrainedModels(start, teachers)


def take_weights(model: Any, start: Path) -> None:
    """Give `model`, built with its norms folded, the weights of the file `start`.

    Raises:
        InputError: `start` is another network, or for fewer classes.
    """
    name, weights = _read(start, model.output_shape[-1])
    if name != model.name:
        raise InputError(
            f"{start} is a {name}, but params.yaml asks for a {model.name}. Change "
            "train.network, or set train.start_from to none."
        )
    _set(model, weights, start)


class Teachers:
    """Trained networks whose probabilities are a part of what another one learns.

    Args:
        paths: `.keras` files; without any, the votes stay the only targets.
        classes: those of the network that learns: the first of the teachers'.
        weight: the teachers' share of the targets.

    Raises:
        InputError: a file is no network of `shapes`, or for fewer classes.
    """

    def __init__(self, paths: tuple[Path, ...], classes: int, weight: float) -> None:
        self._networks = [_build(path, classes) for path in paths]
        self._weight = weight

    def blend_targets(
        self, faces: NDArray[np.float32], targets: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """`targets`, `[n, classes]`, of faces `[n, 48, 48, 1]` with the teachers' share in them."""
        if not self._networks:
            return targets
        answers = [network.predict_on_batch(faces) for network in self._networks]
        mean = np.mean(answers, axis=0, dtype=np.float32)
        return np.float32(1 - self._weight) * targets + np.float32(self._weight) * mean


def _build(path: Path, classes: int) -> Any:
    """Built anew under the policy of this training: in bfloat16 as fast as what it teaches."""
    name, weights = _read(path, classes)
    if name not in NETWORKS:
        raise InputError(
            f"{path} is a {name}, which expressions/network/shapes.py does not name. Take a model "
            "that this project trained."
        )
    network = architectures.build(name, classes, dropout=0, folded=True)
    _set(network, weights, path)
    return network


def _read(path: Path, classes: int) -> tuple[str, list[NDArray[np.float32]]]:
    """The network's name and its weights, for the first `classes` of its classes."""
    model = keras_file.load(path)
    if model.output_shape[-1] < classes:
        raise InputError(
            f"{path} is for {model.output_shape[-1]} classes, but params.yaml asks for {classes}. "
            "Change labels.classes, or name another model."
        )
    # Contempt is the last of eight. Softmax over the others shares its probability out anew.
    *inner, kernel, bias = model.get_weights()
    return model.name, [*inner, kernel[:, :classes], bias[:classes]]


def _set(model: Any, weights: list[NDArray[np.float32]], path: Path) -> None:
    try:
        model.set_weights(weights)
    except ValueError as error:
        raise InputError(
            f"{path} is a {model.name} of another shape than expressions/network/shapes.py says "
            f"({str(error).splitlines()[0]}). Take one that was trained with this table."
        ) from None

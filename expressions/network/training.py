"""The training loop: resumable to the bit, one pass over the augmented pictures an epoch.

A Keras `fit` over a Python data set reached three quarters of the pictures/s (2 cores,
`thin_residual`, bfloat16): here the next batch is made ready on a thread of its own while
TensorFlow computes the current one.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from expressions.errors import InputError
from expressions.labels.ferplus import Target
from expressions.network import architectures as networks
from expressions.network.augmentation import Augmentation, augment, mix
from expressions.network.folding import fold
from expressions.network.processor import computes_bfloat16
from expressions.network.runtime import keras, tf
from expressions.network.shapes import NETWORKS
from expressions.pipeline.outputs import whole_file
from expressions.pipeline.parameters import Section
from expressions.pipeline.streams import ahead

# FER+'s loss for several targets meets log(0) without it (ferplus.py).
_MULTI_TARGET_EPSILON = 0.001

_BATCHES_AHEAD = 4

Teach = Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]


class Training(Section):
    """The `train` section of the parameters."""

    network: str = Field(description="of expressions.network.shapes.NETWORKS")
    precision: Literal["float32", "bfloat16"]
    epochs: int = Field(ge=0, description="0: the model of start_from as it is")
    batch: int = Field(gt=0)
    optimizer: Literal["adam", "adamw"]
    learning_rate: float = Field(gt=0)
    schedule: Literal["constant", "cosine"]
    warmup_epochs: int = Field(ge=0)
    weight_decay: float = Field(ge=0)
    dropout: float = Field(ge=0, lt=1)
    patience: int = Field(ge=0, description="epochs without a better validation loss; 0: no limit")
    augmentation: Augmentation
    seed: int = Field(ge=0)
    portable: bool
    resume: bool
    start_from: str = Field(description="a folder of models/; none: random weights")
    teacher: str = Field(description="a folder of models/; none: learn from the votes alone")
    teacher_weight: float = Field(ge=0, le=1, description="its share of the targets")

    @field_validator("network")
    @classmethod
    def _stands_in_the_table(cls, name: str) -> str:
        if name not in NETWORKS:
            raise InputError(
                f"params.yaml: train.network: there is no {name!r}, but there are "
                f"{', '.join(NETWORKS)}. Name one of them, or add it to "
                "expressions/network/shapes.py."
            )
        return name


class Examples(NamedTuple):
    """Faces with their targets."""

    faces: NDArray[np.float32]
    """`[n, 48, 48, 1]`, rescaled."""
    targets: NDArray[np.float32]
    """`[n, classes]`: the distribution to learn."""
    labels: NDArray[np.int64]
    """`[n]`: the class that accuracy counts."""


class Earlier(NamedTuple):
    """Models of earlier trainings, as `.keras` files, that this one builds on."""

    start: Path | None = None
    """Gives its weights. Its norms are folded and stay so: they keep the scales they had. One of
    eight classes may become one of seven."""
    teachers: tuple[Path, ...] = ()
    """The mean of their probabilities is a part of the targets (Hinton et al. 2015,
    arXiv:1503.02531), for the very views that the network gets (Beyer et al. 2022,
    arXiv:2106.05237)."""


class Epoch(NamedTuple):
    """One row of the history."""

    epoch: int
    learning_rate: float
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float


def train(
    training: Examples,
    validation: Examples,
    target: Target,
    parameters: Training,
    earlier: Earlier,
    checkpoint: Path,
    on_epoch: Callable[[Epoch], None],
    on_batch: Callable[[int], object],
) -> tuple[Any, list[Epoch]]:
    """Train a network; continue from `checkpoint` if that file stands.

    After every epoch the whole state goes to `checkpoint`, so that a run which was cut off ends
    with the same weights as one that was not. `on_epoch` also gets the epochs of before;
    `on_batch` gets the number of pictures learnt since the last call.

    Returns:
        The trained `keras.Model`, ready for use, and its history.

    Raises:
        InputError: `earlier.start` is another network, or a model is for other classes.
    """
    keras.utils.set_random_seed(parameters.seed)
    half = usable_precision(parameters) == "bfloat16"
    keras.config.set_dtype_policy("mixed_bfloat16" if half else "float32")
    batches = len(training.labels) // parameters.batch
    classes = training.targets.shape[1]
    folded = earlier.start is not None
    model = networks.build(parameters.network, classes, parameters.dropout, folded)
    if earlier.start is not None:
        _take_weights(model, earlier.start)
    teach = _teach(earlier.teachers, classes, parameters.teacher_weight)
    model.compile(_optimizer(parameters, batches), _loss(target), metrics=["accuracy"])
    model.optimizer.build(model.trainable_variables)
    # Else Keras makes the metrics' variables in the first step, and TensorFlow traces it twice.
    none = np.zeros((1, classes), dtype=np.float32)
    model.compute_metrics(None, none, none)

    history = _restore(model, checkpoint)
    for epoch in history:
        on_epoch(epoch)
        on_batch(batches * parameters.batch)
    while len(history) < parameters.epochs and not _stalled(history, parameters.patience):
        epoch = _train_epoch(
            model, training, validation, target, teach, parameters, len(history), on_batch
        )
        history.append(epoch)
        _save(model, history, checkpoint)
        on_epoch(epoch)
    return _for_use(model, parameters, classes), history


def usable_precision(parameters: Training) -> Literal["float32", "bfloat16"]:
    """`parameters.precision`; float32 where the processor has no instructions for bfloat16.

    There TensorFlow computes it without oneDNN: 4 pictures/s in place of 45 (`deep_residual` and a
    teacher of its kind, on two cores of an AMD Zen 3).
    """
    return parameters.precision if computes_bfloat16() else "float32"


def _train_epoch(
    model: Any,
    training: Examples,
    validation: Examples,
    target: Target,
    teach: Teach,
    parameters: Training,
    number: int,
    on_batch: Callable[[int], object],
) -> Epoch:
    loss = correct = 0.0
    batches = 0
    for faces, targets, labels in ahead(
        _batches(training, target, parameters, number), _BATCHES_AHEAD
    ):
        logs = model.train_on_batch(faces, teach(faces, targets), return_dict=True)
        loss += float(logs["loss"])
        correct += float(logs["accuracy"])
        batches += 1
        on_batch(len(labels))
    val_loss, val_accuracy = _validate(model, validation)
    rate = model.optimizer.learning_rate
    return Epoch(number + 1, float(rate), loss / batches, correct / batches, val_loss, val_accuracy)


def _batches(
    examples: Examples, target: Target, parameters: Training, epoch: int
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]]:
    """The batches of one epoch; what is random follows from seed and epoch alone."""
    rng = np.random.default_rng([parameters.seed, epoch])
    order = rng.permutation(len(examples.labels))
    for start in range(0, len(order) - parameters.batch + 1, parameters.batch):
        # In the order of the file, a batch is read from disk in one sweep.
        chosen = np.sort(order[start : start + parameters.batch])
        views = augment(examples.faces[chosen, :, :, 0], parameters.augmentation, rng)
        targets = _epoch_targets(examples.targets[chosen], target, rng)
        views, targets = mix(views, targets, parameters.augmentation.mixup, rng)
        yield views[..., None], targets, examples.labels[chosen]


def _epoch_targets(
    distributions: NDArray[np.float32], target: Target, rng: np.random.Generator
) -> NDArray[np.float32]:
    """What FER+'s mode makes of the distributions in this epoch (`_process_target` there)."""
    if target is Target.PROBABILITY:
        drawn = rng.random((len(distributions), 1)) < distributions.cumsum(axis=1)
        first = drawn.argmax(axis=1)
        return np.eye(distributions.shape[1], dtype=np.float32)[first]
    if target is Target.MULTI_TARGET:
        equal = (distributions > 0).astype(np.float32)
        return equal * np.float32(1 - _MULTI_TARGET_EPSILON) + np.float32(_MULTI_TARGET_EPSILON)
    return distributions


def _validate(model: Any, validation: Examples) -> tuple[float, float]:
    """Cross entropy against the target distributions, and accuracy against the labels."""
    probabilities = model.predict(validation.faces, batch_size=256, verbose=0)
    logs = np.log(np.maximum(probabilities, 1e-7))
    loss = -(validation.targets * logs).sum(axis=1).mean(dtype=np.float64)
    accuracy = (probabilities.argmax(axis=1) == validation.labels).mean()
    return float(loss), float(accuracy)


def _stalled(history: list[Epoch], patience: int) -> bool:
    if not patience or not history:
        return False
    best = min(history, key=lambda epoch: epoch.val_loss)
    return len(history) - best.epoch >= patience


def _optimizer(parameters: Training, batches: int) -> Any:
    rate: Any = parameters.learning_rate
    if parameters.schedule == "cosine":
        warmup = parameters.warmup_epochs * batches
        rate = keras.optimizers.schedules.CosineDecay(
            0.0 if warmup else parameters.learning_rate,
            decay_steps=max(1, parameters.epochs * batches - warmup),
            warmup_target=parameters.learning_rate if warmup else None,
            warmup_steps=warmup,
        )
    if parameters.optimizer == "adamw":
        return keras.optimizers.AdamW(rate, weight_decay=parameters.weight_decay)
    return keras.optimizers.Adam(rate)


def _loss(target: Target) -> Any:
    if target is Target.MULTI_TARGET:
        return _best_of_targets
    return keras.losses.CategoricalCrossentropy()


def _best_of_targets(targets: Any, probabilities: Any) -> Any:
    """FER+'s loss for several targets: whichever of them is most probable (train.py there)."""
    best = tf.reduce_max(targets * probabilities, axis=-1)
    return -tf.math.log(tf.maximum(best, keras.config.epsilon()))


def _take_weights(model: Any, start: Path) -> None:
    name, weights = _earlier(start, model.output_shape[-1])
    if name != model.name:
        raise InputError(
            f"{start} is a {name}, but params.yaml asks for a {model.name}. Change "
            "train.network, or set train.start_from to none."
        )
    model.set_weights(weights)


def _teach(paths: tuple[Path, ...], classes: int, weight: float) -> Teach:
    """What makes the targets of a batch from its faces and the votes."""
    if not paths:
        return lambda _, targets: targets
    teachers = [_teacher(path, classes) for path in paths]

    def teach(faces: NDArray[np.float32], targets: NDArray[np.float32]) -> NDArray[np.float32]:
        taught = np.mean([t.predict_on_batch(faces) for t in teachers], axis=0, dtype=np.float32)
        mixed: NDArray[np.float32] = np.float32(1 - weight) * targets + np.float32(weight) * taught
        return mixed

    return teach


def _teacher(path: Path, classes: int) -> Any:
    """Built anew under the policy of this training: in bfloat16 as fast as what it teaches."""
    name, weights = _earlier(path, classes)
    teacher = networks.build(name, classes, dropout=0, folded=True)
    teacher.set_weights(weights)
    return teacher


def _earlier(path: Path, classes: int) -> tuple[str, list[NDArray[np.float32]]]:
    """The network's name and its weights, for the first `classes` of its classes."""
    model = keras.models.load_model(path, compile=False)
    if model.output_shape[-1] < classes:
        raise InputError(
            f"{path} is for {model.output_shape[-1]} classes, but params.yaml asks for {classes}. "
            "Change labels.classes, or name another model."
        )
    # Contempt is the last of eight. Softmax over the others shares its probability out anew.
    *inner, kernel, bias = model.get_weights()
    return model.name, [*inner, kernel[:, :classes], bias[:classes]]


def _for_use(model: Any, parameters: Training, classes: int) -> Any:
    """The same network in float32, since bfloat16 is slow on most processors, and folded."""
    keras.config.set_dtype_policy("float32")
    keras.backend.clear_session()
    folded = networks.build(parameters.network, classes, parameters.dropout, folded=True)
    fold(model, folded)
    return folded


def _state(model: Any) -> list[Any]:
    # Dropout's random state is among the model's variables, not among its weights.
    return [*model.variables, *model.optimizer.variables]


def _save(model: Any, history: list[Epoch], checkpoint: Path) -> None:
    values = {f"state_{place:04d}": v.numpy() for place, v in enumerate(_state(model))}
    with whole_file(checkpoint) as partial, partial.open("wb") as file:
        np.savez(file, history=np.array(history, dtype=np.float64), **values)


def _restore(model: Any, checkpoint: Path) -> list[Epoch]:
    if not checkpoint.exists():
        return []
    with np.load(checkpoint) as saved:
        for place, variable in enumerate(_state(model)):
            variable.assign(saved[f"state_{place:04d}"])
        return [Epoch(int(row[0]), *map(float, row[1:])) for row in saved["history"]]

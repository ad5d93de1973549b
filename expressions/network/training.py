"""The training loop: resumable to the bit, one pass over the augmented pictures an epoch.

A Keras `fit` over a Python data set reached three quarters of the pictures/s (2 cores,
`thin_residual`, bfloat16): here the next batch is made ready on a thread of its own while
TensorFlow computes the current one.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator

from expressions.errors import InputError
from expressions.labels.ferplus import Target
from expressions.network import architectures
from expressions.network.augmentation.views import Augmentation, Views, augment, mix
from expressions.network.checkpoints import restore_checkpoint, save_checkpoint
from expressions.network.examples import Examples, TrainingData
from expressions.network.folding import average, fold
from expressions.network.history import Epoch, has_stalled
from expressions.network.pretrained import PretrainedModels, Teachers, take_weights
from expressions.network.processor import computes_bfloat16
from expressions.network.runtime import keras, tf
from expressions.network.shapes import NETWORKS
from expressions.pipeline.parameters import Section
from expressions.pipeline.paths import MODEL_NAME
from expressions.pipeline.streams import ahead

# FER+'s loss for several targets meets log(0) without it (ferplus.py).
_MULTI_TARGET_EPSILON = 0.001

_BATCHES_AHEAD = 4


class Training(Section):
    """The `train` section of the parameters."""

    network: str = Field(description="of expressions.network.shapes.NETWORKS")
    precision: Literal["float32", "bfloat16"]
    epochs: int = Field(ge=0, le=100_000, description="0: the model of start_from as it is")
    batch: int = Field(gt=0)
    optimizer: Literal["adam", "adamw"]
    learning_rate: float = Field(gt=0, le=100)
    schedule: Literal["constant", "cosine"]
    warmup_epochs: int = Field(ge=0)
    weight_decay: float = Field(ge=0, le=100)
    dropout: float = Field(ge=0, lt=1)
    patience: int = Field(ge=0, description="epochs without a better validation loss; 0: no limit")
    augmentation: Augmentation
    seed: int = Field(ge=0, lt=2**32)
    portable: bool
    resume: bool
    start_from: str = Field(
        pattern=f"^{MODEL_NAME}$", description="a folder of models/; none: random weights"
    )
    start_weight: float = Field(
        default=0.0, ge=0, lt=1, description="share of start_from in the weights at the end"
    )
    teacher: str = Field(
        pattern=f"^{MODEL_NAME}$", description="a folder of models/; none: learn from votes alone"
    )
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

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.portable and self.precision != "float32":
            raise InputError("params.yaml: train.portable needs train.precision: float32.")
        if self.epochs == 0 and self.start_from == "none":
            raise InputError(
                "params.yaml: train.epochs is 0, but train.start_from names no model to be taken "
                "as it is. Name a folder of models/, or train for an epoch at least."
            )
        if self.start_weight > 0 and (self.epochs == 0 or self.start_from == "none"):
            raise InputError(
                f"params.yaml: train.start_weight is {self.start_weight:g}, but no model is "
                "trained further. Name one as train.start_from and train for an epoch at least, or "
                "make it 0."
            )
        if 0 < self.epochs < self.warmup_epochs:
            raise InputError(
                f"params.yaml: train.warmup_epochs is {self.warmup_epochs}, but train.epochs only "
                f"{self.epochs}: the learning rate would never be reached. Make it smaller."
            )
        return self


class Trainer:
    """One training of a network: its parameters, its data, and the models that it builds on.

    Raises:
        InputError: there are fewer training pictures than a batch takes.
    """

    def __init__(
        self,
        parameters: Training,
        data: TrainingData,
        target: Target,
        pretrained: PretrainedModels = PretrainedModels(),  # noqa: B008 - a constant
    ) -> None:
        self._parameters = parameters
        self._data = data
        self._target = target
        self._pretrained = pretrained
        pictures = len(data.training.labels)
        if pictures < parameters.batch:
            raise InputError(
                f"params.yaml: train.batch is {parameters.batch}, but there are only {pictures} "
                "training pictures. Make it smaller."
            )
        self._batches_of_epoch = pictures // parameters.batch

    @property
    def pictures(self) -> int:
        """How many pictures all epochs learn together."""
        return self._pictures_of_epoch * self._parameters.epochs

    @property
    def _pictures_of_epoch(self) -> int:
        # What is left over in one epoch stands in a batch of another one.
        return self._batches_of_epoch * self._parameters.batch

    def train(
        self,
        checkpoint: Path,
        on_epoch: Callable[[Epoch], None],
        on_batch: Callable[[int], object],
    ) -> tuple[Any, list[Epoch]]:
        """Train the network; continue from `checkpoint` if that file stands.

        After every epoch the whole state goes to `checkpoint`, so that a run which was cut off
        ends with the same weights as one that was not, and a finished one ends at once. `on_epoch`
        also gets the epochs of before; `on_batch` gets the number of pictures learnt since the last
        call.

        Returns:
            The trained `keras.Model`, ready for use, and its history.

        Raises:
            InputError: the model to start from is another network, or a pretrained model is for
                fewer classes.
        """
        model, teachers = self._start()
        history = restore_checkpoint(model, checkpoint)
        for epoch in history:
            on_epoch(epoch)
            on_batch(self._pictures_of_epoch)
        wanted, patience = self._parameters.epochs, self._parameters.patience
        while len(history) < wanted and not has_stalled(history, patience):
            epoch = self._train_epoch(model, teachers, len(history), on_batch)
            history.append(epoch)
            save_checkpoint(model, history, checkpoint)
            on_epoch(epoch)
        return self._for_use(model), history

    def _start(self) -> tuple[Any, Teachers]:
        """The network before its first epoch, compiled, and who teaches it."""
        parameters, start = self._parameters, self._pretrained.start
        keras.utils.set_random_seed(parameters.seed)
        half = usable_precision(parameters) == "bfloat16"
        keras.config.set_dtype_policy("mixed_bfloat16" if half else "float32")
        model = self._build(folded=start is not None)
        if start is not None:
            take_weights(model, start)
        teachers = Teachers(self._pretrained.teachers, self._classes, parameters.teacher_weight)
        optimizer = _optimizer(parameters, self._batches_of_epoch)
        model.compile(optimizer, _loss(self._target), metrics=["accuracy"])
        model.optimizer.build(model.trainable_variables)
        # Else Keras makes the metrics' variables in the first step, and TensorFlow traces it twice.
        none = np.zeros((1, self._classes), dtype=np.float32)
        model.compute_metrics(None, none, none)
        return model, teachers

    @property
    def _classes(self) -> int:
        return int(self._data.training.targets.shape[1])

    def _build(self, folded: bool) -> Any:
        name, dropout = self._parameters.network, self._parameters.dropout
        return architectures.build(name, self._classes, dropout, folded)

    def _train_epoch(
        self, model: Any, teachers: Teachers, epoch: int, on_batch: Callable[[int], object]
    ) -> Epoch:
        loss = correct = 0.0
        for views, targets in ahead(self._batches(epoch), _BATCHES_AHEAD):
            blended = teachers.blend_targets(views.plain[..., None], targets)
            logs = model.train_on_batch(views.faces[..., None], blended, return_dict=True)
            loss += float(logs["loss"])
            correct += float(logs["accuracy"])
            on_batch(len(targets))
        batches = self._batches_of_epoch
        val_loss, val_accuracy = _validate(model, self._data.validation)
        rate = float(model.optimizer.learning_rate)
        return Epoch(epoch + 1, rate, loss / batches, correct / batches, val_loss, val_accuracy)

    def _batches(self, epoch: int) -> Iterator[tuple[Views, NDArray[np.float32]]]:
        """Views and targets of one epoch; what is random follows from seed and epoch alone."""
        parameters, examples = self._parameters, self._data.training
        rng = np.random.default_rng([parameters.seed, epoch])
        order = rng.permutation(len(examples.labels))
        for start in range(0, self._pictures_of_epoch, parameters.batch):
            # In the order of the file, a batch is read from disk in one sweep.
            chosen = np.sort(order[start : start + parameters.batch])
            views = augment(examples.faces[chosen, :, :, 0], parameters.augmentation, rng)
            targets = _epoch_targets(examples.targets[chosen], self._target, rng)
            yield mix(views, targets, parameters.augmentation.mixup, rng)

    def _for_use(self, model: Any) -> Any:
        """The same network in float32, since bfloat16 is slow on most processors, and folded."""
        keras.config.set_dtype_policy("float32")
        keras.backend.clear_session()
        folded = self._build(folded=True)
        fold(model, folded)
        if self._pretrained.start is not None and self._parameters.start_weight > 0:
            started = self._build(folded=True)
            take_weights(started, self._pretrained.start)
            average(folded, started, self._parameters.start_weight)
        return folded


def usable_precision(parameters: Training) -> Literal["float32", "bfloat16"]:
    """`parameters.precision`; float32 where the processor has no instructions for bfloat16.

    There TensorFlow computes it without oneDNN: 4 pictures/s in place of 45 (`deep_residual` and a
    teacher of its kind, on two cores of an AMD Zen 3).
    """
    return parameters.precision if computes_bfloat16() else "float32"


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

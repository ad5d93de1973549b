"""Train the networks of a job list on one GPU, some beside each other.

    python -m accelerator.train faces.npz accelerator/jobs.json trained

Needs JAX, NumPy and, of `expressions`, the table of the networks and the size of a face. Start it
several times to share the list: each run takes the next job that no other has taken, and waits for
the teachers it names. Every finished job is a file `<name>.npz` in the output folder and a line of
figures on validation.
"""

import argparse
import json
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from numpy.typing import NDArray

from accelerator.network import EMOTIONS, OUTPUTS, Tree, apply, initial, probabilities
from accelerator.views import Views, augment
from expressions.network.shapes import SHAPES

# Steps that the GPU makes without being asked again.
_STEPS = 100
_PREDICTED = 1024
_FIRST_MOMENT, _SECOND_MOMENT, _EPSILON = 0.9, 0.999, 1e-7


class Job(NamedTuple):
    """One training; what `train` in `params.yaml` has too is called as there."""

    name: str
    network: str
    """Of `expressions.network.shapes.SHAPES`."""
    seed: int = 1
    epochs: int = 66
    batch: int = 256
    learning_rate: float = 0.003
    warmup_epochs: int = 2
    weight_decay: float = 0.05
    dropout: float = 0.2
    mixup: float = 0.4
    teachers: tuple[str, ...] = ()
    """Names of earlier jobs; the mean of their probabilities for the very same views."""
    teacher_weight: float = 0.7
    own_label_weight: float = 0
    """Of the loss on FER-2013's own label, which a second head learns."""


class TrainingState(NamedTuple):
    """Where a training stands."""

    weights: Tree
    statistics: Tree
    first: Tree
    """Adam's running mean of the gradients (Kingma & Ba 2015, arXiv:1412.6980)."""
    second: Tree
    """Of their squares."""
    step: Any


class Draws(NamedTuple):
    """What is random in some steps, each `[steps, batch]` but the numbers, `[steps]`."""

    chosen: NDArray[np.int32]
    partner: NDArray[np.int32]
    share: NDArray[np.float32]
    number: NDArray[np.int32]


def main() -> None:
    """Take jobs until none is left."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("faces", type=Path, help="made by accelerator.pack")
    parser.add_argument("jobs", type=Path)
    parser.add_argument("trained", type=Path, help="the folder for what comes out")
    options = parser.parse_args()
    jobs = [Job(**entry) for entry in json.loads(options.jobs.read_text(encoding="utf-8"))]
    data = load(options.faces)
    grey = jnp.asarray(data["training_faces"])
    options.trained.mkdir(exist_ok=True)
    for job in jobs:
        if not _take(options.trained / f"{job.name}.taken"):
            continue
        teachers = [_teacher(options.trained, name, jobs) for name in job.teachers]
        start = time.monotonic()
        weights, statistics = train(job, data, grey, teachers)
        found = predict(job.network, weights, statistics, data["validation_faces"])
        right = found.argmax(axis=1) == data["validation_label"]
        accuracy = right[data["validation_majority"]].mean()
        print(f"{job.name}: {accuracy:.4f} of validation's majority, 8 classes,", end=" ")
        print(f"{time.monotonic() - start:.0f} s", flush=True)
        unfinished = options.trained / f"{job.name}.unfinished.npz"
        np.savez(unfinished, **weights, **statistics)
        unfinished.rename(options.trained / f"{job.name}.npz")


def load(packed: Path) -> dict[str, NDArray[Any]]:
    """The arrays of `accelerator.pack`, the faces as grey values."""
    with np.load(packed) as file:
        data = {name: file[name] for name in file.files}
    for split in ("training", "validation"):
        data[f"{split}_faces"] = np.cumsum(data[f"{split}_faces"], axis=1, dtype=np.uint8)
    return data


def train(
    job: Job, data: dict[str, NDArray[Any]], grey: Any, teachers: list[tuple[str, Tree, Tree]]
) -> tuple[Tree, Tree]:
    """The weights and statistics of the job's network; `teachers` are network, weights, same."""
    own = np.eye(OUTPUTS - EMOTIONS, dtype=np.float32)[data["training_fer2013"]]
    targets = jnp.asarray(np.concatenate([data["training_targets"], own], axis=1))
    weights, statistics = initial(SHAPES[job.network], job.seed)
    zeros = {name: jnp.zeros_like(value) for name, value in weights.items()}
    again = {name: jnp.zeros_like(value) for name, value in weights.items()}
    state = TrainingState(weights, statistics, zeros, again, jnp.float32(0))
    an_epoch = len(grey) // job.batch
    steps = -(-job.epochs * an_epoch // _STEPS) * _STEPS
    learn = partial(
        _learn, job, tuple(t[0] for t in teachers), (steps, max(1, job.warmup_epochs * an_epoch))
    )
    compiled = jax.jit(learn, donate_argnums=0)
    learnt = [t[1:] for t in teachers]
    for draws in _draws(job, len(grey), steps):
        state = compiled(state, draws, grey, targets, learnt)
    return state.weights, state.statistics


def predict(
    network: str, weights: Tree, statistics: Tree, grey: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """Probabilities `[n, 8]`, the mean over each face and its mirror image."""
    say = jax.jit(partial(probabilities, SHAPES[network]))

    def both(faces: NDArray[np.float32]) -> NDArray[np.float32]:
        said = say(weights, statistics, faces) + say(weights, statistics, faces[:, :, ::-1])
        return np.asarray(said / 2)

    blocks = np.split(grey, range(_PREDICTED, len(grey), _PREDICTED))
    return np.concatenate([both(block.astype(np.float32) / 127.5 - 1) for block in blocks])


def _learn(
    job: Job,
    networks: tuple[str, ...],
    schedule: tuple[int, int],
    state: TrainingState,
    draws: Draws,
    grey: Any,
    targets: Any,
    teachers: list[tuple[Tree, Tree]],
) -> TrainingState:
    """Some steps of AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101), all on the GPU."""

    def loss(weights: Tree, statistics: Tree, faces: Any, wanted: Any, key: Any) -> Any:
        dropout = (key, job.dropout)
        logits, moved = apply(SHAPES[job.network], weights, statistics, faces, dropout)
        emotions = _cross_entropy(logits[:, :EMOTIONS], wanted[:, :EMOTIONS])
        own = _cross_entropy(logits[:, EMOTIONS:], wanted[:, EMOTIONS:])
        return emotions + job.own_label_weight * own, moved

    def step(state: TrainingState, draw: Draws) -> tuple[TrainingState, None]:
        key = jax.random.fold_in(jax.random.PRNGKey(job.seed), draw.number)
        view_key, dropout_key = jax.random.split(key)
        faces = augment(grey[draw.chosen], view_key, Views())
        wanted = targets[draw.chosen]
        faces = _mixed(faces, draw, draw.share[:, None, None])
        wanted = _mixed(wanted, draw, draw.share[:, None])
        if teachers:
            said = [
                probabilities(SHAPES[network], *teacher, faces)
                for network, teacher in zip(networks, teachers, strict=True)
            ]
            emotions = (1 - job.teacher_weight) * wanted[:, :EMOTIONS]
            emotions += job.teacher_weight * sum(said) / len(said)
            wanted = jnp.concatenate([emotions, wanted[:, EMOTIONS:]], axis=1)
        gradients, statistics = jax.grad(loss, has_aux=True)(
            state.weights, state.statistics, faces, wanted, dropout_key
        )
        return _adamw(job, schedule, state._replace(statistics=statistics), gradients), None

    return lax.scan(step, state, draws)[0]


def _adamw(
    job: Job, schedule: tuple[int, int], state: TrainingState, gradients: Tree
) -> TrainingState:
    steps, warmup = schedule
    number = state.step + 1
    share = jnp.clip((number - warmup) / (steps - warmup), 0, 1)
    cosine = (1 + jnp.cos(jnp.pi * share)) / 2
    rate = job.learning_rate * jnp.where(number < warmup, number / warmup, cosine)
    bias = jnp.sqrt(1 - _SECOND_MOMENT**number) / (1 - _FIRST_MOMENT**number)
    weights, first, second = {}, {}, {}
    for name, gradient in gradients.items():
        first[name] = _FIRST_MOMENT * state.first[name] + (1 - _FIRST_MOMENT) * gradient
        second[name] = _SECOND_MOMENT * state.second[name] + (1 - _SECOND_MOMENT) * gradient**2
        change = rate * bias * first[name] / (jnp.sqrt(second[name]) + _EPSILON)
        weights[name] = state.weights[name] * (1 - rate * job.weight_decay) - change
    return TrainingState(weights, state.statistics, first, second, number)


def _draws(job: Job, count: int, steps: int) -> Iterator[Draws]:
    rng = np.random.default_rng([job.seed, 5])
    an_epoch = count // job.batch * job.batch
    shape = (_STEPS, job.batch)
    order = np.zeros(0, dtype=int)
    for start in range(0, steps, _STEPS):
        while len(order) < _STEPS * job.batch:
            order = np.concatenate([order, rng.permutation(count)[:an_epoch]])
        chosen, order = order[: _STEPS * job.batch].reshape(shape), order[_STEPS * job.batch :]
        partner = np.argsort(rng.random(shape), axis=1)
        share = rng.beta(job.mixup, job.mixup, shape) if job.mixup else np.ones(shape)
        number = np.arange(start, start + _STEPS, dtype=np.int32)
        yield Draws(
            chosen.astype(np.int32), partner.astype(np.int32), share.astype(np.float32), number
        )


def _mixed(values: Any, draw: Draws, share: Any) -> Any:
    return share * values + (1 - share) * values[draw.partner]


def _cross_entropy(logits: Any, wanted: Any) -> Any:
    return -(wanted * jax.nn.log_softmax(logits)).sum(axis=-1).mean()


def _take(mark: Path) -> bool:
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _teacher(trained: Path, name: str, jobs: list[Job]) -> tuple[str, Tree, Tree]:
    path = trained / f"{name}.npz"
    while not path.exists():
        time.sleep(1)
    network = next(job.network for job in jobs if job.name == name)
    with np.load(path) as file:
        values = {key: jnp.asarray(file[key]) for key in file.files}
    statistics = {k: v for k, v in values.items() if k.endswith((".mean", ".variance"))}
    weights = {k: v for k, v in values.items() if k not in statistics}
    return network, weights, statistics


if __name__ == "__main__":
    main()

"""Time to the validation accuracy at which the project's first recipe ended.

That was the network `original` with Adam at 1e-3, batches of 32, no views but the pictures
themselves, and 37 epochs until it stopped early, at about 0.70. Its time is that of one epoch on an
eighth of the pictures, measured here, times eight and 37. Ours is the time in which the parameters
of `params.yaml` get there with a schedule of four epochs, compiling included.

Prints one line: the ratio, and what is behind it.
"""

import contextlib
import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from checks.clones import with_arrays
from expressions.labels.emotions import classes
from expressions.labels.ferplus import Target
from expressions.network.augmentation.views import Augmentation
from expressions.network.examples import Examples, TrainingData, read_training_data
from expressions.network.history import Epoch
from expressions.network.training import Trainer, Training
from expressions.pipeline.parameters import read_section

GOAL = 0.70
ORIGINAL_EPOCHS = 37
SHARE = 8
OURS = {"epochs": 4, "warmup_epochs": 1}
ORIGINAL = {
    "network": "original",
    "precision": "float32",
    "epochs": 2,
    "batch": 32,
    "optimizer": "adam",
    "learning_rate": 0.001,
    "schedule": "constant",
    "warmup_epochs": 0,
    "dropout": 0.2,
    "augmentation": Augmentation(mirror=0, rotation=0, shift=0, scale=0, erase=0, mixup=0),
}


def main() -> None:
    """Measure both in one process."""
    source = Path(os.environ["FER_DATA"]).resolve()
    with TemporaryDirectory() as name:
        folder = with_arrays(Path(name) / "clone", source)
        with contextlib.chdir(folder):
            data = read_training_data(classes(7))
            parameters = read_section(Training, "train")
        ended, history = timed(data, parameters.model_copy(update=OURS), folder)
        eighth = TrainingData(*(Examples(*(c[::SHARE] for c in split)) for split in data))
        steps, _ = timed(eighth, parameters.model_copy(update=ORIGINAL), folder)
    # The first epoch compiles.
    theirs = (steps[2] - steps[1]) * SHARE * ORIGINAL_EPOCHS
    reached = next((epoch for epoch in history if epoch.val_accuracy >= GOAL), None)
    if reached is None:
        raise SystemExit(f"{GOAL} was not reached: {history}")
    ours = ended[reached.epoch] - ended[0]
    print(
        f"training: ratio {theirs / ours:.1f} to a validation accuracy of {GOAL} (original "
        f"{theirs / 60:.0f} min for {ORIGINAL_EPOCHS} epochs; {parameters.network} {ours / 60:.1f} "
        f"min, {reached.val_accuracy:.3f} after {reached.epoch} epochs and "
        f"{history[-1].val_accuracy:.3f} after {(ended[-1] - ended[0]) / 60:.1f} min)"
    )


def timed(
    data: TrainingData, parameters: Training, folder: Path
) -> tuple[list[float], list[Epoch]]:
    """The time at the start and after each epoch, in seconds, and the history."""
    times = [time.perf_counter()]
    trainer = Trainer(parameters, data, Target.CROSSENTROPY)
    checkpoint = folder / f"{parameters.network}.npz"
    _, history = trainer.train(
        checkpoint, lambda _: times.append(time.perf_counter()), lambda _: None
    )
    return times, history


if __name__ == "__main__":
    main()

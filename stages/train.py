"""Train the network on the training split: `models/model.keras` and `models/history/`."""

from functools import cache
from pathlib import Path

from expressions.labels.emotions import classes
from expressions.labels.tables import Labels
from expressions.network import keras_file, processor
from expressions.network.checkpoints import checkpoint_path
from expressions.network.examples import read_training_data
from expressions.network.history import Epoch, live_log, write_history
from expressions.network.layer_diagram import draw
from expressions.network.pretrained import find_pretrained
from expressions.network.runtime import use_avx2_alone
from expressions.network.training import Trainer, Training, usable_precision
from expressions.pipeline.parameters import read_section
from expressions.pipeline.paths import HISTORY, MODEL
from expressions.pipeline.progress import bar
from expressions.pipeline.stage import run


def main() -> None:
    """Train, or go on where a run with the same data, parameters and code was cut off."""
    parameters, labels = read_section(Training, "train"), read_section(Labels, "labels")
    if parameters.portable:
        use_avx2_alone()
    if usable_precision(parameters) != parameters.precision:
        print(
            "params.yaml: train.precision is bfloat16, but this processor has no instructions for "
            "it. Training in float32 in its place."
        )
    data = read_training_data(classes(labels.classes))
    pretrained = find_pretrained(parameters.start_from, parameters.teacher)
    trainer = Trainer(parameters, data, labels.mode, pretrained)
    checkpoint = own_checkpoint()
    if not parameters.resume:
        checkpoint.unlink(missing_ok=True)
    progress = bar(None, "train", "pictures", trainer.pictures)
    with progress, live_log(HISTORY / "dvclive") as log:

        def show(epoch: Epoch) -> None:
            progress.set_postfix_str(f"epoch {epoch.epoch}, validation {epoch.val_accuracy:.3f}")
            log(epoch)

        model, history = trainer.train(checkpoint, show, progress.update)
    keras_file.save(model, MODEL)
    write_history(history, HISTORY)
    draw(model, HISTORY / "architecture.png")
    processor.record()


@cache
def own_checkpoint() -> Path:
    """Where the state of this run stands, until the stage as a whole has ended well."""
    parameters, labels = read_section(Training, "train"), read_section(Labels, "labels")
    pretrained = find_pretrained(parameters.start_from, parameters.teacher)
    return checkpoint_path(parameters, labels, pretrained)


def forget_checkpoint() -> None:
    """Remove the state of this run, once it is certain that nothing has to be done again."""
    own_checkpoint().unlink(missing_ok=True)


if __name__ == "__main__":
    run(main, at_end=forget_checkpoint)

r"""A network trained by `accelerator.train`, as a folder that `train.start_from` takes.

    python -m accelerator.convert trained/deep2.npz deep_residual models/distilled files \
        "27,279 pictures of fer2013 (files), target crossentropy, on a GPU"

With `train.epochs: 0` the pipeline takes the network as it is.
"""

from pathlib import Path
from typing import Any

import numpy as np
import typer
from numpy.typing import NDArray

from expressions.labels.emotions import classes
from expressions.network import architectures as networks
from expressions.network import keras_file
from expressions.network.exports.card import Origin
from expressions.network.folding import fold
from expressions.pipeline import paths
from expressions.pipeline.outputs import write_json

EMOTIONS = len(classes(8))


def convert(weights: Path, network: str) -> Any:
    """The `keras.Model` named `network` with the weights of that file, its norms folded.

    Raises:
        KeyError: the file holds another network.
    """
    with np.load(weights) as file:
        values = {name: file[name] for name in file.files}
    trained = networks.build(network, EMOTIONS, dropout=0)
    for layer in trained.layers:
        if layer.weights:
            layer.set_weights(_of(layer.name, values))
    folded = networks.build(network, EMOTIONS, dropout=0, folded=True)
    fold(trained, folded)
    return folded


def _of(layer: str, values: dict[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    if layer == "emotions":
        # What stands behind the emotions is for FER-2013's own labels, which only teachers learn.
        return [values["emotions.kernel"][:, :EMOTIONS], values["emotions.bias"][:EMOTIONS]]
    if layer.endswith("_norm"):
        name = layer.removesuffix("_norm")
        return [values[f"{name}.{part}"] for part in ("gamma", "beta", "mean", "variance")]
    # A convolution in front of a norm has no bias.
    parts = [f"{layer}.{part}" for part in ("kernel", "bias")]
    return [values[part] for part in parts if part in values]


def main(weights: Path, network: str, folder: Path, source: str, trained_on: str) -> None:
    """Write `folder/model.keras` from `weights`, and what the model's cards will say of it.

    `source` is that of `params.yaml` when the faces were packed.
    """
    folder.mkdir(exist_ok=True)
    keras_file.save(convert(weights, network), folder / "model.keras")
    write_json(folder / paths.CARD, Origin(trained_on, source)._asdict())


if __name__ == "__main__":
    typer.run(main)

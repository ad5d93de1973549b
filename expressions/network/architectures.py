"""The networks by name: from rescaled faces float32 `[n, 48, 48, 1]` to class probabilities."""

from collections.abc import Callable
from functools import partial
from typing import Any

from expressions.faces.size import SIDE
from expressions.network.fused_norm import FusedBatchNormalization
from expressions.network.runtime import keras

layers = keras.layers

# The blocks' running means follow within a small demo epoch, too.
_NORM_MOMENTUM = 0.95


def build(name: str, classes: int, dropout: float, folded: bool = False) -> Any:
    """A network of `NETWORKS`, untrained, under Keras' current precision policy.

    With `folded`, convolutions have a bias in place of the batch norm behind them
    (`expressions.network.folding` gives them their weights).

    Returns:
        A `keras.Model`; its output is float32 `[n, classes]`, rows sum to 1.
    """
    faces = keras.Input((SIDE, SIDE, 1), name="faces")
    features = NETWORKS[name](faces, dropout, folded)
    # Softmax in bfloat16 would leave three digits of a probability.
    probabilities = layers.Dense(classes, activation="softmax", dtype="float32", name="emotions")(
        features
    )
    return keras.Model(faces, probabilities, name=name)


def original(faces: Any, dropout: float, folded: bool) -> Any:  # noqa: ARG001
    """The CNN this project began with: three pairs of convolutions and two wide dense layers.

    6.3 M parameters, 145 pictures/s in training on 2 cores, about 0.70 validation accuracy with the
    original recipe. `dropout` is that of the dense layers (0.2 there). Its norms stand behind the
    activations, where they cannot be folded.
    """
    penalty = keras.regularizers.L2(1e-3)
    x = faces
    for pair, width in enumerate((64, 128, 128)):
        for place in range(2):
            size = 5 if pair == place == 0 else 3
            name = f"pair{pair + 1}_convolution{place + 1}"
            x = layers.Conv2D(
                width,
                size,
                padding="same",
                activation="relu",
                kernel_regularizer=penalty,
                name=name,
            )(x)
            x = layers.BatchNormalization(name=f"{name}_norm")(x)
        x = layers.MaxPooling2D(2)(x)
        x = layers.Dropout(0.1)(x)
    x = layers.Flatten()(x)
    for place in range(2):
        x = layers.Dense(
            1024, activation="relu", kernel_regularizer=penalty, name=f"dense{place + 1}"
        )(x)
        x = layers.Dropout(dropout)(x)
    return x


def thin_residual(faces: Any, dropout: float, folded: bool) -> Any:
    """Four basic blocks (He et al. 2016, arXiv:1512.03385) behind a 5×5 stem of stride 2.

    0.7 M parameters, about 1,100 pictures/s in training on 2 cores with AMX: the blocks work
    at 12×12 and 6×6, where that processor's convolutions are fastest. The first layer gives each
    picture mean 0 and variance 1, so brightness and contrast do not matter.
    """
    blocks = ((64, 2), (64, 1), (128, 2), (128, 1))
    return _residual(faces, dropout, folded, partial(_strided_stem, width=32), blocks)


def small_residual(faces: Any, dropout: float, folded: bool) -> Any:
    """`deep_residual` in narrow, with a block less: below 0.5 MiB as an int8 export.

    0.46 M parameters in place of 1.2 M; learns best from a wider network (`train.teacher`).
    """
    blocks = ((32, 1), (64, 2), (64, 1), (96, 2), (96, 1))
    stem = partial(_pooled_stem, widths=(16, 24))
    return _residual(faces, dropout, folded, stem, blocks, pooled=True)


def wide_residual(faces: Any, dropout: float, folded: bool) -> Any:
    """`thin_residual` half as wide again, with a block more at 24×24, where small wrinkles show.

    1.2 M parameters, about 550 pictures/s in training on 2 cores with AMX.
    """
    blocks = ((48, 1), (96, 2), (96, 1), (160, 2), (160, 1))
    return _residual(faces, dropout, folded, partial(_strided_stem, width=48), blocks)


def deep_residual(faces: Any, dropout: float, folded: bool) -> Any:
    """Six narrower blocks that look at every pixel before they halve the picture, by maxima.

    1.2 M parameters, twice the work of `wide_residual`; a GPU trains it in minutes
    (`accelerator/README.md`).
    """
    blocks = ((64, 1), (64, 1), (96, 2), (96, 1), (144, 2), (144, 1))
    stem = partial(_pooled_stem, widths=(32, 64))
    return _residual(faces, dropout, folded, stem, blocks, pooled=True)


def _residual(
    faces: Any,
    dropout: float,
    folded: bool,
    stem: Callable[..., Any],
    blocks: tuple[tuple[int, int], ...],
    pooled: bool = False,
) -> Any:
    """A stem that halves the picture, then a basic block for each width and stride, their mean.

    With `pooled`, maximum pooling in front of a block does what its stride would do.
    """
    convolve = partial(_convolve, folded=folded)
    x = layers.LayerNormalization(
        axis=(1, 2, 3), center=False, scale=False, epsilon=1e-4, dtype="float32"
    )(faces)
    x = stem(x, convolve)
    for number, (width, stride) in enumerate(blocks, start=1):
        if pooled and stride > 1:
            x = layers.MaxPooling2D(stride)(x)
        x = _basic_block(x, width, f"block{number}", 1 if pooled else stride, convolve)
    x = layers.GlobalAveragePooling2D()(x)
    return layers.Dropout(dropout)(x)


def _strided_stem(x: Any, convolve: Callable[..., Any], width: int) -> Any:
    return layers.ReLU()(convolve(x, width, "stem", size=5, stride=2))


def _pooled_stem(x: Any, convolve: Callable[..., Any], widths: tuple[int, ...]) -> Any:
    for number, width in enumerate(widths, start=1):
        x = layers.ReLU()(convolve(x, width, f"stem{number}"))
    return layers.MaxPooling2D()(x)


def _convolve(
    x: Any, width: int, name: str, size: int = 3, stride: int = 1, *, folded: bool
) -> Any:
    x = layers.Conv2D(
        width,
        size,
        strides=stride,
        padding="same",
        use_bias=folded,
        kernel_initializer="he_normal",
        name=name,
    )(x)
    if folded:
        return x
    return FusedBatchNormalization(momentum=_NORM_MOMENTUM, name=f"{name}_norm")(x)


def _basic_block(x: Any, width: int, name: str, stride: int, convolve: Callable[..., Any]) -> Any:
    residual = layers.ReLU()(convolve(x, width, f"{name}_first", stride=stride))
    residual = convolve(residual, width, f"{name}_second")
    if stride > 1:
        # Average first, so that no pixel is ignored by the 1×1 convolution (ResNet-D).
        x = layers.AveragePooling2D(stride)(x)
    if x.shape[-1] != width:
        x = convolve(x, width, f"{name}_shortcut", size=1)
    return layers.ReLU()(layers.Add()([x, residual]))


NETWORKS: dict[str, Callable[[Any, float, bool], Any]] = {
    "original": original,
    "thin_residual": thin_residual,
    "small_residual": small_residual,
    "wide_residual": wide_residual,
    "deep_residual": deep_residual,
}

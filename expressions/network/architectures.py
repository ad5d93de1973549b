"""The networks by name: from rescaled faces float32 `[n, 48, 48, 1]` to class probabilities."""

from collections.abc import Callable
from functools import partial
from typing import Any

from expressions.faces.size import SIDE
from expressions.network.fused_norm import FusedBatchNormalization
from expressions.network.runtime import keras
from expressions.network.shapes import ORIGINAL, SHAPES, Shape

layers = keras.layers

# The blocks' running means follow within a small demo epoch, too.
_NORM_MOMENTUM = 0.95


def build(name: str, classes: int, dropout: float, folded: bool = False) -> Any:
    """A network of `shapes.NETWORKS`, untrained, under Keras' current precision policy.

    With `folded`, convolutions have a bias in place of the batch norm behind them
    (`expressions.network.folding` gives them their weights).

    Returns:
        A `keras.Model`; its output is float32 `[n, classes]`, rows sum to 1.
    """
    faces = keras.Input((SIDE, SIDE, 1), name="faces")
    if name == ORIGINAL:
        features = original(faces, dropout)
    else:
        features = residual(faces, SHAPES[name], dropout, folded)
    # Softmax in bfloat16 would leave three digits of a probability.
    probabilities = layers.Dense(classes, activation="softmax", dtype="float32", name="emotions")(
        features
    )
    return keras.Model(faces, probabilities, name=name)


def original(faces: Any, dropout: float) -> Any:
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


def residual(faces: Any, shape: Shape, dropout: float, folded: bool) -> Any:
    """The network that `shape` describes.

    Its first layer gives each picture mean 0 and variance 1, so that brightness and contrast do not
    matter. `dropout` is that of the features in front of the classes.
    """
    convolve = partial(_convolve, folded=folded)
    x = layers.LayerNormalization(
        axis=(1, 2, 3), center=False, scale=False, epsilon=1e-4, dtype="float32"
    )(faces)
    x = _stem(x, shape, convolve)
    for number, (width, stride) in enumerate(shape.blocks, start=1):
        if shape.pooled and stride > 1:
            x = layers.MaxPooling2D(stride)(x)
        x = _basic_block(x, shape, number, width, 1 if shape.pooled else stride, convolve)
    x = layers.GlobalAveragePooling2D()(x)
    return layers.Dropout(dropout)(x)


def _stem(x: Any, shape: Shape, convolve: Callable[..., Any]) -> Any:
    if not shape.pooled:
        return layers.ReLU()(convolve(x, shape.stem[0], "stem", size=5, stride=2))
    for number, width in enumerate(shape.stem, start=1):
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


def _basic_block(
    x: Any, shape: Shape, number: int, width: int, stride: int, convolve: Callable[..., Any]
) -> Any:
    name = f"block{number}"
    residual = layers.ReLU()(convolve(x, width, f"{name}_first", stride=stride))
    residual = convolve(residual, width, f"{name}_second")
    if shape.squeeze:
        residual = _excite(residual, width, shape.squeezed_width(width), name)
    if shape.skipped:
        # Dropout of whole pictures is stochastic depth, scaling included.
        rate = shape.skipped * number / len(shape.blocks)
        residual = layers.Dropout(rate, noise_shape=(None, 1, 1, 1))(residual)
    if stride > 1:
        # Average first, so that no pixel is ignored by the 1×1 convolution (ResNet-D).
        x = layers.AveragePooling2D(stride)(x)
    if x.shape[-1] != width:
        x = convolve(x, width, f"{name}_shortcut", size=1)
    return layers.ReLU()(layers.Add()([x, residual]))


def _excite(x: Any, width: int, narrow: int, name: str) -> Any:
    """Scale each feature by what all of them, averaged over the picture, say of it."""
    mean = layers.GlobalAveragePooling2D(keepdims=True)(x)
    squeezed = layers.Dense(
        narrow, activation="relu", kernel_initializer="he_normal", name=f"{name}_squeeze"
    )(mean)
    share = layers.Dense(
        width, activation="sigmoid", bias_initializer="ones", name=f"{name}_excite"
    )(squeezed)
    return layers.Multiply()([x, share])

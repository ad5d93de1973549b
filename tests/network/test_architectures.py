"""The networks by name: size, shape, distributions, and their norms."""

import numpy as np
import pytest
from helpers import faces

from expressions.errors import InputError
from expressions.network import architectures as networks
from expressions.network.fused_norm import FusedBatchNormalization
from expressions.network.runtime import keras, tf
from expressions.network.shapes import NETWORKS, SHAPES, Shape
from expressions.network.training import Training


def test_the_original_network_has_the_size_of_its_description():
    model = networks.build("original", 7, dropout=0.2)
    assert model.count_params() == pytest.approx(6.3e6, rel=0.01)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("classes", [7, 8])
def test_networks_give_distributions(name, classes):
    model = networks.build(name, classes, dropout=0.2)
    probabilities = model.predict(faces(3)[..., None], verbose=0)
    assert probabilities.shape == (3, classes)
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("name", SHAPES)
def test_a_residual_network_has_the_layers_of_its_shape(name):
    shape = SHAPES[name]
    model = networks.build(name, 8, dropout=0.2, folded=True)
    kinds = [type(layer).__name__ for layer in model.layers]
    widths = [*shape.stem, *(width for width, _ in shape.blocks)]
    shortcuts = [
        (before, width)
        for before, width in zip(
            widths[len(shape.stem) - 1 :], widths[len(shape.stem) :], strict=False
        )
        if before != width
    ]
    assert kinds.count("Conv2D") == len(shape.stem) + 2 * len(shape.blocks) + len(shortcuts)
    assert kinds.count("Multiply") == (len(shape.blocks) if shape.squeeze else 0)
    assert kinds.count("Dropout") == 1 + (len(shape.blocks) if shape.skipped else 0)
    last = 48 // 2 ** (1 + sum(stride > 1 for _, stride in shape.blocks))
    assert model.get_layer(f"block{len(shape.blocks)}_second").output.shape[1:] == (
        last,
        last,
        shape.blocks[-1][0],
    )


def test_squeeze_leaves_an_eighth_of_the_features_and_eight_at_least():
    model = networks.build("big_squeeze", 8, dropout=0)
    found = [model.get_layer(f"block{number}_squeeze").units for number in range(1, 7)]
    assert found == [8, 8, 16, 16, 32, 32]
    assert Shape((1,), ((24, 1),), squeeze=True).squeezed_width(24) == 8


def test_stochastic_depth_leaves_out_whole_blocks_in_training_alone():
    shape = SHAPES["big_squeeze"]
    model = networks.build("big_squeeze", 8, dropout=0)
    drops = [layer for layer in model.layers if type(layer).__name__ == "Dropout"]
    assert [layer.rate for layer in drops[:-1]] == pytest.approx(
        [shape.skipped * number / 6 for number in range(1, 7)]
    )
    features = np.ones((400, 3, 3, 2), np.float32)
    dropped = drops[-2](features, training=True).numpy()
    sums = dropped.sum(axis=(1, 2, 3))
    assert set(np.unique(sums.round(3))) == {0, 20}
    assert (sums == 0).mean() == pytest.approx(0.1, abs=0.05)
    assert np.array_equal(drops[-2](features, training=False).numpy(), features)


@pytest.mark.parametrize("name", ["thin", "thin_residual ", "", "Original"])
def test_a_network_that_is_not_in_the_table_is_named(name):
    with pytest.raises(InputError, match=rf"train\.network: there is no '{name}', but there are"):
        Training.model_validate({"network": name})


def test_the_default_network_does_not_see_brightness_and_contrast():
    model = networks.build("thin_residual", 7, dropout=0)
    plain = faces(3)[..., None]
    dim = plain * 0.4 + 0.2
    assert model.predict(dim, verbose=0) == pytest.approx(model.predict(plain, verbose=0), abs=1e-3)


def test_the_fused_norm_is_the_batch_norm_of_keras():
    rng = np.random.default_rng(0)
    features = rng.normal(2, 3, (4, 6, 6, 5)).astype(np.float32)
    upstream = rng.normal(size=features.shape).astype(np.float32)
    plain = keras.layers.BatchNormalization(momentum=0.9)
    fused = FusedBatchNormalization(momentum=0.9)
    (outputs, gradients), (expected, expected_gradients) = (
        _forwards_and_back(norm, features, upstream) for norm in (fused, plain)
    )
    assert outputs == pytest.approx(expected, abs=1e-5)
    for gradient, wanted in zip(gradients, expected_gradients, strict=True):
        assert gradient == pytest.approx(wanted, abs=1e-4)
    assert fused.moving_mean.numpy() == pytest.approx(plain.moving_mean.numpy(), abs=1e-6)
    # 1 at the start; of the batch's n pictures and places, n - 1 are free.
    gained, expected_gain = (norm.moving_variance.numpy() - 0.9 for norm in (fused, plain))
    assert gained == pytest.approx(expected_gain * 144 / 143, rel=1e-4)
    fused.moving_variance.assign(plain.moving_variance)
    assert fused(features).numpy() == pytest.approx(plain(features).numpy(), abs=1e-6)


def test_a_frozen_fused_norm_learns_nothing():
    features = np.random.default_rng(0).normal(2, 3, (4, 6, 6, 5)).astype(np.float32)
    norm = FusedBatchNormalization()
    norm.build(features.shape)
    norm.trainable = False
    assert norm(features, training=True).numpy() == pytest.approx(norm(features).numpy())
    assert norm.moving_mean.numpy() == pytest.approx(0)


def test_the_fused_norm_leaves_out_what_a_mask_hides():
    features = np.random.default_rng(0).normal(2, 3, (4, 6, 6, 5)).astype(np.float32)
    mask = np.broadcast_to(np.arange(4)[:, None, None] < 2, (4, 6, 6))
    plain, fused = keras.layers.BatchNormalization(), FusedBatchNormalization()
    expected = plain(features, training=True, mask=mask).numpy()
    assert fused(features, training=True, mask=mask).numpy() == pytest.approx(expected)
    assert expected != pytest.approx(fused(features, training=True).numpy(), abs=1e-3)


def _forwards_and_back(norm, features, upstream):
    """What the norm makes of the features in training; gradients by them, scale and shift."""
    inputs = tf.constant(features)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = norm(inputs, training=True)
    sources = [inputs, norm.gamma.value, norm.beta.value]
    gradients = tape.gradient(outputs, sources, output_gradients=tf.constant(upstream))
    return outputs.numpy(), [gradient.numpy() for gradient in gradients]

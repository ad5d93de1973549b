"""The training loop: repeatable, resumable, able to learn."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from expressions.errors import InputError
from expressions.labels.ferplus import Target
from expressions.network import architectures as networks
from expressions.network import keras_file, processor
from expressions.network.augmentation.views import Augmentation
from expressions.network.examples import Examples, TrainingData
from expressions.network.folding import half_precision
from expressions.network.history import Epoch
from expressions.network.pretrained import PretrainedModels
from expressions.network.runtime import keras
from expressions.network.training import Trainer, Training, _epoch_targets, usable_precision

STILL = Augmentation(mirror=0, rotation=0, shift=0, scale=0, erase=0, mixup=0)
USUAL = Augmentation(mirror=0.5, rotation=12, shift=0.08, scale=0.1, erase=0.25, mixup=0.2)


def examples(count: int, seed: int) -> Examples:
    """Faces whose class is where a bright bar lies, with unsure targets."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 7, count)
    pictures = rng.uniform(-1, 0, (count, 48, 48, 1)).astype(np.float32)
    for picture, label in zip(pictures, labels, strict=True):
        picture[6 * label + 3 : 6 * label + 8] = 1
    targets = np.full((count, 7), 0.05, np.float32)
    targets[np.arange(count), labels] = 0.7
    return Examples(pictures, targets, labels)


def settings(**changes) -> Training:
    usual = {
        "network": "thin_residual",
        "precision": "bfloat16",
        "epochs": 4,
        "batch": 32,
        "optimizer": "adamw",
        "learning_rate": 0.002,
        "schedule": "cosine",
        "warmup_epochs": 1,
        "weight_decay": 0.02,
        "dropout": 0.3,
        "patience": 0,
        "augmentation": USUAL,
        "seed": 1,
        "portable": False,
        "resume": True,
        "start_from": "none",
        "teacher": "none",
        "teacher_weight": 0.5,
    }
    return Training(**usual | changes)


class CutOffError(Exception):
    """Stands for the power cut."""


def run(
    folder: Path,
    parameters: Training,
    cut_after: int | None = None,
    pretrained: PretrainedModels = PretrainedModels(),  # noqa: B008
):
    def note(epoch: Epoch) -> None:
        if epoch.epoch == cut_after:
            raise CutOffError

    data = TrainingData(examples(320, 0), examples(96, 1))
    trainer = Trainer(parameters, data, Target.PROBABILITY, pretrained)
    return trainer.train(folder / "checkpoint.npz", note, lambda pictures: None)


@pytest.fixture(scope="module")
def learnt(tmp_path_factory) -> tuple[Path, list[Epoch]]:
    """A model that learnt what is easy, as a `.keras` file, and its history."""
    folder = tmp_path_factory.mktemp("learnt")
    model, history = run(folder, settings(epochs=12, augmentation=STILL))
    keras_file.save(model, folder / "model.keras")
    return folder / "model.keras", history


def test_a_run_cut_off_twice_ends_with_the_bytes_of_an_undisturbed_one(tmp_path):
    whole, history = run(tmp_path / "whole", settings())
    for epoch in (1, 3):
        with pytest.raises(CutOffError):
            run(tmp_path / "cut", settings(), cut_after=epoch)
    resumed, its_history = run(tmp_path / "cut", settings())
    keras_file.save(whole, tmp_path / "whole.keras")
    keras_file.save(resumed, tmp_path / "resumed.keras")
    assert history == its_history
    assert (tmp_path / "whole.keras").read_bytes() == (tmp_path / "resumed.keras").read_bytes()


@pytest.mark.parametrize(
    ("flags", "asked", "expected"),
    [
        ("avx2 avx512f avx512_bf16", "bfloat16", "bfloat16"),
        ("avx2 amx_bf16 amx_tile", "bfloat16", "bfloat16"),
        ("avx2 avx512f avx512_vnni", "bfloat16", "float32"),
        ("avx2 fma", "bfloat16", "float32"),
        ("avx2 avx512f avx512_bf16", "float32", "float32"),
    ],
)
def test_bfloat16_is_used_where_the_processor_has_it(flags, asked, expected, tmp_path, monkeypatch):
    kind = processor.describe(f"vendor_id : any\nflags : fpu {flags}\n")
    monkeypatch.setattr(processor, "_here", lambda: kind)
    build, policies = networks.build, []

    def noting_the_policy(*arguments, **named):
        policies.append(keras.config.dtype_policy())
        return build(*arguments, **named)

    parameters = settings(precision=asked, epochs=0, start_from="any")
    monkeypatch.setattr(networks, "build", noting_the_policy)
    run(tmp_path, parameters)
    assert usable_precision(parameters) == expected
    assert policies[0].compute_dtype == expected


def test_onednn_computes_on_every_processor():
    # Only behind expressions.network.runtime, which has to set up TensorFlow first.
    build = import_module("tensorflow.python.util._pywrap_util_port")
    assert build.IsMklEnabled()


def test_another_seed_gives_another_model(tmp_path):
    first, _ = run(tmp_path / "first", settings(epochs=1))
    second, _ = run(tmp_path / "second", settings(epochs=1, seed=2))
    assert not np.array_equal(first.get_weights()[0], second.get_weights()[0])


def test_the_network_learns_what_is_easy(learnt):
    _, history = learnt
    assert history[-1].val_accuracy > 0.9
    assert history[-1].val_loss < history[0].val_loss


def test_refining_starts_with_what_the_earlier_model_knew(learnt, tmp_path):
    earlier, history = learnt
    gentle = settings(epochs=1, learning_rate=1e-5, schedule="constant", augmentation=STILL)
    _, refined = run(tmp_path, gentle, pretrained=PretrainedModels(start=earlier))
    assert refined[0].val_loss == pytest.approx(history[-1].val_loss, abs=0.02)


def test_a_part_of_the_weights_at_the_end_is_that_of_the_start(learnt, tmp_path):
    earlier, _ = learnt
    start = PretrainedModels(start=earlier)

    def refined(share: float) -> list[np.ndarray]:
        folder = tmp_path / str(share)
        folder.mkdir()
        parameters = settings(epochs=1, start_from="any", start_weight=share)
        return run(folder, parameters, pretrained=start)[0].get_weights()

    before, after, means = keras_file.load(earlier).get_weights(), refined(0), refined(0.75)
    for old, new, mean in zip(before, after, means, strict=True):
        np.testing.assert_allclose(mean, 0.75 * old + 0.25 * new, atol=1e-3)
    assert max(np.abs(new - mean).max() for new, mean in zip(after, means, strict=True)) > 0.004


@pytest.mark.parametrize(
    ("network", "classes", "message"),
    [
        ("wide_residual", 7, "is a wide_residual, but params.yaml asks for a thin_residual"),
        ("thin_residual", 6, "is for 6 classes, but params.yaml asks for 7"),
    ],
)
def test_refining_another_network_is_an_error(tmp_path, network, classes, message):
    keras_file.save(networks.build(network, classes, 0, folded=True), tmp_path / "model.keras")
    with pytest.raises(InputError, match=message):
        run(
            tmp_path,
            settings(epochs=1),
            pretrained=PretrainedModels(start=tmp_path / "model.keras"),
        )


def test_an_eight_class_model_taken_as_it_is_without_contempt_is_a_seven_class_one(tmp_path):
    keras.config.set_dtype_policy("float32")
    eight = networks.build("thin_residual", 8, 0, folded=True)
    eight.set_weights([half_precision(weights) for weights in eight.get_weights()])
    keras_file.save(eight, tmp_path / "model.keras")
    start = PretrainedModels(start=tmp_path / "model.keras")
    seven, history = run(tmp_path, settings(epochs=0, start_from="any"), pretrained=start)
    assert history == []
    unseen = examples(96, 2).faces
    shares = eight.predict(unseen, verbose=0)[:, :7]
    expected = shares / shares.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(seven.predict(unseen, verbose=0), expected, atol=1e-6)


def test_a_network_learns_from_a_teacher_what_the_votes_do_not_say(learnt, tmp_path):
    teacher, _ = learnt
    lessons = settings(epochs=12, augmentation=STILL, teacher_weight=1.0)
    blind = examples(320, 0)
    blind.targets[:] = 1 / 7
    data = TrainingData(blind, examples(96, 1))
    trainer = Trainer(lessons, data, Target.CROSSENTROPY, PretrainedModels(teachers=(teacher,)))
    model, _ = trainer.train(tmp_path / "checkpoint.npz", lambda epoch: None, lambda pictures: None)
    unseen = examples(96, 2)
    found = model.predict(unseen.faces, verbose=0).argmax(axis=1)
    assert (found == unseen.labels).mean() > 0.9


def test_a_finished_run_whose_state_stands_ends_at_once_with_the_same_bytes(tmp_path, monkeypatch):
    first, history = run(tmp_path, settings(epochs=2))
    monkeypatch.setattr(Trainer, "_train_epoch", None)
    again, its_history = run(tmp_path, settings(epochs=2))
    keras_file.save(first, tmp_path / "first.keras")
    keras_file.save(again, tmp_path / "again.keras")
    assert history == its_history
    assert (tmp_path / "first.keras").read_bytes() == (tmp_path / "again.keras").read_bytes()


def test_progress_counts_the_pictures_that_are_learnt(tmp_path):
    counted = []
    data = TrainingData(examples(100, 0), examples(32, 1))
    trainer = Trainer(settings(epochs=2), data, Target.CROSSENTROPY)
    trainer.train(tmp_path / "checkpoint.npz", lambda epoch: None, counted.append)
    assert counted == 6 * [32]
    assert sum(counted) == trainer.pictures


def test_fewer_pictures_than_a_batch_are_an_error():
    data = TrainingData(examples(31, 0), examples(32, 1))
    with pytest.raises(InputError, match=r"train\.batch is 32, but there are only 31"):
        Trainer(settings(), data, Target.CROSSENTROPY)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"portable": True}, r"train\.portable needs train\.precision: float32"),
        ({"epochs": 0}, r"train\.epochs is 0, but train\.start_from names no model"),
        ({"epochs": 2, "warmup_epochs": 3}, r"train\.warmup_epochs is 3, but train\.epochs only 2"),
    ],
)
def test_parameters_that_do_not_fit_together_are_an_error(changes, message):
    with pytest.raises(InputError, match=message):
        settings(**changes)


def test_patience_ends_a_run_that_no_longer_improves(tmp_path):
    hopeless = settings(epochs=8, learning_rate=1e-12, schedule="constant", patience=2)
    _, history = run(tmp_path, hopeless)
    best = min(history, key=lambda epoch: epoch.val_loss).epoch
    assert len(history) == best + 2 < 8


def test_probability_draws_and_multi_target_evens_out():
    rng = np.random.default_rng(0)
    rows = np.tile(np.array([[0.25, 0.75, 0]], np.float32), (4000, 1))
    drawn = _epoch_targets(rows, Target.PROBABILITY, rng)
    assert drawn.sum(axis=1).tolist() == [1] * 4000
    assert drawn.mean(axis=0) == pytest.approx([0.25, 0.75, 0], abs=0.03)
    even = _epoch_targets(rows[:1], Target.MULTI_TARGET, rng)
    assert even[0] == pytest.approx([1, 1, 0.001], abs=1e-6)
    assert np.array_equal(_epoch_targets(rows, Target.CROSSENTROPY, rng), rows)

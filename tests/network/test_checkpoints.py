"""Where the state of a training stands, and what makes it another training's."""

from pathlib import Path

import numpy as np
import pytest

from expressions.errors import InputError
from expressions.labels.tables import Labels
from expressions.network import checkpoints
from expressions.network.checkpoints import checkpoint_path, restore_checkpoint, save_checkpoint
from expressions.network.history import Epoch
from expressions.network.pretrained import PretrainedModels
from expressions.network.runtime import keras
from expressions.pipeline.parameters import Section


class Settings(Section):
    """Stands for the section `train`."""

    epochs: int = 3
    resume: bool = True


LABELS = Labels(classes=7, target="majority")


@pytest.fixture(autouse=True)
def arrays(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("training.npy", "training.csv", "validation.npy", "validation.csv"):
        path = Path("data/arrays") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    for name in ("start.keras", "teacher.keras"):
        Path(name).write_text(name, encoding="utf-8")


def path_now(settings=None, labels=LABELS, pretrained=None):
    return checkpoint_path(settings or Settings(), labels, pretrained or PretrainedModels())


def test_the_path_stays_while_nothing_changes_and_whether_to_resume_does_not_count():
    assert path_now() == path_now()
    assert path_now() == path_now(Settings(resume=False))
    assert path_now().parent == Path("models/checkpoints")


@pytest.mark.parametrize(
    "name", ["training.npy", "training.csv", "validation.npy", "validation.csv"]
)
def test_other_examples_are_another_run(name):
    before = path_now()
    (Path("data/arrays") / name).write_text("other", encoding="utf-8")
    assert path_now() != before


def test_other_parameters_labels_models_or_code_are_another_run(monkeypatch):
    start, teacher = Path("start.keras"), Path("teacher.keras")
    paths = [
        path_now(),
        path_now(Settings(epochs=4)),
        path_now(labels=Labels(classes=8, target="majority")),
        path_now(labels=Labels(classes=7, target="probability")),
        path_now(pretrained=PretrainedModels(start=start)),
        path_now(pretrained=PretrainedModels(teachers=(teacher,))),
        path_now(pretrained=PretrainedModels(start, (teacher,))),
    ]
    start.write_text("other", encoding="utf-8")
    paths.append(path_now(pretrained=PretrainedModels(start=start)))
    monkeypatch.setattr(checkpoints, "closure_digest", lambda stage: f"{stage}, edited")
    paths.append(path_now())
    assert len(set(paths)) == len(paths)


def compiled():
    keras.config.set_dtype_policy("float32")
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dropout(0.5), keras.layers.Dense(2)])
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def test_the_whole_state_comes_back(tmp_path):
    rng = np.random.default_rng(0)
    inputs, targets = rng.normal(size=(8, 4)), rng.normal(size=(8, 2))
    first, history = compiled(), [Epoch(1, 0.1, 0.2, 0.3, 0.4, 0.5)]
    first.train_on_batch(inputs, targets)
    save_checkpoint(first, history, tmp_path / "state.npz")
    second = compiled()
    assert restore_checkpoint(second, tmp_path / "state.npz") == history
    for model in (first, second):
        model.train_on_batch(inputs, targets)
    for found, expected in zip(second.get_weights(), first.get_weights(), strict=True):
        assert np.array_equal(found, expected)


def test_without_a_file_a_training_starts_anew(tmp_path):
    assert restore_checkpoint(compiled(), tmp_path / "state.npz") == []


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_a_damaged_state_is_an_error(tmp_path, content):
    path = tmp_path / "state.npz"
    save_checkpoint(compiled(), [], path)
    path.write_bytes(path.read_bytes()[:300] if content is None else content)
    with pytest.raises(InputError, match=r"state\.npz is damaged"):
        restore_checkpoint(compiled(), path)

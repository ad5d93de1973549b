"""The arrays of a split as a training reads them."""

from pathlib import Path

import numpy as np
import pytest

from expressions.errors import InputError
from expressions.network.examples import read_training_data

NAMES = ("neutral", "happiness")


@pytest.fixture
def arrays(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = Path("data/arrays")
    folder.mkdir(parents=True)
    for place, split in enumerate(("training", "validation")):
        np.save(folder / f"{split}.npy", np.full((2, 48, 48, 1), place, np.float32))
        rows = ["image_id,label,majority,neutral,happiness"]
        rows += [f"a-0,{NAMES[place]},True,0.75,0.25", "a-1,neutral,False,0.5,0.5"]
        (folder / f"{split}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


@pytest.mark.usefixtures("arrays")
def test_both_splits_are_read_with_targets_and_classes():
    data = read_training_data(NAMES)
    assert data.training.targets.tolist() == [[0.75, 0.25], [0.5, 0.5]]
    assert data.training.targets.dtype == np.float32
    assert data.training.labels.tolist() == [0, 0]
    assert data.validation.labels.tolist() == [1, 0]
    assert data.validation.faces[0, 0, 0, 0] == 1
    assert isinstance(data.training.faces, np.memmap)


def test_a_table_for_other_classes_is_an_error(arrays):
    with pytest.raises(InputError, match=r"has no column 'contempt', but params\.yaml asks for"):
        read_training_data((*NAMES, "contempt"))
    path = arrays / "training.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("a-1,neutral", "a-1,fear"), "utf-8")
    with pytest.raises(InputError, match=r"has the label 'fear', but params\.yaml asks for"):
        read_training_data(NAMES)

"""What goes to a GPU and what comes back from it."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from accelerator.convert import convert
from accelerator.pack import differences, main
from expressions.faces.preprocessing import rescale
from expressions.labels.emotions import classes
from expressions.network import architectures as networks
from expressions.network.folding import fold


def test_differences_of_rows_add_up_to_the_faces_again():
    faces = np.random.default_rng(1).integers(0, 256, (5, 48, 48), dtype=np.uint8)
    assert np.array_equal(np.cumsum(differences(faces), axis=1, dtype=np.uint8), faces)


def test_a_packed_split_has_the_faces_the_votes_and_the_own_labels(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = ",".join(classes(8))
    grey = np.random.default_rng(1).integers(0, 256, (3, 48, 48), dtype=np.uint8)
    raw, arrays = Path("data/raw/fer2013"), Path("data/arrays")
    for folder in (raw, arrays):
        folder.mkdir(parents=True)
    rows = [f"{code},{' '.join(2304 * ['0'])},Training" for code in (6, 3, 0)]
    (raw / "fer2013.csv").write_text("\n".join(["emotion,pixels,Usage", *rows]), encoding="utf-8")
    for split, places in (("training", [2, 0]), ("validation", [1])):
        np.save(arrays / f"{split}.npy", rescale(grey[places], -1.0, 1.0)[..., None])
        lines = [f"fer2013-0000{place},fear,{place == 2},0,0,0,0,0,0,1,0" for place in places]
        table = "\n".join([f"image_id,label,majority,{names}", *lines])
        (arrays / f"{split}.csv").write_text(table, encoding="utf-8")
    parameters = {"arrays": {"low": -1.0, "high": 1.0, "drop_twins": True}}
    Path("params.yaml").write_text(yaml.safe_dump(parameters), encoding="utf-8")

    main(tmp_path / "faces.npz")

    with np.load(tmp_path / "faces.npz") as packed:
        faces = np.cumsum(packed["training_faces"], axis=1, dtype=np.uint8)
        assert np.array_equal(faces, grey[[2, 0]])
        assert packed["training_majority"].tolist() == [True, False]
        assert packed["training_label"].tolist() == 2 * [classes(8).index("fear")]
        assert packed["training_targets"].tolist() == 2 * [[0, 0, 0, 0, 0, 0, 1, 0]]
        assert packed["training_fer2013"].tolist() == [
            classes(8).index(name) for name in ("anger", "neutral")
        ]
        assert packed["validation_fer2013"].tolist() == [classes(8).index("happiness")]


@pytest.mark.parametrize("network", ["deep_residual", "big_squeeze"])
def test_a_converted_network_answers_as_the_one_whose_weights_it_has(network, tmp_path):
    trained = networks.build(network, 8, dropout=0)
    rng = np.random.default_rng(2)
    weights = {}
    for layer in trained.layers:
        values = [rng.uniform(0.1, 0.4, value.shape) for value in layer.get_weights()]
        layer.set_weights(values)
        name, parts = layer.name.removesuffix("_norm"), ["kernel"]
        if name == "emotions":
            parts = ["kernel", "bias"]
            # Seven more outputs, for FER-2013's own labels.
            values = [np.concatenate([v, np.ones((*v.shape[:-1], 7))], axis=-1) for v in values]
        elif name.endswith(("_squeeze", "_excite")):
            parts = ["kernel", "bias"]
        elif name != layer.name:
            parts = ["gamma", "beta", "mean", "variance"]
        weights |= {f"{name}.{p}": v for p, v in zip(parts, values, strict=False)}
    np.savez(tmp_path / "trained.npz", **weights)
    folded = networks.build(network, 8, dropout=0, folded=True)
    fold(trained, folded)

    converted = convert(tmp_path / "trained.npz", network)

    for found, expected in zip(converted.get_weights(), folded.get_weights(), strict=True):
        assert np.array_equal(found, expected)

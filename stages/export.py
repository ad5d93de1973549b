"""Export the model to ONNX and TFLite, proven to give the same answers: `models/export/`."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from expressions.errors import InputError
from expressions.faces.framing import Crop
from expressions.faces.preprocessing import unscale
from expressions.labels.emotions import classes
from expressions.labels.tables import Labels, class_numbers
from expressions.network import exporting
from expressions.network.calibration import calibrate
from expressions.network.runtime import keras
from expressions.pipeline.outputs import read_json, whole_folder, write_json
from expressions.pipeline.parameters import Section, read_section, read_value
from expressions.pipeline.stage import run

ARRAYS = Path("data/arrays")

# From so many validation faces int8 learns the ranges of the activations.
_INT8_EXAMPLES = 256


class Export(Section):
    """The `export` section of the parameters."""

    framed_as: str
    """The data set whose `crop` parameters say how a user's photographs are to be cut out."""
    int8: bool
    """Also write `model.int8.tflite`, a third of the size and, with AVX-512 VNNI, three times as
    fast."""
    same_class: float = Field(ge=0, le=1, description="least share of test pictures, float exports")
    difference: float = Field(ge=0, description="largest one of a probability, float exports")
    int8_loss: float = Field(ge=0, description="most accuracy that int8 may lose on the test split")


def main() -> None:
    """Write the exports and `model.json`, after holding their answers against the model's."""
    section = read_section(Export, "export")
    low, high = read_value("arrays.low"), read_value("arrays.high")
    names = classes(read_section(Labels, "labels").classes)
    model = keras.models.load_model("models/model.keras", compile=False)
    calibrate(model, read_json(Path("models/evaluation/calibration.json"))["temperature"])
    served = exporting.with_preprocessing(model, low, high)
    faces, labels = grey_faces("test", low, high), labels_of_test(names)
    probabilities = served.predict(faces, batch_size=256, verbose=0)
    with whole_folder(Path("models/export")) as folder:
        exporting.to_onnx(served, folder / "model.onnx")
        exporting.to_tflite(served, folder / "model.tflite")
        for file in ("model.onnx", "model.tflite"):
            check_float(exporting.answers(folder / file, faces), probabilities, section, file)
        if section.int8:
            examples = grey_faces("validation", low, high)[:_INT8_EXAMPLES]
            exporting.to_int8_tflite(served, folder / "model.int8.tflite", examples)
            answers = exporting.answers(folder / "model.int8.tflite", faces)
            check_int8(answers, probabilities, labels, section)
        write_json(folder / "model.json", describe(names, section, folder))


def grey_faces(split: str, low: float, high: float) -> NDArray[np.float32]:
    """The faces of a split of `data/arrays/` as grey values 0 to 255, `[n, 48, 48, 1]`."""
    return unscale(np.load(ARRAYS / f"{split}.npy"), low, high).astype(np.float32)


def labels_of_test(names: tuple[str, ...]) -> NDArray[np.int64]:
    """The classes of the test split, `[n]`."""
    return class_numbers(pd.read_csv(ARRAYS / "test.csv")["label"], names)


def check_float(
    answers: NDArray[np.float32], expected: NDArray[np.float32], section: Export, file: str
) -> None:
    """Prove that an export answers as the model does.

    Raises:
        InputError: fewer pictures than allowed get the same class, or a probability is too far off.
    """
    same = float((answers.argmax(axis=1) == expected.argmax(axis=1)).mean())
    difference = float(np.abs(answers - expected).max())
    print(f"{file}: same class on {same:.2%}, largest difference {difference:.1e}")
    if same < section.same_class or difference > section.difference:
        raise InputError(
            f"models/export/{file} gives other answers than the model: same class on {same:.4%} of "
            f"the test split (at least {section.same_class:.2%} expected), largest difference of a "
            f"probability {difference:.1e} (at most {section.difference:.0e} expected). "
            "Look at what the converter did with a layer that was new in "
            "expressions/network/architectures.py."
        )


def check_int8(
    answers: NDArray[np.float32],
    expected: NDArray[np.float32],
    labels: NDArray[np.int64],
    section: Export,
) -> None:
    """Prove that the int8 export is hardly less accurate than the model.

    Raises:
        InputError: it gets more test pictures wrong than allowed.
    """
    right, before = (int((a.argmax(axis=1) == labels).sum()) for a in (answers, expected))
    loss = (before - right) / len(labels)
    print(
        f"model.int8.tflite: accuracy {right / len(labels):.4f}, model {before / len(labels):.4f}"
    )
    if loss > section.int8_loss:
        raise InputError(
            f"models/export/model.int8.tflite loses {loss:.2%} of accuracy on the test split (at "
            f"most {section.int8_loss:.2%} allowed by export.int8_loss). Set export.int8 to false, "
            "or train longer."
        )


def describe(names: tuple[str, ...], section: Export, folder: Path) -> dict[str, Any]:
    """What a user of the exports has to know; `model.json`."""
    return {
        "name": read_value("train.network"),
        "classes": list(names),
        "input": {"shape": [None, 48, 48, 1], "dtype": "float32", "range": [0, 255], "grey": True},
        "output": {"shape": [None, len(names)], "dtype": "float32", "sums_to": 1},
        "framing": _framing(section.framed_as),
        "trained_on": _trained_on(),
        "temperature": read_json(Path("models/evaluation/calibration.json"))["temperature"],
        "flip": read_value("evaluate.flip"),
        "metrics": read_json(Path("metrics/evaluation.json")),
        "bytes": {path.name: path.stat().st_size for path in sorted(folder.glob("model.*"))},
    }


def _trained_on() -> str:
    start, epochs = read_value("train.start_from"), read_value("train.epochs")
    if epochs == 0:
        earlier = Path("models") / start / "model.json"
        return str(read_json(earlier)["trained_on"]) if earlier.exists() else f"as models/{start}"
    counts = read_json(Path("metrics/data.json"))
    trained = {
        dataset: its["training"]["kept"] for dataset, its in counts.items() if "training" in its
    }
    pictures = ", ".join(f"{count:,} pictures of {dataset}" for dataset, count in trained.items())
    return f"{pictures} ({read_value('source')}), target {read_value('labels.target')}"


def _framing(dataset: str) -> dict[str, Any]:
    """How a face is found and cut out: the `crop` parameters but what only a pipeline needs."""
    crop = read_section(Crop, f"crop.{dataset}").model_dump(exclude={"detect", "no_face"})
    return dict(sorted(crop.items()))


if __name__ == "__main__":
    run(main)

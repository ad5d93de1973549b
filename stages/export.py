"""Export the model to ONNX and TFLite, proven to give the same answers: `models/export/`."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from expressions.faces.framing import Crop
from expressions.faces.preprocessing import unscale
from expressions.labels.emotions import classes
from expressions.labels.split_arrays import read_faces
from expressions.labels.tables import Labels
from expressions.network.examples import read_examples
from expressions.network.exports.card import (
    describe_export,
    origin_of_folder,
    origin_of_training,
)
from expressions.network.exports.conversion import read_served, write_float_exports
from expressions.network.exports.int8 import EXAMPLES, write_int8_export
from expressions.network.exports.int8_onnx import to_int8_onnx
from expressions.network.exports.proofs import Export, check_exports
from expressions.network.keras_file import check_classes
from expressions.pipeline import paths
from expressions.pipeline.inputs import read_json
from expressions.pipeline.outputs import whole_folder, write_json
from expressions.pipeline.parameters import Section, read_file, read_section, read_value
from expressions.pipeline.stage import run


class Calibration(Section):
    """What `evaluate` wrote to `calibration.json`."""

    temperature: float = Field(gt=0)


def main() -> None:
    """Write the exports and `model.json`, after holding their answers against the model's."""
    section = read_section(Export, "export")
    labels = read_section(Labels, "labels")
    low, high = read_value("arrays.low"), read_value("arrays.high")
    names = classes(labels.classes)

    def grey(faces: NDArray[np.float32]) -> NDArray[np.float32]:
        return unscale(faces, low, high).astype(np.float32)

    temperature = read_file(Calibration, paths.CALIBRATION).temperature
    model = read_served(paths.MODEL, temperature, low, high)
    check_classes(model, paths.MODEL, len(names))
    test = read_examples("test", names)
    crop = read_section(Crop, f"crop.{section.framed_as}")
    epochs, start_from = read_value("train.epochs"), read_value("train.start_from")
    if epochs == 0:
        origin = origin_of_folder(paths.MODELS / start_from)
    else:
        counts = read_json(paths.DATA_METRICS)
        origin = origin_of_training(read_value("source"), labels.target, counts)
    metrics, prior = read_json(paths.EVALUATION_METRICS), read_json(paths.PRIOR)
    with whole_folder(paths.EXPORT) as folder:
        write_float_exports(model, folder)
        if section.int8:
            examples = grey(read_faces("validation")[:EXAMPLES])
            to_int8_onnx(folder / paths.ONNX, folder / paths.INT8_ONNX, examples)
            write_int8_export(model, folder, examples)
        check_exports(model, folder, grey(test.faces), test.labels, section)
        card = describe_export(
            folder,
            network=read_value("train.network"),
            classes=names,
            framing=dict(sorted(crop.model_dump(exclude={"detect", "no_face"}).items())),
            origin=origin,
            temperature=temperature,
            flip=read_value("evaluate.flip"),
            prior=prior,
            metrics=metrics,
        )
        write_json(folder / paths.CARD, card)


if __name__ == "__main__":
    run(main)

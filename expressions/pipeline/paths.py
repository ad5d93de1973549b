"""Where the stages read and write, each path once; relative to the root of the repository."""

from pathlib import Path

SOURCE = Path("data/source")
"""What the owner gives: `demo/` holds recipes of the embedded data set, `files/` the user's."""
RAW = Path("data/raw")
CLEAN = Path("data/clean")
IMAGES = Path("data/images")
FACES = Path("data/faces")
ARRAYS = Path("data/arrays")
AUDIT = Path("data/audit")
CODE = Path("data/code")

SAMPLES = Path("data/samples.csv")
TWINS = ARRAYS / "twins.csv"
REJECTED_BY_ARRAYS = ARRAYS / "rejected.csv"
PREDICTIONS = Path("data/predictions.csv")

MODELS = Path("models")
MODEL_NAME = r"[A-Za-z0-9_-]{1,64}"
"""What a folder of `MODELS` may be called, as a regular expression."""
MODEL = MODELS / "model.keras"
HISTORY = MODELS / "history"
CHECKPOINTS = MODELS / "checkpoints"
EVALUATION = MODELS / "evaluation"
CALIBRATION = EVALUATION / "calibration.json"
PRIOR = EVALUATION / "prior.json"
EXPORT = MODELS / "export"
REPORT = HISTORY / "report.html"

CARD = "model.json"
"""What an exported model is; this and the next are names in `EXPORT` and in each kept folder."""
ONNX, INT8_ONNX = "model.onnx", "model.int8.onnx"
TFLITE, INT8_TFLITE = "model.tflite", "model.int8.tflite"
INT8_RANGES = "int8_ranges.csv"
"""The ranges of the activations, with which `INT8_TFLITE` is made again without a picture."""

DATA_METRICS = Path("metrics/data.json")
EVALUATION_METRICS = Path("metrics/evaluation.json")
PER_CLASS_METRICS = Path("metrics/per_class.csv")


def clean_table(dataset: str) -> Path:
    """The kept rows of a data set."""
    return CLEAN / f"{dataset}.csv"


def rejected_by_clean(dataset: str) -> Path:
    """The rows of a data set that `clean` rejected, with their reasons."""
    return CLEAN / f"{dataset}.rejected.csv"


def intended_table(dataset: str) -> Path:
    """What the kept pictures of a data set were meant to show, where that is told beside votes."""
    return CLEAN / f"{dataset}.intended.csv"


def rejected_by_render(dataset: str) -> Path:
    """The pictures of a data set that `render` could not read."""
    return IMAGES / f"{dataset}.rejected.csv"


def face_table(dataset: str) -> Path:
    """What `crop` found in each picture and did with it."""
    return FACES / f"{dataset}.csv"


def other_faces_table(dataset: str) -> Path:
    """The faces that `crop` found and did not take."""
    return FACES / f"{dataset}.others.csv"


def contact_sheet(dataset: str) -> Path:
    """The picture that shows what `crop` did."""
    return FACES / f"{dataset}.preview.png"


def array(split: str) -> Path:
    """The faces of a split, float32 `[n, 48, 48, 1]`, rescaled."""
    return ARRAYS / f"{split}.npy"


def array_table(split: str) -> Path:
    """Ids, labels and targets of a split, in the order of `array`."""
    return ARRAYS / f"{split}.csv"

"""Bad parameters through the stages: each ends with its one message."""

import pytest
from bad_files import folder, put, remove, set_parameter

from expressions.pipeline import paths

EVALUATION, CARD = paths.EVALUATION_METRICS, paths.EXPORT / paths.CARD
ARRAY, TABLE = paths.array("validation"), paths.array_table("validation")
FACES, IMAGES = paths.FACES / "mine", paths.IMAGES / "mine"
SHARD = "00.zip"

WILD = {
    "join": {
        "datasets": [
            ([], "datasets is .., expected a list"),
            (None, "datasets is None, expected a list"),
            ("fer2013", "datasets is 'fer2013', expected a list"),
            (3, "datasets is 3, expected a list"),
            (["fer2013", "nobody"], "data/clean/nobody.csv is missing"),
            (["fer2013", "fer2013"], "names 'fer2013' twice"),
            (["../../etc"], "'../../etc' in datasets is no possible name"),
            (["test"], "'test' in datasets is no possible name"),
        ],
        "join.iefdb_split": [("test", "join.iefdb_split: Input should be 'iefdb' or 'validation'")],
    },
    "render mine": {
        "render.shards": [
            (0, "greater than 0"),
            (101, "less than or equal to 100"),
            (2.5, "integer"),
        ]
    },
    "crop mine": {
        "crop.mine": [
            ({}, "crop.mine.detect: Field required"),
            ({"detect": "yes"}, "valid boolean"),
            ({"detect": True, "margin": 2}, "margin: Input should be less than or equal to 1"),
            ({"detect": True, "confidence": float("nan")}, "confidence: Input should be"),
            ({"detect": True, "longest_side": 10**9}, "longest_side: .* less than or equal"),
            ({"detect": True, "margins": 0}, "no such key. Did you mean 'margin'"),
        ]
    },
    "arrays": {
        "arrays.low": [
            (2.0, "arrays.low .2.0. must be below arrays.high"),
            (float("nan"), "arrays.low: Input should be a finite number"),
            (-1e39, "arrays.low: Input should be greater than or equal to"),
        ],
        "arrays.drop_twin": [(True, "there is no such key. Did you mean 'drop_twins'")],
    },
    "train": {
        "train.network": [("resnet", "train.network: there is no 'resnet', but there are")],
        "train.epochs": [
            (-1, "greater than or equal to 0"),
            (0, "train.epochs is 0, but train.start_from names no model"),
            (10**12, "less than or equal to"),
        ],
        "train.batch": [
            (0, "greater than 0"),
            (10**6, "train.batch is 1000000, but there are only"),
        ],
        "train.optimizer": [("sgd", "'adam' or 'adamw'")],
        "train.learning_rate": [
            (0, "greater than 0"),
            (float("inf"), "finite number"),
            (1e39, "learning_rate: Input should be less than or equal to"),
        ],
        "train.weight_decay": [(float("inf"), "finite"), (1e39, "less than or equal to")],
        "train.warmup_epochs": [(500, "warmup_epochs is 500, but train.epochs only 1")],
        "train.dropout": [(1, "less than 1")],
        "train.patience": [(-1, "greater than or equal to 0")],
        "train.seed": [(-1, "greater than or equal to 0"), (2**32, "less than 4294967296")],
        "train.precision": [("float16", "'float32' or 'bfloat16'")],
        "train.portable": [(True, "train.portable needs train.precision: float32")],
        "train.start_from": [
            ("../reference", "String should match pattern"),
            ("nobody", "models/nobody/model.keras is missing"),
        ],
        "train.teacher": [("nobody", "models/nobody holds no .keras file"), (3, "valid string")],
        "train.teacher_weight": [(2, "less than or equal to 1")],
        "train.augmentation": [({}, "augmentation.mirror: Field required"), (None, "augmentation")],
        "train.augmentation.mixup": [(9, "less than or equal to 8")],
        "train.augmentation.resolution": [(1.5, "less than or equal to 1")],
        "train.start_weight": [
            (0.5, "start_weight is 0.5, but no model is trained further"),
            (1, "less than 1"),
        ],
        "train.epoch": [(3, "there is no such key. Did you mean 'epochs'")],
        "labels.classes": [(8, "has no column 'contempt', but params.yaml asks for")],
    },
    "evaluate": {
        "evaluate.resamples": [
            (0, "greater than 0"),
            (10**12, "resamples: Input should be less than or equal to 100000"),
            ("many", "valid integer"),
        ],
        "evaluate.seed": [(-1, "greater than or equal to 0")],
        "evaluate.flip": [("sideways", "valid boolean")],
        "labels.classes": [(8, "is for 7 classes, but params.yaml asks for 8")],
    },
    "export": {
        "export.framed_as": [
            ("nobody", "there is no crop.nobody"),
            ("../iefdb", "there is no crop"),
        ],
        "export.difference": [(-1, "greater than or equal to 0")],
        "export.same_class": [(float("nan"), "same_class")],
    },
    "audit": {"audit.shown": [(0, "greater than 0"), (10**9, "less than or equal to 400")]},
    "report": {"report.mistakes": [(-1, "greater than or equal to 0"), (None, "valid integer")]},
}


def alias_bomb(levels: int = 30) -> str:
    """YAML of a line for each power of ten values."""
    lines = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(["a0: &a0 [1]", *lines, "datasets: [fer2013]"])


PARAMETERS = {
    "missing": (lambda: remove("params.yaml"), "params.yaml cannot be read: No such file"),
    "a folder": (lambda: folder("params.yaml"), "params.yaml cannot be read: Is a directory"),
    "empty": (lambda: put("params.yaml"), "there is no join; 'join' is missing"),
    "a list": (lambda: put("params.yaml", "[join]"), "there is no join"),
    "a tab": (lambda: put("params.yaml", "join:\n\tiefdb_split: iefdb\n"), "params.yaml, line 2"),
    "twice": (
        lambda: put("params.yaml", "a: 1\nb: 2\na: 3\n"),
        "params.yaml, line 3.*duplicate key",
    ),
    "a tag": (lambda: put("params.yaml", "join: !!python/object:os.system {}\n"), "line 1.*tag"),
    "open": (lambda: put("params.yaml", "join: {"), "params.yaml, line"),
    "cp1252": (lambda: put("params.yaml", "é: 1".encode("cp1252")), "is no UTF-8 text"),
    "a bomb": (lambda: put("params.yaml", alias_bomb()), "has more than 50000 values"),
    "deep": (lambda: put("params.yaml", "[" * 5000), "params.yaml"),
    "large": (lambda: put("params.yaml", "# " + "a" * (1 << 20)), "larger than 1048576 bytes"),
    "endless": (
        lambda: remove("params.yaml").symlink_to("/dev/zero"),
        "params.yaml is a device or pipe",
    ),
}


@pytest.mark.parametrize(
    ("command", "parameter", "value", "message"),
    [
        pytest.param(command, parameter, value, message, id=f"{command}, {parameter}: {value}")
        for command, parameters in WILD.items()
        for parameter, values in parameters.items()
        for value, message in values
    ],
)
def test_a_wild_parameter_ends_with_one_message(
    in_copy, refused, command, parameter, value, message
):
    set_parameter(parameter, value)
    refused(command, message)


@pytest.mark.parametrize(("change", "message"), PARAMETERS.values(), ids=PARAMETERS)
def test_parameters_that_cannot_be_read_end_with_one_message(in_copy, refused, change, message):
    change()
    refused("join", message)

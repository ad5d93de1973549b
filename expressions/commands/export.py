"""Writing again what git need not hold of a kept model: its files for TensorFlow Lite."""

from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import BaseModel, Field

from expressions.errors import InputError
from expressions.network.exports.conversion import read_served, to_tflite
from expressions.network.exports.int8 import read_ranges, to_int8_tflite
from expressions.pipeline import paths
from expressions.pipeline.hashes import sha256
from expressions.pipeline.parameters import read_file


class KeptCard(BaseModel):
    """The part of `model.json` that says how the exports were made."""

    temperature: float = Field(gt=0)
    sha256: dict[str, str]


class Rescaling(BaseModel):
    """The part of the `arrays` section that says what the network takes for black and white."""

    low: float
    high: float


class KeptParameters(BaseModel):
    """The part of `params.yaml` that decides the exports."""

    arrays: Rescaling


def export(folder: Path) -> list[Path]:
    """Write the TFLite files that the card of a kept model names, and give them.

    Raises:
        InputError: `folder` was not made by `expressions keep`, or a file would have other bytes
            than the kept ones.
    """
    for name in (paths.CARD, "params.yaml", "model.keras"):
        if not (folder / name).is_file():
            raise InputError(
                f"{folder} holds no {name}. Name a folder that `expressions keep` made, such as "
                "models/reference."
            )
    card = read_file(KeptCard, folder / paths.CARD)
    rescaling = read_file(KeptParameters, folder / "params.yaml").arrays
    names = (paths.TFLITE, paths.INT8_TFLITE)
    kept = {name: card.sha256[name] for name in names if name in card.sha256}
    model = read_served(folder / "model.keras", card.temperature, rescaling.low, rescaling.high)
    with TemporaryDirectory(dir=folder, prefix=".export") as partial:
        for name, expected in kept.items():
            path = Path(partial) / name
            if name == paths.INT8_TFLITE:
                to_int8_tflite(model, path, read_ranges(folder / paths.INT8_RANGES))
            else:
                to_tflite(model, path)
            _check(path, expected, folder)
        return [(Path(partial) / name).replace(folder / name) for name in kept]


def _check(path: Path, expected: str, folder: Path) -> None:
    found = sha256(path)
    if found != expected:
        raise InputError(
            f"{folder / path.name} would have other bytes than the kept file: SHA-256 {found}, "
            f"{folder / paths.CARD} says {expected}. Installed is TensorFlow "
            f"{version('tensorflow')}; `make setup` installs the version of "
            "requirements.txt. Nothing was written."
        )

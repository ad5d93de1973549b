"""What the report takes from the JSON files of other stages, held against what it needs of them."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, RootModel

from expressions.pipeline import paths
from expressions.pipeline.inputs import read_json
from expressions.pipeline.parameters import read_file


class _Counts(BaseModel):
    rows: int
    rejected_by_label: dict[str, int]
    faces: dict[str, int]


class _Card(BaseModel):
    name: str
    classes: list[str]
    trained_on: str


_Protocols = Annotated[dict[str, dict[str, Any]], Field(min_length=1)]
_AllCounts = RootModel[Annotated[dict[str, _Counts], Field(min_length=1)]]
_Evaluation = RootModel[Annotated[dict[str, _Protocols], Field(min_length=1)]]


def read_counts() -> Any:
    """Read `metrics/data.json`: by data set what went in, was kept and was rejected.

    Raises:
        InputError: the file is missing or something else.
    """
    return _read(_AllCounts, paths.DATA_METRICS)


def read_evaluation() -> Any:
    """Read `metrics/evaluation.json`: the figures by split and protocol.

    Raises:
        InputError: the file is missing or something else.
    """
    return _read(_Evaluation, paths.EVALUATION_METRICS)


def read_card() -> Any:
    """Read `models/export/model.json`.

    Raises:
        InputError: the file is missing or something else.
    """
    return _read(_Card, paths.EXPORT / paths.CARD)


def _read(model: type[BaseModel], path: Path) -> Any:
    content = read_json(path)
    read_file(model, path)
    # As it stands there, in its own order.
    return content

"""Whatever stands in `params.yaml` is a section that its stage can use, or one message."""

import math
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
import yaml
from helpers import ROOT
from hypothesis import given
from hypothesis import strategies as st

from expressions.datasets.layout import LAYOUTS, Ingest
from expressions.errors import InputError
from expressions.evaluation.label_issues import Audit
from expressions.evaluation.protocols import Evaluate
from expressions.faces.arrays import Arrays
from expressions.faces.framing import Crop
from expressions.labels.samples import Join
from expressions.labels.tables import Labels
from expressions.network.exports.proofs import Export
from expressions.network.training import Training
from expressions.pictures.rendering import Render
from expressions.pipeline import parameters
from expressions.pipeline.parameters import read_section
from expressions.report.summaries import Report

MODELS = {
    "labels": Labels,
    "ingest.fer2013": Ingest,
    "clean.fer2013": LAYOUTS["fer2013"].Clean,
    "clean.iefdb": LAYOUTS["iefdb"].Clean,
    "clean.table": LAYOUTS["table"].Clean,
    "clean.split_folders": LAYOUTS["split_folders"].Clean,
    "join": Join,
    "render": Render,
    "crop.iefdb": Crop,
    "arrays": Arrays,
    "train": Training,
    "evaluate": Evaluate,
    "export": Export,
    "audit": Audit,
    "report": Report,
}
PARAMETERS = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
PARAMETERS["clean"] |= {
    "table": {"file_column": "file", "label_column": "emotion", "split": "test", "labels": {}},
    "split_folders": {"labels": {"joy": "happiness"}, "validation_share": 0.1},
}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=4,
)


def section_at(path: str) -> dict[str, Any]:
    section = PARAMETERS
    for key in path.split("."):
        section = section[key]
    return deepcopy(section)


def numbers_in(value: Any) -> Iterator[float]:
    """All numbers of a section, in whatever it holds them."""
    if isinstance(value, dict | list | tuple):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from numbers_in(inner)
    elif isinstance(value, int | float):
        yield value


@pytest.mark.parametrize("path", MODELS)
def test_the_parameters_in_git_are_right(path, monkeypatch):
    monkeypatch.setattr(parameters, "_held", yaml.safe_dump(PARAMETERS))
    assert isinstance(read_section(MODELS[path], path), MODELS[path])


@pytest.mark.parser
@given(st.sampled_from(list(MODELS)), st.integers(0, 30), VALUES, st.booleans())
def test_any_value_is_taken_or_one_message(path, place, value, removed):
    section = section_at(path)
    keys = [*section, "another"]
    key = keys[place % len(keys)]
    if removed:
        section.pop(key, None)
    else:
        section[key] = value
    tree: Any = section
    for outer in reversed(path.split(".")):
        tree = {outer: tree}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parameters, "_held", yaml.safe_dump(tree, allow_unicode=True))
        try:
            found = read_section(MODELS[path], path)
        except InputError as error:
            assert str(error).startswith("params.yaml")  # noqa: PT017
            return
    assert all(map(math.isfinite, numbers_in(found.model_dump())))

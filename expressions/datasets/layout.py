"""The one door to data sets: what the stages ask of a raw layout, and the layouts there are.

A new layout is a module of `layouts/`, which has what `Layout` names, and its line in `LAYOUTS`;
or, where its files cannot be read without parameters of their own, a model of its `ingest` section
that has it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar, runtime_checkable

from expressions.datasets.layouts import (
    fer2013,
    file_names,
    folders,
    iefdb,
    pixel_table,
    split_folders,
    table,
)
from expressions.datasets.layouts.label_list import LabelList
from expressions.datasets.sources.limits import Limits
from expressions.errors import InputError
from expressions.labels.tables import Rows
from expressions.pipeline.parameters import Section, read_section, read_value

SectionType = TypeVar("SectionType", bound=Section)


class Layout(Protocol[SectionType]):
    """What a module has to have to be a layout of raw data."""

    @property
    def Clean(self) -> type[SectionType]:  # noqa: N802 - it is a class
        """The model of a data set's part of the `clean` section of `params.yaml`."""

    def take(self, source: Path, folder: Path, limits: Limits) -> None:
        """Write the user's files in `source`, unpacked and checked, into the empty `folder`.

        Raises:
            InputError: a file is missing, damaged, not what its name says, or beyond the limits.
        """

    def read_rows(self, dataset: str, raw: Path, section: SectionType, classes: int) -> Rows:
        """Label every row of the raw folder with one of the first `classes` emotions, or reject it.

        Raises:
            InputError: a label or a split that is not known, or rows that cannot belong together.
        """

    def render(self, dataset: str, raw: Path) -> Iterator[tuple[str, bytes | None]]:
        """Give `(image_id, PNG)` of every picture, by ascending id; None where it is unreadable."""


@runtime_checkable
class Embedded(Protocol):
    """What the layout of an embedded data set has besides; others only take files."""

    def make(self, source: Path, folder: Path) -> None:
        """Write the embedded data set that `source` describes into the empty `folder`."""


LAYOUTS: dict[str, Layout[Any] | type[LabelList]] = {
    "fer2013": fer2013,
    "file_names": file_names,
    "folders": folders,
    "iefdb": iefdb,
    "list": LabelList,
    "pixels": pixel_table,
    "split_folders": split_folders,
    "table": table,
}
"""By the name that `ingest.<dataset>.layout` in `params.yaml` gives."""


class Ingest(Limits):
    """The part of one data set in the `ingest` section."""

    layout: str


def find_layout(dataset: str) -> Layout[Any]:
    """Return the layout that `params.yaml` names for a data set.

    Raises:
        InputError: none of `LAYOUTS`, or a wrong parameter in the data set's part of `ingest`.
    """
    layout, section = _read_ingest(dataset)
    return section if isinstance(section, LabelList) else layout


def read_limits(dataset: str) -> Limits:
    """Return the limits of what may be taken in for a data set.

    Raises:
        InputError: as `find_layout`.
    """
    return _read_ingest(dataset)[1]


def _read_ingest(dataset: str) -> tuple[Any, Limits]:
    name = read_value(f"ingest.{dataset}.layout")
    if not isinstance(name, str) or name not in LAYOUTS:
        raise InputError(
            f"params.yaml: ingest.{dataset}.layout is {name!r}, expected one of "
            f"{', '.join(LAYOUTS)}."
        )
    layout = LAYOUTS[name]
    model = layout if isinstance(layout, type) else Ingest
    return layout, read_section(model, f"ingest.{dataset}")

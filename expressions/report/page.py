"""The page of a run: one HTML file that needs nothing beside it."""

from collections.abc import Iterator, Mapping
from typing import Any

from expressions.report.templates import render_template

SECTIONS = (
    "source",
    "datasets",
    "labels",
    "ingest",
    "clean",
    "join",
    "render",
    "crop",
    "arrays",
    "train",
    "evaluate",
    "export",
    "audit",
    "report",
)
"""All of `params.yaml`, in the order of the page."""


def render(content: Mapping[str, Any]) -> str:
    """Return the page with `content`, whose names the template explains."""
    return render_template("report.html.j2", content)


def flatten_parameters(section: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the values in nested mappings, each with its dotted path."""
    if isinstance(section, Mapping):
        for key, value in section.items():
            yield from flatten_parameters(value, f"{path}.{key}" if path else str(key))
    else:
        yield path, str(section)

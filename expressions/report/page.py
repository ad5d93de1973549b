"""The page of a run: one HTML file that needs nothing beside it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jinja2

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

_TEMPLATE = "report.html.j2"


def render(content: Mapping[str, Any]) -> str:
    """Return the page with `content`, whose names the template explains.

    Names and labels are text there, never markup; the same content gives the same bytes.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "percent": lambda share: f"{100 * share:.1f} %",
        "count": lambda number: f"{number:,}",
        "words": lambda name: str(name).replace("_", " "),
    }
    return environment.get_template(_TEMPLATE).render(content)


def flatten_parameters(section: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the values in nested mappings, each with its dotted path."""
    if isinstance(section, Mapping):
        for key, value in section.items():
            yield from flatten_parameters(value, f"{path}.{key}" if path else str(key))
    else:
        yield path, str(section)

"""The page of a run: one HTML file that needs nothing beside it."""

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jinja2

from expressions.pictures.files import Picture, encode_png

TEMPLATE = Path("expressions/report/report.html.j2")


def render(content: Mapping[str, Any]) -> str:
    """The page with `content`, whose names the template explains; the same bytes for the same."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATE.parent),
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
    return environment.get_template(TEMPLATE.name).render(content)


def embedded(path: Path) -> str:
    """A PNG file as a data URI."""
    return _uri(path.read_bytes())


def embedded_picture(picture: Picture) -> str:
    """A picture as a data URI."""
    return _uri(encode_png(picture))


def flattened(section: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The values in nested mappings, each with its dotted path."""
    if isinstance(section, Mapping):
        for key, value in section.items():
            yield from flattened(value, f"{path}.{key}" if path else str(key))
    else:
        yield path, str(section)


def _uri(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"

"""The pages' templates, filled in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2


def render_template(name: str, content: Mapping[str, Any]) -> str:
    """Return the template `name` of this folder with `content`.

    Names and labels are text there, never markup; the same content gives the same bytes.

    Raises:
        jinja2.UndefinedError: the template needs what `content` does not have.
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
    return environment.get_template(name).render(content)

"""Writing outputs whole or not at all, with the same bytes for the same content."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expressions.pipeline.system.error_messages import naming

if TYPE_CHECKING:
    import pandas as pd


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a path to write to; it becomes `path` when the block ends without an error."""
    partial = path.with_name(f".{path.name}.partial")
    with naming(path, partial):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield partial
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Give an empty folder to fill; it becomes `path` when the block ends without an error.

    What stood at `path` before is replaced, and what a killed run left is removed.
    """
    partial = path.with_name(f".{path.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    with naming(path, partial):
        partial.mkdir(parents=True)
        try:
            yield partial
            shutil.rmtree(path, ignore_errors=True)
            partial.replace(path)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def write_csv(path: Path, table: "pd.DataFrame") -> None:
    """Write `table` without its index; nine significant digits bring a float32 back exactly."""
    with whole_file(path) as partial:
        table.to_csv(partial, index=False, lineterminator="\n", float_format="%.9g")


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write `content` indented, keys in their given order, floats rounded to six decimals."""
    with whole_file(path) as partial:
        text = json.dumps(_rounded(content), indent=2, ensure_ascii=False)
        partial.write_text(f"{text}\n", encoding="utf-8")


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, float):
        return round(value, 6)
    return value

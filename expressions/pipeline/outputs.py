"""Writing outputs whole or not at all, with the same bytes for the same content; reading them."""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expressions.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a path to write to; it becomes `path` when the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
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


def read_csv(path: Path, columns: Iterable[str], types: Any = None) -> "pd.DataFrame":
    """Read a table that `write_csv` wrote, in another stage.

    Args:
        path: of the table.
        columns: those that it has to have.
        types: of its columns, as pandas takes them.

    Raises:
        InputError: the table is missing or damaged, or lacks a column.
    """
    import pandas as pd  # noqa: PLC0415 - what only predicts is installed without it

    try:
        table = pd.read_csv(path, dtype=types)
    except FileNotFoundError:
        raise unlike_written(path, "is missing") from None
    except (OSError, ValueError, OverflowError) as error:
        raise unlike_written(path, f"cannot be read: {str(error).strip()}") from None
    for column in columns:
        if column not in table:
            raise unlike_written(path, f"has no column {column!r}")
    return table


def read_json(path: Path, keys: Iterable[str] = ()) -> Any:
    """Read an object that `write_json` wrote.

    Raises:
        InputError: the file is missing, is no JSON in UTF-8, or holds something else than an object
            with the `keys`.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise unlike_written(path, "is missing") from None
    except (OSError, ValueError, RecursionError) as error:
        raise unlike_written(path, f"cannot be read as JSON: {error}") from None
    if not isinstance(content, dict):
        raise unlike_written(path, f"holds a {type(content).__name__}, expected an object")
    for key in keys:
        if key not in content:
            raise unlike_written(path, f"has no {key!r}")
    return content


def unlike_written(path: Path, what: str) -> InputError:
    """Return the error for a file that is not what a stage wrote."""
    return InputError(f"{path} {what}. Run `dvc repro`, which writes it.")


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, float):
        return round(value, 6)
    return value

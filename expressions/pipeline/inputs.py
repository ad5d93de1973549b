"""Reading what other stages wrote: one door for tables, and one for JSON."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expressions.errors import InputError
from expressions.pipeline.system.error_messages import explain

if TYPE_CHECKING:
    import pandas as pd


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

    with _reading(path):
        table = pd.read_csv(path, dtype=types)
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
    with _reading(path, " as JSON"):
        content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise unlike_written(path, f"holds a {type(content).__name__}, expected an object")
    for key in keys:
        if key not in content:
            raise unlike_written(path, f"has no {key!r}")
    return content


def unlike_written(path: Path, what: str) -> InputError:
    """Return the error for a file that is not what a stage wrote."""
    return InputError(f"{path} {what}. Run `dvc repro`, which writes it.")


@contextmanager
def _reading(path: Path, form: str = "") -> Iterator[None]:
    """Turn whatever keeps a library from reading `path` into an `InputError`."""
    try:
        yield
    except FileNotFoundError:
        raise unlike_written(path, "is missing") from None
    except OSError as error:
        raise InputError(explain(error, f"{path} cannot be read")) from None
    except (ValueError, OverflowError, RecursionError) as error:
        raise unlike_written(path, f"cannot be read{form}: {str(error).strip()}") from None

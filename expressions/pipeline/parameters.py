"""Reading `params.yaml` and other small YAML and JSON files, checked against their models.

YAML is read by the parser that DVC reads it with (ruamel.yaml, YAML 1.2), so that both see the same
values: `1e-05` is a number, `no` is a word, `010` is ten.
"""

import difflib
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from expressions.errors import InputError
from expressions.pipeline.system.error_messages import explain

PARAMS = Path("params.yaml")

LARGEST_FILE = 1 << 20
"""Bytes of a file that is read here; parameters and model cards have a few thousand."""
MOST_VALUES = 50_000
"""Values in such a file, aliases counted wherever they stand: ten short lines can make 10⁹."""

_held: str | None = None


class Section(BaseModel):
    """A section of `params.yaml`: unknown keys and infinite values are errors; none can change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


SectionType = TypeVar("SectionType", bound=BaseModel)


def read_section(model: type[SectionType], path: str) -> SectionType:
    """Read the section at the dotted `path` (such as `crop.iefdb`) of `params.yaml` as a `model`.

    Raises:
        InputError: the section is missing, or a key is unknown, missing or of the wrong kind.
    """
    return _validate(model, read_value(path), f"{PARAMS}: {path}")


def read_file(model: type[SectionType], file: Path) -> SectionType:
    """Read the whole of a YAML or JSON file as a `model`.

    Raises:
        InputError: the file is missing, or a key is unknown, missing or of the wrong kind.
    """
    return _validate(model, load(_text(file), file), str(file))


def read_value(path: str) -> Any:
    """Read the value at the dotted `path` of `params.yaml`, its keys in the order of their names.

    Every read is an audit event of Python, so that a test can see which parameters a stage uses.

    Raises:
        InputError: there is nothing at `path`.
    """
    sys.audit("expressions.read_parameter", path)
    return _value_at(load(_text(PARAMS) if _held is None else _held, PARAMS), path)


@contextmanager
def held() -> Iterator[None]:
    """Read `params.yaml` once: until the block ends, every read sees what stands there now."""
    global _held  # noqa: PLW0603 - it is one file, and threads of workers read it, too
    _held = _text(PARAMS)
    try:
        yield
    finally:
        _held = None


def changed_values(paths: list[str]) -> Iterator[tuple[str, Any, Any]]:
    """Give each dotted path below `paths` whose value is no longer the one that is `held`.

    With it come the held value and the one that stands in `params.yaml` now; None where there is
    none.
    """
    before, now = load(_held or "", PARAMS), load(_text(PARAMS), PARAMS)
    for path in paths:
        first, second = (dict(_flattened(_get(tree, path), path)) for tree in (before, now))
        for key in sorted(first.keys() | second.keys()):
            if first.get(key) != second.get(key):
                yield key, first.get(key), second.get(key)


def load(text: str, file: Path) -> Any:
    """Parse the text of a YAML file, or of a JSON file by its suffix.

    Raises:
        InputError: the text is neither, a key stands twice, or there are too many values.
    """
    try:
        tree = json.loads(text) if file.suffix == ".json" else YAML(typ="safe").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        where = file if mark is None else f"{file}, line {mark.line + 1}"
        raise InputError(f"{where}: {_first_line(error.problem)}. Correct it.") from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"{file} cannot be read: {_first_line(error)}.") from None
    _count_values(tree, file, MOST_VALUES)
    return tree


def read_bounded(file: Path) -> bytes:
    """Return the bytes of a small file.

    Raises:
        InputError: it cannot be read, is larger than `LARGEST_FILE`, or a device or pipe.
    """
    try:
        # To open a pipe waits for whoever writes to it.
        if file.exists() and not file.is_file() and not file.is_dir():
            raise InputError(f"{file} is a device or pipe and no file.")
        with file.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise InputError(explain(error, f"{file} cannot be read")) from None
    if len(content) > LARGEST_FILE:
        raise InputError(f"{file} is larger than {LARGEST_FILE} bytes, too large to be read.")
    return content


def no_text(file: Path, error: UnicodeDecodeError) -> InputError:
    """Return the error for a file that is no UTF-8."""
    return InputError(f"{file} is no UTF-8 text ({error.reason}). Save it as UTF-8.")


def _text(file: Path) -> str:
    try:
        return read_bounded(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise no_text(file, error) from None


def _count_values(tree: Any, file: Path, left: int) -> int:
    if left <= 0:
        raise InputError(f"{file} has more than {MOST_VALUES} values, too many to be read.")
    left -= 1
    parts = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    for part in parts:
        left = _count_values(part, file, left)
    return left


def _value_at(tree: Any, path: str) -> Any:
    value = tree
    for key in path.split("."):
        if not isinstance(value, dict) or key not in value:
            known = list(value) if isinstance(value, dict) else []
            raise InputError(
                f"{PARAMS}: there is no {path}; {key!r} is missing.{_meant(key, known)} Add it."
            )
        value = value[key]
    return _ordered(value)


def _get(tree: Any, path: str) -> Any:
    for key in path.split("."):
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


def _flattened(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flattened(inner, f"{path}.{key}")
    else:
        yield path, value


def _ordered(value: Any) -> Any:
    # DVC does not see the order of keys in params.yaml, so no output may depend on it.
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value, key=str)}
    return value


def _validate(model: type[SectionType], value: Any, where: str) -> SectionType:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        where = f"{where}.{key}" if key else where
        if first["type"] == "extra_forbidden":
            meant = _meant(str(first["loc"][-1]), list(model.model_fields))
            raise InputError(f"{where}: there is no such key.{meant}") from None
        found = "" if first["type"] == "missing" else f" (found {first['input']!r:.200})"
        raise InputError(f"{where}: {first['msg']}{found}.") from None


def _meant(key: str, known: list[Any]) -> str:
    close = difflib.get_close_matches(key, [str(name) for name in known], 1)
    return f" Did you mean {close[0]!r}?" if close else ""


def _first_line(error: object) -> str:
    return str(error).strip().split("\n", maxsplit=1)[0]

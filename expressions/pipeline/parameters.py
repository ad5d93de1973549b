"""Reading one section of `params.yaml`, checked against its model."""

import sys
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from expressions.errors import InputError

PARAMS = Path("params.yaml")


class Section(BaseModel):
    """A section of `params.yaml`: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


SectionType = TypeVar("SectionType", bound=BaseModel)


def read_section(model: type[SectionType], path: str) -> SectionType:
    """The section at the dotted `path` (such as `crop.iefdb`) of `params.yaml`, as a `model`.

    Raises:
        InputError: the section is missing, or a key is unknown, missing or of the wrong kind.
    """
    return _validate(model, read_value(path), f"{PARAMS}: {path}")


def read_file(model: type[SectionType], file: Path) -> SectionType:
    """The whole of a YAML file as a `model`.

    Raises:
        InputError: the file is missing, or a key is unknown, missing or of the wrong kind.
    """
    return _validate(model, _load(file), str(file))


def read_value(path: str) -> Any:
    """The value at the dotted `path` of `params.yaml`, its keys in the order of their names.

    Every read is an audit event of Python, so that a test can see which parameters a stage uses.

    Raises:
        InputError: there is nothing at `path`.
    """
    sys.audit("expressions.read_parameter", path)
    value = _load(PARAMS)
    for key in path.split("."):
        if not isinstance(value, dict) or key not in value:
            raise InputError(f"{PARAMS}: there is no {path}; {key!r} is missing. Add it.")
        value = value[key]
    return _ordered(value)


def _ordered(value: Any) -> Any:
    # DVC does not see the order of keys in params.yaml, so no output may depend on it.
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value, key=str)}
    return value


def _load(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise InputError(f"{file} cannot be read: {error}") from None


def _validate(model: type[SectionType], value: Any, where: str) -> SectionType:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        found = "" if first["type"] == "missing" else f" (found {first['input']!r})"
        raise InputError(f"{where}.{key}: {first['msg']}{found}.") from None

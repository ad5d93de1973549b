"""What `dvc.yaml` declares for a stage, its `${…}` filled in from `params.yaml`."""

import re
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from expressions.errors import InputError
from expressions.pipeline.parameters import read_value

_REFERENCE = re.compile(r"\$\{([^}]+)\}")


class Declaration(NamedTuple):
    """What one stage, or one member of a matrix, says it reads."""

    deps: list[str]
    """Files and folders, relative to the repository."""
    params: list[str]
    """Dotted paths in `params.yaml`."""


def read_declaration(root: Path, stage: str) -> Declaration:
    """Read what is declared for `stage`, such as `train` or `crop@iefdb`.

    Raises:
        InputError: `dvc.yaml` has no such stage.
    """
    name, _, member = stage.partition("@")
    declared = load_yaml(root / "dvc.yaml")["stages"].get(name)
    if declared is None:
        raise InputError(f"dvc.yaml has no stage {name}.")
    items = {f"item.{key}": member for key in declared.get("matrix", {})}

    def filled(text: str) -> str:
        return _REFERENCE.sub(lambda found: str(_value(found[1], items)), text)

    return Declaration(
        [filled(path) for path in declared.get("deps", [])],
        [filled(path) for path in declared.get("params", [])],
    )


def load_yaml(path: Path) -> Any:
    """Parse a file of DVC's, `dvc.yaml` or `dvc.lock`, with the fast parser.

    Raises:
        InputError: the file is empty or no YAML.
    """
    try:
        content = yaml.load(path.read_bytes(), yaml.CSafeLoader)
    except yaml.YAMLError:
        content = None
    if not isinstance(content, dict):
        raise damaged_file(path)
    return content


def damaged_file(path: Path) -> InputError:
    """Return the error for a file of DVC's that DVC did not write."""
    return InputError(f"{path.name} is damaged. `git restore {path.name}` brings it back.")


def _value(reference: str, items: dict[str, str]) -> Any:
    return items[reference] if reference in items else read_value(reference)

"""The names of data sets: which there are in a run, and which a data set may have."""

import re

from expressions.errors import InputError
from expressions.labels.splits import SPLITS
from expressions.pipeline.parameters import read_value


def read_dataset_names() -> list[str]:
    """Read `datasets` of `params.yaml`.

    Raises:
        InputError: it is no list, is empty, names one twice, or one that is no possible name.
    """
    names = read_value("datasets")
    if not isinstance(names, list) or not names:
        raise InputError(
            f"params.yaml: datasets is {names!r}, expected a list such as [fer2013, iefdb]."
        )
    for index, name in enumerate(names):
        check_dataset_name(name)
        if name in names[:index]:
            raise InputError(f"params.yaml: datasets names {name!r} twice. Remove one.")
    return names


def check_dataset_name(name: object) -> None:
    """Refuse a name of a data set that could not be told from another in ids and files.

    Raises:
        InputError: the name is a split's, or has other signs than small letters, digits and `_`.
    """
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", name) or name in SPLITS:
        raise InputError(
            f"params.yaml: {name!r} in datasets is no possible name. Take small letters, digits "
            f"and _, beginning with a letter, and none of {', '.join(SPLITS)}."
        )

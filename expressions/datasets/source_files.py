"""The user's source files: which they are, where they come from, where the pipeline reads them."""

import re
from pathlib import Path

from expressions.datasets import fer2013, iefdb, packings
from expressions.errors import InputError
from expressions.pipeline.outputs import whole_file, whole_folder

FILES = Path("data/source/files")

ORIGINS = {
    fer2013.PICTURE_TABLES: (
        "Kaggle, challenges-in-representation-learning-facial-expression-recognition-challenge"
    ),
    fer2013.VOTE_TABLES: "github.com/microsoft/FERPlus",
    (iefdb.PICTURES,): "osf.io/download/nf2by",
    iefdb.LABEL_TABLES: "osf.io/download/b8gzm",
}

_FER2013 = (fer2013.PICTURE_TABLES, fer2013.VOTE_TABLES)
_IEFDB = ((iefdb.PICTURES,), iefdb.LABEL_TABLES)


def require(folder: Path, names: tuple[str, ...]) -> Path:
    """The file in `folder` that is one of `names`, plain or packed.

    Raises:
        InputError: there is none; the message says where to get it and where to put it.
    """
    path = packings.find(folder, names)
    if path is None:
        raise InputError(
            f"{' or '.join(names)} is missing in {folder} (it may be plain, .zip, .gz or .xz). "
            f"Get it from {ORIGINS[names]} and put it there."
        )
    return path


def use(folder: Path, params: Path = Path("params.yaml")) -> list[str]:
    """Link the files of `folder` to where the pipeline reads them, and set `params` to that.

    IEFDB joins when both of its files are there. Give the data sets.

    Raises:
        InputError: a file of FER-2013 or FER+ is missing, or one of IEFDB's two.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder. Name the one that holds the data (FER_DATA).")
    links = {"fer2013": [require(folder, names) for names in _FER2013]}
    if any(packings.find(folder, names) for names in _IEFDB):
        links["iefdb"] = [require(folder, names) for names in _IEFDB]
    for dataset, paths in links.items():
        with whole_folder(FILES / dataset) as target:
            for path in paths:
                # One archive may hold several of the files.
                if not (target / path.name).exists():
                    (target / path.name).symlink_to(path.resolve())
    _set(params, {"source": "files", "datasets": f"[{', '.join(links)}]"})
    return list(links)


def _set(params: Path, values: dict[str, str]) -> None:
    """Set top-level keys in place, so that comments and order stay."""
    text = params.read_text(encoding="utf-8")
    for key, value in values.items():
        text, count = re.subn(rf"(?m)^{key}:[^#\n]*", f"{key}: {value} ", text)
        if count != 1:
            raise InputError(f"{params}: expected one line that starts with '{key}:'.")
    with whole_file(params) as partial:
        partial.write_text(re.sub(r"(?m) +$", "", text), encoding="utf-8")

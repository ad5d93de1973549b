"""Pictures with labels that a model is to be measured on, and not to be trained on.

They come as a folder by emotion, a table of files, or FER-2013 with FER+.
"""

import shutil
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pandas as pd
import pandera.pandas as pa
from numpy.typing import NDArray

from expressions.datasets.layouts import fer2013
from expressions.datasets.layouts.fer2013_tables import (
    PICTURES,
    SPLITS,
    VOTES,
    read_pictures,
)
from expressions.datasets.layouts.own_pictures import first_folder, is_below
from expressions.datasets.sources.csv_tables import read_table
from expressions.datasets.sources.packings import find_packed
from expressions.datasets.sources.source_files import SourceFile, open_source
from expressions.errors import InputError
from expressions.labels.emotions import EMOTIONS, SPELLINGS
from expressions.labels.samples import IEFDB, join_datasets
from expressions.labels.splits import TRAINING
from expressions.pictures.kinds import Role
from expressions.pictures.search import search_folder


class LabelledPictures(NamedTuple):
    """Pictures of which somebody said what they show."""

    samples: pd.DataFrame
    """`image_id, label, majority` and the votes, blank where there are none. An id is the path
    below the folder, or `fer2013-<row>`."""
    twins: pd.DataFrame
    """`image_id`: those that have a pixel-identical twin in training."""
    left_out: dict[str, int]
    """How many are not measured, by reason."""
    files: list[Path]
    """In the order of the samples; none where there are `faces`."""
    faces: NDArray[np.uint8] | None = None
    """Faces that are cut out, grey `[n, 48, 48]`, in the order of the samples."""


def read_labelled_pictures(source: Path, split: str) -> LabelledPictures:
    """Read a folder by emotion, a CSV with the columns `file` and `label`, or FER-2013 with FER+.

    Args:
        source: the folder or the table; FER-2013 is a folder that holds its files.
        split: the part of FER-2013 that is measured, `validation` or `test`.

    Raises:
        InputError: there is no such thing, a label is not known, or no picture is left.
    """
    if source.is_dir() and find_packed(source, PICTURES.names):
        found = read_fer2013(source, split)
    elif source.is_dir():
        found = read_folder(source)
    elif source.is_file():
        found = read_file_table(source)
    else:
        raise InputError(f"{source} is missing. Name a folder by emotion, or a table of pictures.")
    if found.samples.empty:
        raise InputError(f"{source} holds no picture with the label of an emotion.")
    return found


def read_folder(folder: Path) -> LabelledPictures:
    """Read every picture of a folder; its label is the first folder it lies in.

    Raises:
        InputError: a picture that lies in no folder, or in one that names no emotion.
    """
    search = search_folder(folder, frozenset({Role.PICTURE}), links_to_files=True)
    paths = [file.path for file in search.files]
    names = [path.relative_to(folder).as_posix() for path in paths]
    spelt = [first_folder(folder, name) for name in names]
    labels = [_emotion_of(word, str(folder / word), "Rename the folder.") for word in spelt]
    return _without_votes(names, labels, paths, dict(search.passed_over))


def read_file_table(path: Path) -> LabelledPictures:
    """Read a table with the columns `file`, relative to the table, and `label`.

    Raises:
        InputError: a missing column, a label that is not known, or a file that stands twice or
            outside of the table's folder.
    """
    schema = pa.DataFrameSchema({column: pa.Column(str) for column in ("file", "label")})
    table = read_table(path, schema)
    rows: dict[str, str] = {}
    for number, (cell, word) in enumerate(zip(table["file"], table["label"], strict=True), start=2):
        where, name = f"{path}, row {number}", cell.strip().replace("\\", "/")
        if not is_below(name):
            raise InputError(
                f"{where}: column 'file' names {name!r:.80}, expected a path below the table's "
                "folder."
            )
        if name in rows:
            raise InputError(f"{where}: {name!r} stands twice. Keep one of the rows.")
        rows[name] = _emotion_of(word, where, "Correct the row.")
    there = [name for name in rows if (path.parent / name).is_file()]
    left_out = {"no_picture": len(rows) - len(there)} if len(there) < len(rows) else {}
    paths = [path.parent / name for name in there]
    return _without_votes(there, [rows[name] for name in there], paths, left_out)


def read_fer2013(folder: Path, split: str) -> LabelledPictures:
    """Read one split of FER-2013, labelled by FER+'s votes, with its twins in training.

    Raises:
        InputError: no such split, a table is missing or damaged, or they do not belong together.
    """
    measured = [name for name in SPLITS.values() if name != TRAINING]
    if split not in measured:
        raise InputError(
            f"{split!r} is no part of FER-2013 to measure on: {' or '.join(measured)}."
        )
    with TemporaryDirectory() as unpacked:
        table, votes_table = (_unpack(folder, file, Path(unpacked)) for file in (PICTURES, VOTES))
        votes, _ = fer2013.read_proven_votes(table, votes_table)
        pixels = np.concatenate([block.pixels for block in read_pictures(table)])
    rows = fer2013.label_by_votes("fer2013", votes, len(EMOTIONS))
    chosen = rows.kept[rows.kept["split"] == split]
    digests = pd.Series([blake2b(face.tobytes(), digest_size=16).digest() for face in pixels])
    training = digests[rows.kept.index[rows.kept["split"] == TRAINING]]
    twins = chosen[digests[chosen.index].isin(training)]
    left_out = rows.rejected[votes["Usage"].map(SPLITS)[rows.rejected.index] == split]["reason"]
    return LabelledPictures(
        join_datasets({"fer2013": chosen}, IEFDB),
        twins[["image_id"]],
        {str(reason): int(count) for reason, count in left_out.value_counts().items()},
        [],
        pixels[chosen.index],
    )


def _without_votes(
    names: list[str], labels: list[str], paths: list[Path], left_out: dict[str, int]
) -> LabelledPictures:
    rows = pd.DataFrame({"image_id": names, "split": "test", "label": labels}, dtype=str)
    twins = pd.DataFrame({"image_id": []}, dtype=str)
    return LabelledPictures(join_datasets({"": rows}, IEFDB), twins, left_out, paths)


def _emotion_of(spelling: str, where: str, advice: str) -> str:
    emotion = SPELLINGS.get(spelling.strip().lower())
    if emotion is None:
        raise InputError(
            f"{where}: {spelling!r} is no known emotion. Known spellings: "
            f"{', '.join(sorted(SPELLINGS))} (in any case). {advice}"
        )
    return emotion


def _unpack(folder: Path, file: SourceFile, target: Path) -> Path:
    with open_source(folder, file) as (_, name, stream), (target / name).open("wb") as sink:
        shutil.copyfileobj(stream, sink)
    return target / name

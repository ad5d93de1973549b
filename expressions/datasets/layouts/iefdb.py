"""The layout `iefdb`: a folder of photographs and a table with the intended expressions."""

import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pandas as pd
import pandera.pandas as pa

from expressions.datasets.sources.csv_tables import read_table
from expressions.datasets.sources.limits import Limits, too_many_files
from expressions.datasets.sources.packings import unpack_pictures
from expressions.datasets.sources.source_files import RawFile, SourceFile, find_source, take_source
from expressions.datasets.synthetic.layouts import IefdbRecipe, write_iefdb
from expressions.errors import InputError
from expressions.labels import emotions
from expressions.labels.tables import SAMPLE_COLUMNS, Rows, divide_rows
from expressions.pictures.rendering import render_files
from expressions.pipeline.inputs import unlike_written
from expressions.pipeline.parameters import Section, read_file

PICTURES = SourceFile(("Original.zip",), "osf.io/download/nf2by")
LABELS = SourceFile(("ImageDescriptionWEmotions.csv",), "osf.io/download/b8gzm")
FILES = (PICTURES, LABELS)

PICTURE_FOLDER = "Original"
SUFFIXES = (".jpg", ".jpeg", ".png")


def _picture_number(cell: str) -> str:
    """Return the `PicNum` of a cell that may have a blank around it or a suffix behind it."""
    return PurePosixPath(cell.strip()).stem


_NAME = pa.Column(
    pa.String,
    [
        pa.Check(lambda names: names.str.strip() != ""),
        pa.Check(lambda names: ~names.map(_picture_number).duplicated()),
    ],
    description="a name that stands nowhere else in the column",
)


class Clean(Section):
    """The `clean` section of a data set in this layout."""

    label_column: str


def take(source: Path, folder: Path, limits: Limits) -> None:
    """Copy the user's table and photographs, from the archive or unpacked, into `folder`."""
    labels = take_source(source, LABELS, folder, limits)
    target = folder / PICTURE_FOLDER
    unpacked = source / PICTURE_FOLDER
    target.mkdir()
    if unpacked.is_dir():
        _copy_photographs(unpacked, target, limits)
    else:
        unpack_pictures(find_source(source, PICTURES), target, SUFFIXES, limits)
    _check(labels, target)


def make(source: Path, folder: Path) -> None:
    """Paint the embedded data set by the recipe in `source`."""
    write_iefdb(folder, read_file(IefdbRecipe, source / "recipe.yaml"))
    labels = RawFile(source / "recipe.yaml", folder / LABELS.names[0])
    _check(labels, folder / PICTURE_FOLDER)


def read_rows(dataset: str, raw: Path, section: Clean, classes: int) -> Rows:
    """Label every photograph with its intended expression."""
    table = read_labels(raw / LABELS.names[0], section.label_column)
    photographs = find_photographs(raw / PICTURE_FOLDER)
    return label_photographs(dataset, table, section.label_column, set(photographs), classes)


def render(dataset: str, raw: Path) -> Iterator[tuple[str, bytes | None]]:
    """Give `(image_id, PNG)` of each photograph, upright, by ascending id; None if unreadable."""
    found = find_photographs(raw / PICTURE_FOLDER).items()
    return render_files(sorted((image_id(dataset, number), path) for number, path in found))


def image_id(dataset: str, picture_number: str) -> str:
    """Return the id of a photograph; ids sort as their `PicNum` does."""
    return f"{dataset}-{picture_number}"


def read_labels(
    path: Path, label_column: str = "IntendedExpression", name: Path | None = None
) -> pd.DataFrame:
    """Read the table of intended expressions: at least `PicNum` and `label_column`, as text.

    An error calls the table `name`, by default `path`.

    Raises:
        InputError: a missing column, a blank `PicNum`, or one that stands twice.
    """
    schema = pa.DataFrameSchema({"PicNum": _NAME, label_column: pa.Column(pa.String)})
    table = read_table(path, schema, name)
    return table.assign(PicNum=table["PicNum"].map(_picture_number))


def find_photographs(folder: Path) -> dict[str, Path]:
    """Find the photographs in `folder`, by `PicNum` and sorted by it.

    Raises:
        InputError: there is no such folder, or two files for one `PicNum`, such as `7.jpg` and
            `7.png`.
    """
    if not folder.is_dir():
        raise unlike_written(folder, "is no folder")
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        hidden = path.name.startswith(".")
        if hidden or path.suffix.lower() not in SUFFIXES or not path.is_file():
            continue
        if path.stem in found:
            raise InputError(
                f"{found[path.stem].name} and {path.name} in {folder} are two pictures of one "
                f"PicNum. Remove or rename one."
            )
        found[path.stem] = path
    return found


def label_photographs(
    dataset: str, table: pd.DataFrame, label_column: str, photographs: set[str], classes: int
) -> Rows:
    """Name every photograph's intended expression; the split is the data set's own.

    Rows without a photograph and photographs without a row are rejected, as are expressions
    beyond the first `classes`.

    Raises:
        InputError: a spelling that is not known.
    """
    label = emotions.canonical(table[label_column].tolist(), LABELS.names[0])
    known = pd.DataFrame({"PicNum": table["PicNum"], "label": label, "reason": ""})
    known.loc[~known["label"].isin(emotions.classes(classes)), "reason"] = "contempt"
    known.loc[~known["PicNum"].isin(photographs), "reason"] = "no_picture"
    unlabelled = pd.DataFrame({"PicNum": sorted(photographs - set(known["PicNum"]))}, dtype=str)
    every = pd.concat([known, unlabelled.assign(reason="no_label")], ignore_index=True)
    every["image_id"] = [image_id(dataset, number) for number in every["PicNum"]]
    every["split"] = dataset
    rows = every[[*SAMPLE_COLUMNS, "reason"]].sort_values("image_id")
    return divide_rows(rows, dataset)


def _copy_photographs(source: Path, folder: Path, limits: Limits) -> None:
    found = find_photographs(source)
    if len(found) > limits.most_files:
        raise too_many_files(source, len(found), limits)
    for path in found.values():
        shutil.copyfile(path, folder / path.name)


def _check(labels: RawFile, pictures: Path) -> None:
    rows = len(read_labels(labels.path, name=labels.origin))
    photographs = find_photographs(pictures)
    if not photographs:
        raise InputError(f"{PICTURES.names[0]} holds no pictures ({', '.join(SUFFIXES)}).")
    print(f"{labels.path.name}: {rows} rows; {len(photographs)} photographs")

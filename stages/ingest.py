"""Take one data set's files, or make the embedded one, and check them: `data/raw/<dataset>/`."""

import hashlib
import shutil
from pathlib import Path
from typing import Literal

from expressions import editions, fer2013, iefdb, packings, synthetic
from expressions.errors import InputError, run
from expressions.outputs import whole_folder
from expressions.parameters import Section, read_file, read_section, read_value
from expressions.sources import require

_COPY_BYTES = 1 << 20


class Ingest(Section):
    """The part of one data set in the `ingest` section."""

    layout: Literal["fer2013", "iefdb"]


def main(dataset: str) -> None:
    """Write the raw files of DATASET, whole and checked."""
    layout = read_section(Ingest, f"ingest.{dataset}").layout
    source = read_value("source")
    if source not in ("demo", "files"):
        raise InputError(f"params.yaml: source is {source!r}, expected demo or files.")
    ingest(dataset, layout, Path("data/source") / source / dataset, demo=source == "demo")


def ingest(dataset: str, layout: str, source: Path, demo: bool) -> None:
    """Fill `data/raw/<dataset>` from the folder `source`, which holds a recipe or the user's files.

    Raises:
        InputError: a file is missing, damaged or not what its name says.
    """
    with whole_folder(Path("data/raw") / dataset) as folder:
        if demo:
            _make(layout, source / "recipe.yaml", folder)
        elif layout == "fer2013":
            _take(source, fer2013.PICTURE_TABLES, folder)
            _take(source, fer2013.VOTE_TABLES, folder)
        else:
            _take(source, iefdb.LABEL_TABLES, folder)
            _take_pictures(source, folder)
        check = {"fer2013": _check_fer2013, "iefdb": _check_iefdb}[layout]
        check(folder)


def _make(layout: str, recipe: Path, folder: Path) -> None:
    if layout == "fer2013":
        synthetic.write_fer2013(folder, read_file(synthetic.Fer2013Recipe, recipe))
    else:
        synthetic.write_iefdb(folder, read_file(synthetic.IefdbRecipe, recipe))


def _take(source: Path, names: tuple[str, ...], folder: Path) -> None:
    path = require(source, names)
    name = packings.content_name(path, names)
    digest = hashlib.sha256()
    with packings.unpacked(path, name) as stream, (folder / name).open("wb") as sink:
        while block := stream.read(_COPY_BYTES):
            digest.update(block)
            sink.write(block)
    print(f"{path}: {editions.describe(digest.hexdigest())}")


def _take_pictures(source: Path, folder: Path) -> None:
    target = folder / iefdb.PICTURE_FOLDER
    unpacked = source / iefdb.PICTURE_FOLDER
    if unpacked.is_dir():
        shutil.copytree(unpacked, target)
    else:
        target.mkdir()
        packings.unpack_pictures(require(source, (iefdb.PICTURES,)), target, iefdb.SUFFIXES)


def _check_fer2013(folder: Path) -> None:
    pictures = fer2013.picture_table(folder)
    usage = [row for block in fer2013.read_pictures(pictures) for row in block.usage]
    votes = fer2013.read_votes(folder / fer2013.VOTE_TABLES[0])
    if not usage:
        raise InputError(f"{pictures.name} holds no rows. Download it again.")
    print(f"{pictures.name}: {len(usage)} rows; {fer2013.VOTE_TABLES[0]}: {len(votes)} rows")


def _check_iefdb(folder: Path) -> None:
    labels = iefdb.read_labels(folder / iefdb.LABEL_TABLES[0])
    photographs = iefdb.pictures(folder / iefdb.PICTURE_FOLDER)
    if not photographs:
        raise InputError(f"{iefdb.PICTURES} holds no pictures ({', '.join(iefdb.SUFFIXES)}).")
    print(f"{iefdb.LABEL_TABLES[0]}: {len(labels)} rows; {len(photographs)} photographs")


if __name__ == "__main__":
    run(main)

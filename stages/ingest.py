"""Take one data set's files, or make the embedded one, and check them: `data/raw/<dataset>/`."""

import hashlib
import shutil
from pathlib import Path
from typing import Literal

from expressions.datasets import fer2013, iefdb, packings
from expressions.datasets import known_files as editions
from expressions.datasets import own as own_data
from expressions.datasets.source_files import require
from expressions.datasets.synthetic import layouts as synthetic
from expressions.errors import InputError, run
from expressions.pictures import files as pictures
from expressions.pipeline.outputs import whole_folder
from expressions.pipeline.parameters import Section, read_file, read_section, read_value

_COPY_BYTES = 1 << 20


class Ingest(Section):
    """The part of one data set in the `ingest` section."""

    layout: Literal["fer2013", "iefdb", "folders", "table"]


def main(dataset: str) -> None:
    """Write the raw files of DATASET, whole and checked."""
    own_data.check_name(dataset)
    layout = read_section(Ingest, f"ingest.{dataset}").layout
    source = read_value("source")
    if source not in ("demo", "files"):
        raise InputError(f"params.yaml: source is {source!r}, expected demo or files.")
    ingest(dataset, layout, Path("data/source") / source / dataset, demo=source == "demo")


def ingest(dataset: str, layout: str, source: Path, demo: bool) -> None:
    """Fill `data/raw/<dataset>` from the folder `source`, which holds a recipe or the user's files.

    Data of one's own is files in any case.

    Raises:
        InputError: a file is missing, damaged or not what its name says.
    """
    with whole_folder(Path("data/raw") / dataset) as folder:
        if layout in ("folders", "table"):
            _copy_pictures(source, folder)
            if layout == "table":
                table = own_data.find_table(source)
                shutil.copyfile(table, folder / table.name)
        elif demo:
            _make(layout, source / "recipe.yaml", folder)
        elif layout == "fer2013":
            _take(source, fer2013.PICTURE_TABLES, folder)
            _take(source, fer2013.VOTE_TABLES, folder)
        else:
            _take(source, iefdb.LABEL_TABLES, folder)
            _take_pictures(source, folder)
        if layout == "fer2013":
            _check_fer2013(folder)
        elif layout == "iefdb":
            _check_iefdb(folder)


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


def _copy_pictures(source: Path, folder: Path) -> None:
    if not source.is_dir():
        raise InputError(f"{source} is no folder. Put your pictures there, or link to them.")
    found = own_data.find_pictures(source)
    if not found:
        raise InputError(f"{source} holds no pictures ({', '.join(pictures.SUFFIXES)}).")
    for path in found.values():
        target = folder / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    others = sum(path.is_file() for path in source.rglob("*")) - len(found)
    print(f"{source}: {len(found)} pictures, {others} other files")


def _check_fer2013(folder: Path) -> None:
    table = fer2013.picture_table(folder)
    usage = [row for block in fer2013.read_pictures(table) for row in block.usage]
    votes = fer2013.read_votes(folder / fer2013.VOTE_TABLES[0])
    if not usage:
        raise InputError(f"{table.name} holds no rows. Download it again.")
    print(f"{table.name}: {len(usage)} rows; {fer2013.VOTE_TABLES[0]}: {len(votes)} rows")


def _check_iefdb(folder: Path) -> None:
    labels = iefdb.read_labels(folder / iefdb.LABEL_TABLES[0])
    photographs = iefdb.pictures(folder / iefdb.PICTURE_FOLDER)
    if not photographs:
        raise InputError(f"{iefdb.PICTURES} holds no pictures ({', '.join(iefdb.SUFFIXES)}).")
    print(f"{iefdb.LABEL_TABLES[0]}: {len(labels)} rows; {len(photographs)} photographs")


if __name__ == "__main__":
    run(main)

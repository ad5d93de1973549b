"""Find, level and cut out the face of every picture of one data set: `data/faces/<dataset>/`."""

import shutil
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import pandas as pd

from expressions.errors import run
from expressions.faces import contact_sheet
from expressions.faces.counts import face_counts
from expressions.faces.cropping import Crop, Cropped, crop_shards
from expressions.faces.store import FaceStore
from expressions.faces.tables import TABLE_COLUMNS, FaceTables, face_of_row
from expressions.pictures.shards import (
    count_pictures,
    decoded_pictures,
    read_shard,
    shard_paths,
    write_shard,
)
from expressions.pipeline.outputs import whole_folder, write_csv
from expressions.pipeline.parameters import read_section
from expressions.pipeline.progress import bar


def main(dataset: str) -> None:
    """Write the faces of DATASET, the tables of what was found and done, and a contact sheet."""
    section = read_section(Crop, f"crop.{dataset}")
    images, faces = Path("data/images") / dataset, Path("data/faces") / dataset
    if section.detect:
        table, others = crop(images, faces, section, dataset)
    else:
        table, others = copy(images, faces), FaceTables(section.confidence).others()
    draw_preview(images, faces, table)
    rejected = pd.read_csv(images.with_suffix(".rejected.csv"), dtype=str)
    table = pd.concat([table, rejected.rename(columns={"reason": "action"})])
    write_csv(faces.with_suffix(".csv"), table.sort_values("image_id"))
    write_csv(faces.with_suffix(".others.csv"), others)
    counts = ", ".join(f"{count} {what}" for what, count in face_counts(table).items())
    print(f"{dataset}: {len(table)} pictures: {counts}")


def copy(images: Path, faces: Path) -> pd.DataFrame:
    """Take the pictures as they are, byte for byte; give the table that says so."""
    ids = []
    with whole_folder(faces) as partial:
        for shard in shard_paths(images):
            shutil.copyfile(shard, partial / shard.name)
            ids += [image_id for image_id, _ in read_shard(shard)]
    rows = [{"image_id": image_id, "action": "unchanged"} for image_id in sorted(ids)]
    return pd.DataFrame(rows, columns=TABLE_COLUMNS)


def crop(images: Path, faces: Path, section: Crop, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cut the face out of every picture, on all cores or on a cluster (see `workers`).

    The table of what was done, a row a picture, and that of the faces that were not taken.
    """
    shards = shard_paths(images)
    tables = FaceTables(section.confidence)
    progress = bar(None, f"crop {name}", "pictures", sum(map(count_pictures, shards)))
    with whole_folder(faces) as partial, FaceStore() as store, progress:
        parts = crop_shards(shards, section, store)
        for shard, its_parts in groupby(parts, key=itemgetter(0)):
            write_shard(partial / shard.name, _kept(its_parts, tables, progress))
    return tables.table(), tables.others()


def draw_preview(images: Path, faces: Path, table: pd.DataFrame) -> None:
    """Write the contact sheet of the crop that `table` tells of."""
    rows = table.set_index("image_id").loc[contact_sheet.pick(table)]
    before, after = (decoded_pictures(folder, rows.index) for folder in (images, faces))
    samples = [
        contact_sheet.Sample(
            image_id, row["action"], before[image_id], face_of_row(row), after.get(image_id)
        )
        for image_id, row in zip(rows.index.astype(str), rows.to_dict("records"), strict=True)
    ]
    contact_sheet.draw(faces.with_suffix(".preview.png"), samples)


def _kept(
    parts: Iterable[tuple[Path, list[Cropped]]], tables: FaceTables, progress: Any
) -> Iterator[tuple[str, bytes]]:
    """What stays of the pictures, noted in `tables` as they pass."""
    for _, part in parts:
        tables.add(part)
        progress.update(len(part))
        for picture in part:
            if picture.png is not None:
                yield picture.image_id, picture.png


if __name__ == "__main__":
    run(main)

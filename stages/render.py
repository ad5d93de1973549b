"""Render one data set's pictures as PNG in shards: `data/images/<dataset>/`."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from pydantic import Field

from expressions.datasets import fer2013, iefdb
from expressions.datasets import own as own_data
from expressions.errors import run
from expressions.labels.tables import REJECTED_COLUMNS
from expressions.pictures.rendering import render_blocks, render_files
from expressions.pictures.shards import write_shards
from expressions.pipeline.outputs import write_csv
from expressions.pipeline.parameters import Section, read_section, read_value
from expressions.pipeline.progress import bar

Rendered = Iterator[tuple[str, bytes]]


class Render(Section):
    """The `render` section of the parameters."""

    shards: int = Field(gt=0, le=100)


def main(dataset: str) -> None:
    """Write every picture of DATASET, whatever its label, and list those that are unreadable."""
    section = read_section(Render, "render")
    raw = Path("data/raw") / dataset
    unreadable: list[str] = []
    layout = read_value(f"ingest.{dataset}.layout")
    if layout == "fer2013":
        pictures = render_fer2013(fer2013.picture_table(raw))
    else:
        pictures = render_photographs(photographs_by_id(dataset, layout, raw), unreadable)
    shown = bar(pictures, f"render {dataset}", "pictures")
    count = write_shards(Path("data/images") / dataset, section.shards, shown)
    rejected = pd.DataFrame({"image_id": unreadable, "reason": "unreadable"})
    write_csv(Path(f"data/images/{dataset}.rejected.csv"), rejected[REJECTED_COLUMNS])
    print(f"{dataset}: {count} pictures, {len(unreadable)} unreadable")


def render_fer2013(table: Path) -> Rendered:
    """The pictures of FER-2013's table as `(image_id, PNG)`, in its order."""
    return render_blocks(
        (
            fer2013.image_ids(range(block.first_row, block.first_row + len(block.pixels))),
            block.pixels,
        )
        for block in fer2013.read_pictures(table)
    )


def photographs_by_id(dataset: str, layout: str, raw: Path) -> dict[str, Path]:
    """The photographs of a raw folder by their `image_id`."""
    if layout == "iefdb":
        found = iefdb.pictures(raw / iefdb.PICTURE_FOLDER)
        return {iefdb.image_id(number): path for number, path in found.items()}
    own = own_data.find_pictures(raw)
    return {own_data.image_id(dataset, name): path for name, path in own.items()}


def render_photographs(photographs: dict[str, Path], unreadable: list[str]) -> Rendered:
    """The photographs as `(image_id, PNG)`, upright; ids of unreadable ones go to `unreadable`."""
    files = sorted(photographs.items())
    for image_id, png in render_files(files):
        if png is None:
            unreadable.append(image_id)
        else:
            yield image_id, png


if __name__ == "__main__":
    run(main)

"""Render one data set's pictures as PNG in shards: `data/images/<dataset>/`."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
from pydantic import Field

from expressions import fer2013, iefdb
from expressions.errors import run
from expressions.labels import REJECTED_COLUMNS
from expressions.outputs import write_csv
from expressions.parameters import Section, read_section, read_value
from expressions.pictures import decode, encode_png
from expressions.progress import bar
from expressions.shards import write_shards

# OpenCV gives up Python's lock while it encodes, so threads use both cores.
_THREADS = 2
_PHOTOGRAPHS_AT_ONCE = 16

Rendered = Iterator[tuple[str, bytes]]


class Render(Section):
    """The `render` section of the parameters."""

    shards: int = Field(gt=0, le=100)


def main(dataset: str) -> None:
    """Write every picture of DATASET, whatever its label, and list those that are unreadable."""
    section = read_section(Render, "render")
    raw = Path("data/raw") / dataset
    unreadable: list[str] = []
    if read_value(f"ingest.{dataset}.layout") == "fer2013":
        pictures = render_fer2013(fer2013.picture_table(raw))
    else:
        pictures = render_photographs(iefdb.pictures(raw / iefdb.PICTURE_FOLDER), unreadable)
    shown = bar(pictures, f"render {dataset}", "pictures")
    count = write_shards(Path("data/images") / dataset, section.shards, shown)
    rejected = pd.DataFrame({"image_id": unreadable, "reason": "unreadable"})
    write_csv(Path(f"data/images/{dataset}.rejected.csv"), rejected[REJECTED_COLUMNS])
    print(f"{dataset}: {count} pictures, {len(unreadable)} unreadable")


def render_fer2013(table: Path) -> Rendered:
    """The pictures of FER-2013's table as `(image_id, PNG)`, in its order."""
    with ThreadPoolExecutor(_THREADS) as threads:
        for block in fer2013.read_pictures(table):
            rows = range(block.first_row, block.first_row + len(block.pixels))
            pngs = threads.map(encode_png, block.pixels)
            yield from zip(fer2013.image_ids(rows), pngs, strict=True)


def render_photographs(photographs: dict[str, Path], unreadable: list[str]) -> Rendered:
    """The photographs as `(image_id, PNG)`, upright; ids of unreadable ones go to `unreadable`."""
    items = sorted((iefdb.image_id(number), path) for number, path in photographs.items())
    with ThreadPoolExecutor(_THREADS) as threads:
        for start in range(0, len(items), _PHOTOGRAPHS_AT_ONCE):
            some = items[start : start + _PHOTOGRAPHS_AT_ONCE]
            pngs = threads.map(_as_png, [path for _, path in some])
            for (image_id, _), png in zip(some, pngs, strict=True):
                if png is None:
                    unreadable.append(image_id)
                else:
                    yield image_id, png


def _as_png(path: Path) -> bytes | None:
    picture = decode(path.read_bytes())
    return None if picture is None else encode_png(picture)


if __name__ == "__main__":
    run(main)

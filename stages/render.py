"""Render one data set's pictures as PNG in shards: `data/images/<dataset>/`."""

import pandas as pd

from expressions.datasets.layout import find_layout
from expressions.labels.tables import REJECTED_COLUMNS
from expressions.pictures.rendering import Render, readable
from expressions.pictures.shards import write_shards
from expressions.pipeline.outputs import write_csv
from expressions.pipeline.parameters import read_section
from expressions.pipeline.paths import IMAGES, RAW, rejected_by_render
from expressions.pipeline.progress import bar
from expressions.pipeline.stage import run


def main(dataset: str) -> None:
    """Write every picture of DATASET, whatever its label, and list those that are unreadable."""
    section = read_section(Render, "render")
    unreadable: list[str] = []
    pictures = readable(find_layout(dataset).render(dataset, RAW / dataset), unreadable)
    shown = bar(pictures, f"render {dataset}", "pictures")
    count = write_shards(IMAGES / dataset, section.shards, shown)
    rejected = pd.DataFrame({"image_id": unreadable, "reason": "unreadable"})
    write_csv(rejected_by_render(dataset), rejected[REJECTED_COLUMNS])
    print(f"{dataset}: {count} pictures, {len(unreadable)} unreadable")


if __name__ == "__main__":
    run(main)

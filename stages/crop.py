"""Find, level and cut out the face of every picture of one data set: `data/faces/<dataset>/`."""

import pandas as pd

from expressions.faces.contact_sheet import draw_contact_sheet
from expressions.faces.counts import face_counts
from expressions.faces.framing import Crop
from expressions.faces.shards import copy_shards, crop_shards
from expressions.faces.tables import FaceTables
from expressions.labels.tables import read_rejected
from expressions.pipeline import paths
from expressions.pipeline.outputs import write_csv
from expressions.pipeline.parameters import read_section
from expressions.pipeline.stage import run


def main(dataset: str) -> None:
    """Write the faces of DATASET, the tables of what was found and done, and a contact sheet."""
    crop = read_section(Crop, f"crop.{dataset}")
    images, faces = paths.IMAGES / dataset, paths.FACES / dataset
    tables = crop_shards(images, faces, crop) if crop.detect else FaceTables(crop.confidence)
    table = tables.table() if crop.detect else copy_shards(images, faces)
    draw_contact_sheet(paths.contact_sheet(dataset), images, faces, table)
    rejected = read_rejected(paths.rejected_by_render(dataset))
    table = pd.concat([table, rejected.rename(columns={"reason": "action"})])
    write_csv(paths.face_table(dataset), table.sort_values("image_id"))
    write_csv(paths.other_faces_table(dataset), tables.others())
    counts = ", ".join(f"{count} {what}" for what, count in face_counts(table).items())
    print(f"{dataset}: {len(table)} pictures: {counts}")


if __name__ == "__main__":
    run(main)

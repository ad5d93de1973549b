"""Faces to arrays that a network reads, with labels and targets: `data/arrays/`."""

from typing import Any

import pandas as pd

from expressions.datasets.names import read_dataset_names
from expressions.errors import InputError
from expressions.faces.arrays import (
    Arrays,
    digest_faces,
    explain_without_face,
    read_faces,
    write_arrays,
)
from expressions.faces.counts import face_counts
from expressions.faces.tables import read_face_table
from expressions.labels.emotions import classes
from expressions.labels.samples import check_splits, count_samples, reject_samples
from expressions.labels.splits import TRAINING, in_order
from expressions.labels.tables import Labels, divide_rows, read_labels_csv, read_rejected
from expressions.labels.targets import make_targets, target_table
from expressions.pictures.twins import find_twins
from expressions.pipeline import paths
from expressions.pipeline.outputs import whole_folder, write_csv, write_json
from expressions.pipeline.parameters import read_section
from expressions.pipeline.stage import run


def main() -> None:
    """Write one array and one table a split, what was left out, the twins, and all counts."""
    section = read_section(Arrays, "arrays")
    if section.low >= section.high:
        raise InputError(f"params.yaml: arrays.low ({section.low}) must be below arrays.high.")
    labels = read_section(Labels, "labels")
    datasets = read_dataset_names()
    samples = read_labels_csv(paths.SAMPLES)
    image_ids = samples["image_id"].tolist()
    targets = make_targets(samples, labels)
    digests = digest_faces([paths.FACES / name for name in datasets], image_ids)
    tables = {name: read_face_table(name) for name in datasets}
    training = (samples["split"] == TRAINING).to_numpy()
    reasons = reject_samples(
        samples["split"],
        explain_without_face(image_ids, digests, tables.values()),
        find_twins(digests, training) & section.drop_twins,
        targets.sum(axis=1) == 0,
    )
    rows = divide_rows(samples.assign(reason=reasons), "arrays")
    check_splits(rows.kept)
    leaked = find_twins(digests, ~training) & (reasons == "")
    with whole_folder(paths.ARRAYS) as folder:
        write_csv(folder / paths.REJECTED_BY_ARRAYS.name, rows.rejected)
        write_csv(folder / paths.TWINS.name, samples.loc[leaked, ["image_id", "split"]])
        splits = {}
        for split in in_order(rows.kept["split"]):
            its = rows.kept[rows.kept["split"] == split]
            table = target_table(its, targets[its.index], classes(labels.classes))
            write_csv(folder / paths.array_table(split).name, table)
            splits[split] = table["image_id"].tolist()
        faces = read_faces([paths.FACES / name for name in datasets])
        write_arrays(folder, splits, faces, section)
    counts = {name: count(name, samples, rows.rejected, tables[name]) for name in datasets}
    write_json(paths.DATA_METRICS, counts)
    print(rows.kept.groupby("split", sort=False).size().to_string())


def count(
    dataset: str, samples: pd.DataFrame, rejected: pd.DataFrame, faces: pd.DataFrame
) -> dict[str, Any]:
    """Count rows in, what became of the faces, and per split rows in, kept and rejected."""
    by_label = read_rejected(paths.rejected_by_clean(dataset))
    every, splits = count_samples(samples[samples["dataset"] == dataset], by_label, rejected)
    return every | {"faces": face_counts(faces)} | splits


if __name__ == "__main__":
    run(main)

"""Bring one data set's labels to the common names, row by row: `data/clean/<dataset>.csv`."""

from expressions.datasets.layout import find_layout
from expressions.labels.tables import Labels, check_kept
from expressions.pipeline.outputs import write_csv
from expressions.pipeline.parameters import read_section
from expressions.pipeline.paths import RAW, clean_table, rejected_by_clean
from expressions.pipeline.stage import run


def main(dataset: str) -> None:
    """Write the kept rows of DATASET and, beside them, the rejected ones with their reasons."""
    labels = read_section(Labels, "labels")
    layout = find_layout(dataset)
    section = read_section(layout.Clean, f"clean.{dataset}")
    rows = layout.read_rows(dataset, RAW / dataset, section, labels.classes)
    check_kept(rows, dataset)
    write_csv(clean_table(dataset), rows.kept)
    write_csv(rejected_by_clean(dataset), rows.rejected)
    print(f"{dataset}: {len(rows.kept)} kept, {len(rows.rejected)} rejected")


if __name__ == "__main__":
    run(main)

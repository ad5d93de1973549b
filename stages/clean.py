"""Bring one data set's labels to the common names, row by row: `data/clean/<dataset>.csv`."""

from expressions.datasets.layout import find_layout
from expressions.labels.tables import Labels, check_kept, divide_intended
from expressions.pipeline.outputs import write_csv
from expressions.pipeline.parameters import read_section
from expressions.pipeline.paths import RAW, clean_table, intended_table, rejected_by_clean
from expressions.pipeline.stage import run


def main(dataset: str) -> None:
    """Write the kept rows of DATASET, what they were meant to show, and the rejected ones."""
    labels = read_section(Labels, "labels")
    layout = find_layout(dataset)
    section = read_section(layout.Clean, f"clean.{dataset}")
    rows = layout.read_rows(dataset, RAW / dataset, section, labels.classes)
    check_kept(rows, dataset)
    kept, intended = divide_intended(rows.kept)
    write_csv(clean_table(dataset), kept)
    write_csv(intended_table(dataset), intended)
    write_csv(rejected_by_clean(dataset), rows.rejected)
    print(f"{dataset}: {len(rows.kept)} kept, {len(rows.rejected)} rejected")


if __name__ == "__main__":
    run(main)

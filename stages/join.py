"""Join the data sets to one table with splits: `data/samples.csv`."""

from pathlib import Path

from expressions.datasets.names import read_dataset_names
from expressions.labels.samples import Join, join_datasets
from expressions.labels.tables import read_labels_csv
from expressions.pipeline.leftovers import remove_leftovers
from expressions.pipeline.outputs import write_csv
from expressions.pipeline.parameters import read_section
from expressions.pipeline.paths import SAMPLES, clean_table
from expressions.pipeline.stage import run


def main() -> None:
    """Write the joined table of all data sets."""
    section = read_section(Join, "join")
    datasets = read_dataset_names()
    tables = {name: read_labels_csv(clean_table(name)) for name in datasets}
    samples = join_datasets(tables, section.iefdb_split)
    write_csv(SAMPLES, samples)
    print(samples.groupby(["dataset", "split"], sort=False).size().to_string())


if __name__ == "__main__":
    # Before its inputs are noted: one of them is the folder with the tables of all data sets.
    run(main, at_start=lambda: remove_leftovers(Path("data"), read_dataset_names()))

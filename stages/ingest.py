"""Take one data set's files, or make the embedded one, and check them: `data/raw/<dataset>/`."""

from expressions.datasets.layout import Embedded, find_layout, read_limits
from expressions.datasets.names import check_dataset_name
from expressions.errors import InputError
from expressions.pipeline.outputs import whole_folder
from expressions.pipeline.parameters import read_value
from expressions.pipeline.paths import RAW, SOURCE
from expressions.pipeline.stage import run


def main(dataset: str) -> None:
    """Write the raw files of DATASET, whole and checked."""
    check_dataset_name(dataset)
    layout, limits = find_layout(dataset), read_limits(dataset)
    source = read_value("source")
    if source not in ("demo", "files"):
        raise InputError(f"params.yaml: source is {source!r}, expected demo or files.")
    with whole_folder(RAW / dataset) as folder:
        if source == "demo" and isinstance(layout, Embedded):
            layout.make(SOURCE / source / dataset, folder)
        else:
            layout.take(SOURCE / source / dataset, folder, limits)


if __name__ == "__main__":
    run(main)

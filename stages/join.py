"""Join the data sets to one table with splits: `data/samples.csv`."""

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from expressions.errors import run
from expressions.labels import ferplus
from expressions.labels.tables import SAMPLE_COLUMNS, read_labels_csv
from expressions.pipeline.leftovers import forget_others
from expressions.pipeline.outputs import write_csv
from expressions.pipeline.parameters import Section, read_section, read_value


class Join(Section):
    """The `join` section of the parameters."""

    iefdb_split: Literal["iefdb", "validation"]


def main() -> None:
    """Write the joined table of all data sets."""
    section = read_section(Join, "join")
    datasets = read_value("datasets")
    forget_others(Path("data"), datasets)
    tables = {name: read_labels_csv(Path(f"data/clean/{name}.csv")) for name in datasets}
    samples = join(tables, section.iefdb_split)
    write_csv(Path("data/samples.csv"), samples)
    print(samples.groupby(["dataset", "split"], sort=False).size().to_string())


def join(tables: dict[str, pd.DataFrame], iefdb_split: str) -> pd.DataFrame:
    """All rows of `tables` in one, sorted by data set as given, then by id.

    `majority` is true where FER+'s official majority keeps the row, and for every row without
    votes, whose label nobody disputes. Vote columns are blank there.
    """
    columns = [*SAMPLE_COLUMNS, *ferplus.VOTE_COLUMNS]
    rows = [
        table.reindex(columns=columns).assign(dataset=dataset) for dataset, table in tables.items()
    ]
    samples = pd.concat(rows, ignore_index=True)
    samples["split"] = samples["split"].replace("iefdb", iefdb_split)
    samples["majority"] = _majority(samples[list(ferplus.VOTE_COLUMNS)])
    return samples[["image_id", "dataset", "split", "label", "majority", *ferplus.VOTE_COLUMNS]]


def _majority(votes: pd.DataFrame) -> NDArray[np.bool_]:
    counts = votes.fillna(0).to_numpy(dtype=np.int64)
    return ferplus.majority(counts) | votes.isna().all(axis=1).to_numpy()


if __name__ == "__main__":
    run(main)

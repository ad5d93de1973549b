"""The one door to lists: text in UTF-8 without a header, cells with blanks between them."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from expressions.datasets.sources.csv_tables import LARGEST_TABLE, open_lines
from expressions.errors import InputError

LINE = "line"
"""The column that holds the number of each row's line, counted from 1."""


def read_list(path: Path, columns: Sequence[str], name: str | Path | None = None) -> pd.DataFrame:
    """Read a list as text, the columns called `columns`, beside them `LINE`.

    Lines without a cell do not count. `name` is what an error calls the list, by default `path`.

    Raises:
        InputError: no text in UTF-8, no rows, or a row with more or fewer cells.
    """
    name = str(name or path)
    rows: list[list[str | int]] = []
    with open_lines(path, name, LARGEST_TABLE) as stream:
        for number, line in enumerate(stream, start=1):
            cells = line.decode("utf-8-sig" if number == 1 else "utf-8").split()
            if not cells:
                continue
            if len(cells) != len(columns):
                raise InputError(
                    f"{name}, line {number}: found {len(cells)} cells, expected {len(columns)} "
                    f"({' '.join(columns)}). Correct the line, or say what its cells are."
                )
            rows.append([*cells, number])
    if not rows:
        raise InputError(f"{name} holds no rows.")
    return pd.DataFrame(rows, columns=[*columns, LINE])

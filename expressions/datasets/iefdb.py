"""The raw layout of IEFDB: a folder of photographs and a table with the intended expression."""

from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from expressions.datasets.csv_tables import read_table
from expressions.errors import InputError

PICTURES = "Original.zip"
PICTURE_FOLDER = "Original"
LABEL_TABLES = ("ImageDescriptionWEmotions.csv",)
SUFFIXES = (".jpg", ".jpeg", ".png")

_NAME = pa.Column(
    pa.String,
    [pa.Check.str_length(min_value=1), pa.Check(lambda names: ~names.duplicated())],
    description="a name that stands nowhere else in the column",
)


def read_labels(path: Path, label_column: str = "IntendedExpression") -> pd.DataFrame:
    """The table of intended expressions: at least `PicNum` and `label_column`, as text.

    Raises:
        InputError: a missing column, a blank `PicNum`, or one that stands twice.
    """
    schema = pa.DataFrameSchema({"PicNum": _NAME, label_column: pa.Column(pa.String)})
    table = read_table(path, schema)
    return table.assign(PicNum=[Path(name).stem for name in table["PicNum"].str.strip()])


def pictures(folder: Path) -> dict[str, Path]:
    """The photographs in `folder` by `PicNum`, sorted by it.

    Raises:
        InputError: two files for one `PicNum`, such as `7.jpg` and `7.png`.
    """
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in SUFFIXES:
            continue
        if path.stem in found:
            raise InputError(
                f"{found[path.stem].name} and {path.name} in {folder} are two pictures of one "
                f"PicNum. Remove or rename one."
            )
        found[path.stem] = path
    return found


def image_id(picture_number: str) -> str:
    """The id of a photograph; ids sort as their `PicNum` does."""
    return f"iefdb-{picture_number}"

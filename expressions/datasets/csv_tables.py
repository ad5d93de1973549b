"""Reading CSV tables against a schema; an error names the file, the row and the column."""

from pathlib import Path
from typing import IO

import pandas as pd
import pandera.pandas as pa

from expressions.errors import InputError


def read_table(
    source: Path | IO[bytes], schema: pa.DataFrameSchema, name: str | Path | None = None
) -> pd.DataFrame:
    """Read a CSV and check it; blanks around the column names are dropped.

    Empty cells of text columns are empty text, so that a blank name is not a missing value.
    `name` is what an error calls the table, by default the path of `source`.

    Raises:
        InputError: no CSV, a missing column, or a value that the schema does not allow.
    """
    name = name or str(source)
    try:
        table = pd.read_csv(source, skipinitialspace=True, keep_default_na=False, dtype=str)
    except (ValueError, OSError) as error:
        raise InputError(f"{name} cannot be read as a CSV table: {error}") from None
    table.columns = table.columns.str.strip()
    missing = [column for column in schema.columns if column not in table.columns]
    if missing:
        found, expected = (", ".join(columns) for columns in (table.columns, schema.columns))
        raise InputError(
            f"{name}: column {missing[0]!r} is missing. Found the columns {found}; expected "
            f"{expected}."
        )
    try:
        return schema.validate(table, lazy=True)
    except pa.errors.SchemaErrors as errors:
        raise InputError(_explain(errors.failure_cases, schema, str(name))) from None


def _explain(cases: pd.DataFrame, schema: pa.DataFrameSchema, name: str) -> str:
    case = cases.sort_values("index", na_position="last", kind="stable").iloc[0]
    where = name if pd.isna(case["index"]) else f"{name}, row {int(case['index']) + 2}"
    rule = schema.columns.get(case["column"])
    expected = rule.description if rule is not None and rule.description else case["check"]
    return (
        f"{where}: column {case['column']!r} holds {str(case['failure_case'])!r}, expected "
        f"{expected}. {len(cases)} value(s) of the table are wrong; this is the first."
    )

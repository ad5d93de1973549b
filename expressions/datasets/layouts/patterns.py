"""What a picture's name says of it: the emotion, the split, the person, by a pattern of one's own.

Emotions in file names (`KA.AN1.39`), persons in folders (`happy/anna/1`) and splits in the front of
a name (`train_00001`) are the same to it: groups of a regular expression.
"""

import re
from typing import Annotated

import pandas as pd
from pydantic import AfterValidator

from expressions.errors import InputError
from expressions.pipeline.runtimes.time_limit import time_limit

GROUPS = {"emotion": "label", "split": "split", "person": "person"}
"""The named groups that a pattern may have, and the columns of `own_rows.ROW_COLUMNS` they fill."""

OTHER_NAME = "other_name"
"""The reason against a picture whose name is not as the pattern says."""

MOST_SECONDS = 60.0
"""For all names together; a million take three."""


def _check(pattern: str) -> str:
    try:
        groups = set(re.compile(pattern).groupindex)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from None
    if not groups or not groups <= GROUPS.keys():
        raise ValueError(
            f"named groups of the pattern are {', '.join(sorted(groups)) or 'missing'}, expected "
            f"some of {', '.join(f'(?P<{group}>…)' for group in GROUPS)}"
        )
    return pattern


Pattern = Annotated[str, AfterValidator(_check)]
"""A regular expression of Python's for a picture's whole name, with some of `GROUPS`."""


def read_names(rows: pd.DataFrame, pattern: str | None) -> pd.DataFrame:
    """Return `rows` with what their pictures' names say, where they do not say it themselves.

    Args:
        rows: `own_rows.ROW_COLUMNS`; those whose picture's name is another get a reason.
        pattern: a `Pattern`; without one the rows stay as they are.

    Raises:
        InputError: the names take longer than `MOST_SECONDS`.
    """
    if pattern is None or rows.empty:
        return rows
    try:
        with time_limit(MOST_SECONDS):
            matches = [re.fullmatch(pattern, name) for name in rows["picture"]]
    except TimeoutError:
        raise InputError(
            f"The pattern {pattern!r} takes longer than {MOST_SECONDS:g} s for {len(rows):,} "
            "names. Expected is one that knows where each of its parts ends: what repeats a "
            "repetition, such as (a+)+, tries every way to divide a name."
        ) from None
    found = pd.DataFrame([m.groupdict(default="") if m else {} for m in matches], rows.index)
    said = rows.copy()
    for group in found.columns:
        column = GROUPS[group]
        said[column] = rows[column].where(rows[column] != "", found[group].fillna(""))
    other = pd.Series([match is None for match in matches], rows.index)
    said["reason"] = rows["reason"].mask(other & (rows["reason"] == ""), OTHER_NAME)
    return said

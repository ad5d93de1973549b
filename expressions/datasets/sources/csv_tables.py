"""The one door to CSV tables: UTF-8, commas, a header, and as many cells in each row as it names.

Whatever is wrong becomes a message with the table's path and, where there is one, the row. Memory
stays bounded whatever the file holds: a line, the number of columns, and a table that is read as a
whole have limits that a table of labels is far from.
"""

import codecs
import csv
import io
import os
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pandas as pd
import pandera.pandas as pa

from expressions.errors import InputError
from expressions.pipeline.system.error_messages import explain

LARGEST_TABLE = 64 << 20
"""Bytes of a table that is read as a whole; a million rows of labels have about as many."""
LONGEST_LINE = 1 << 16
"""Bytes; the longest rows, FER-2013's, have 9,300."""
MOST_COLUMNS = 1000

_SHOWN_COLUMNS, _SHOWN_SIGNS = 20, 200
_READ_BYTES = 1 << 18
_SAVE = "Save it as CSV in UTF-8 (so it is called where a spreadsheet saves)."
_CELLS = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")
_QUOTE = re.compile(r"EOF inside string starting at row (\d+)")


def read_table(
    path: Path, schema: pa.DataFrameSchema, name: str | Path | None = None
) -> pd.DataFrame:
    """Read a CSV and check it; blanks around column names and before cells are dropped.

    Empty cells of text columns are empty text, so that a blank name is not a missing value.
    `name` is what an error calls the table, by default `path`.

    Raises:
        InputError: no CSV, too large a one, a missing column, no rows, or a value that the schema
            does not allow.
    """
    name = str(name or path)
    opened = _open(path, name, list(schema.columns), LARGEST_TABLE)
    with opened as (stream, header), _explained(name):
        table = pd.read_csv(stream, **_options(header))
    if table.empty:
        raise InputError(f"{name} holds no rows below its header.")
    try:
        return schema.validate(table, lazy=True)
    except pa.errors.SchemaErrors as errors:
        raise InputError(_explain(errors.failure_cases, schema, name)) from None


def read_blocks(
    path: Path, columns: Sequence[str], rows: int, name: str | Path | None = None
) -> Iterator[pd.DataFrame]:
    """Read a CSV of any length as text, `rows` at a time, with at least `columns`.

    Raises:
        InputError: no CSV, a missing column, or no rows.
    """
    name = str(name or path)
    with _open(path, name, columns) as (stream, header):
        with _explained(name):
            reader = pd.read_csv(stream, chunksize=rows, **_options(header))
        empty = True
        while True:
            with _explained(name):
                block = next(reader, None)
            if block is None or block.empty:
                break
            empty = False
            yield block
    if empty:
        raise InputError(f"{name} holds no rows below its header.")


@contextmanager
def open_lines(path: Path, name: str, largest: int | None = None) -> Iterator[IO[bytes]]:
    """Give the bytes of a text in UTF-8, whose lines are checked while they pass.

    Raises:
        InputError: at once or while it is read: no such file, more than `largest` bytes, another
            encoding, or a line that no text has.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(explain(error, f"{name} cannot be read")) from None
    with file:
        if largest and os.fstat(file.fileno()).st_size > largest:
            raise InputError(f"{name} has more than {largest >> 20} MiB, too many for a table.")
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            raise InputError(f"{name} is UTF-16 text. {_SAVE}")
        file.seek(0)
        stream: Any = io.BufferedReader(_Lines(file, name), _READ_BYTES)
        yield stream


@contextmanager
def _open(
    path: Path, name: str, columns: Sequence[str], largest: int | None = None
) -> Iterator[tuple[IO[bytes], list[str]]]:
    """Give the rows of a table as bytes, and the names of its columns."""
    with open_lines(path, name, largest) as stream:
        yield stream, _read_header(stream.readline(), name, columns)


def _read_header(line: bytes, name: str, columns: Sequence[str]) -> list[str]:
    text = line.decode("utf-8-sig").rstrip("\r\n")
    if "\r" in text:
        raise InputError(f"{name} has the line ends of old Macs. {_SAVE}")
    header = [cell.strip() for cell in next(csv.reader([text], skipinitialspace=True), [])]
    if len(header) > MOST_COLUMNS:
        raise InputError(f"{name} has {len(header)} columns, more than {MOST_COLUMNS}.")
    shown = ", ".join(header[:_SHOWN_COLUMNS])[:_SHOWN_SIGNS]
    for column in columns:
        if header.count(column) > 1:
            raise InputError(f"{name}: column {column!r} stands twice. Rename one.")
        if column not in header:
            between = next((sign for sign in ";\t|" if len(header) == 1 and sign in shown), None)
            cure = f" Its cells have {between!r} between them: save it with commas." * bool(between)
            raise InputError(
                f"{name}: column {column!r} is missing. Found the columns {shown}; expected "
                f"{', '.join(columns)}.{cure}"
            )
    return header


def _options(header: list[str]) -> dict[str, Any]:
    names = [
        name if header.index(name) == index else f"{name}.{index}"
        for index, name in enumerate(header)
    ]
    return {
        "names": names,
        "header": None,
        "index_col": False,
        "skipinitialspace": True,
        "dtype": str,
        "keep_default_na": False,
        "encoding": "utf-8",
    }


class _Lines(io.RawIOBase):
    """The bytes of a file, whose lines are checked while they pass."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file, self._name = file, name
        self._number, self._rest = 1, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self._file.read(len(buffer))
        text = self._rest + block
        *lines, rest = text.split(b"\n")
        # A character of several bytes may be cut at the end of the block.
        whole = lines if block else [*lines, rest]
        if b"\0" in text or not all(map(bytes.isascii, whole)):
            for number, line in enumerate(whole, self._number):
                self._check_text(number, line)
        lengths = [*map(len, lines), len(rest)]
        if max(lengths) > LONGEST_LINE:
            number = self._number + next(i for i, n in enumerate(lengths) if n > LONGEST_LINE)
            raise InputError(
                f"{self._name}, line {number} has more than {LONGEST_LINE} bytes, as no row of "
                "such a table does. The file is damaged, or no table."
            )
        self._number, self._rest = self._number + len(lines), rest
        buffer[: len(block)] = block
        return len(block)

    def _check_text(self, number: int, line: bytes) -> None:
        if b"\0" in line:
            raise InputError(
                f"{self._name}, line {number} holds a NUL byte, as no text does. The file is "
                "damaged, or has something else behind its end. Download or save it again."
            )
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            wrong = line[error.start]
            raise InputError(
                f"{self._name}, line {number} is no UTF-8 (byte 0x{wrong:02x}). {_SAVE}"
            ) from None


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Turn what pandas raises into a message."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            yield
    except pd.errors.ParserWarning:
        raise InputError(
            f"{name}: its rows have more cells than its header has names. Name every column."
        ) from None
    except pd.errors.EmptyDataError:
        raise InputError(f"{name} holds no rows below its header.") from None
    except ValueError as error:
        if cells := _CELLS.search(str(error)):
            expected, line, found = cells.groups()
            raise InputError(
                f"{name}, row {int(line) + 1}: found {found} cells, expected {expected}."
            ) from None
        if quote := _QUOTE.search(str(error)):
            raise InputError(
                f"{name}, row {int(quote[1]) + 2}: nothing closes a quote that opens here."
            ) from None
        what = str(error).partition("\n")[0]
        raise InputError(f"{name} cannot be read as a CSV table: {what}") from None


def _explain(cases: pd.DataFrame, schema: pa.DataFrameSchema, name: str) -> str:
    case = cases.sort_values("index", na_position="last", kind="stable").iloc[0]
    where = name if pd.isna(case["index"]) else f"{name}, row {int(case['index']) + 2}"
    rule = schema.columns.get(case["column"])
    expected = rule.description if rule is not None and rule.description else case["check"]
    return (
        f"{where}: column {case['column']!r} holds {str(case['failure_case'])!r:.80}, expected "
        f"{expected}. {len(cases)} value(s) of the table are wrong; this is the first."
    )

"""Probabilities that a program wrote to a CSV: of this project, or any other."""

import csv
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from expressions.errors import InputError
from expressions.pipeline.system.error_messages import explain
from expressions.prediction.measured.models import Answers, Pictures

NAME_COLUMNS = ("source", "file", "image", "picture", "path", "image_id")
"""What the column of pictures may be called."""

Row = dict[str, str]

# Bytes; a million pictures with eight probabilities each have about as many.
_LARGEST = 128 << 20


class WrittenAnswers:
    """A table with a row a picture, or a row a face with its `width` and `height`.

    Its columns are one of `NAME_COLUMNS` and one for each emotion; a picture without a row, or
    whose cells are blank, has no face.

    Args:
        path: the CSV.
        spellings: of the emotions, in small letters, and what they mean.

    Raises:
        InputError: no CSV, a missing column, or a cell that is no probability, with its row.
    """

    def __init__(self, path: Path, spellings: Mapping[str, str]) -> None:
        self._path = path
        header, rows = _read(path)
        self._name = next((name for name in NAME_COLUMNS if name in header), "")
        columns = {column: spellings.get(column.lower(), "") for column in header}
        self._columns = {meaning: column for column, meaning in columns.items() if meaning}
        named = [meaning for meaning in columns.values() if meaning]
        if not self._name or len(named) < 2 or len(named) != len(set(named)):
            raise InputError(
                f"{path} has the columns {', '.join(header)}; expected one of pictures "
                f"({', '.join(NAME_COLUMNS)}) and one for each emotion, each once."
            )
        self.classes = tuple(dict.fromkeys(e for e in spellings.values() if e in self._columns))
        self._rows: defaultdict[str, list[tuple[int, Row]]] = defaultdict(list)
        for number, row in enumerate(rows, start=2):
            self._rows[row[self._name].strip().replace("\\", "/")].append((number, row))

    def answer(self, pictures: Pictures, quiet: bool) -> Answers:  # noqa: ARG002
        """Say what the table has on each picture.

        Raises:
            InputError: the table knows none of the pictures, or has several rows on one and does
                not say which face is the largest.
        """
        places = _match(self._path, pictures.names, list(self._rows))
        probabilities = np.full((len(pictures.names), len(self.classes)), np.nan)
        for source, place in places.items():
            probabilities[place] = self._largest(self._rows[source])
        missing = len(pictures.names) - len(places)
        strange = len(self._rows) - len(places)
        if not places:
            first = next(iter(self._rows), "no row")
            raise InputError(
                f"{self._path} names none of the pictures: it has {first!r}, the first picture is "
                f"{pictures.names[0]!r}."
            )
        notes = [f"{missing} pictures have no row and count as without a face"] * bool(missing)
        notes += [f"{strange} rows are of none of the pictures"] * bool(strange)
        return Answers(self.classes, probabilities, notes=tuple(notes))

    def _largest(self, rows: Sequence[tuple[int, Row]]) -> NDArray[np.float64]:
        def area(row: tuple[int, Row]) -> float:
            return self._number(row, "width") * self._number(row, "height")

        if len(rows) > 1 and not {"width", "height"} <= rows[0][1].keys():
            raise InputError(
                f"{self._path}, row {rows[1][0]}: {rows[1][1][self._name]!r} stands twice. Keep "
                "one row a picture, or add the width and height of each face."
            )
        chosen = max(rows, key=area) if len(rows) > 1 else rows[0]
        cells = [chosen[1][self._columns[name]].strip() for name in self.classes]
        if not any(cells):
            return np.full(len(cells), np.nan)
        return np.array([self._number(chosen, self._columns[name]) for name in self.classes])

    def _number(self, row: tuple[int, Row], column: str) -> float:
        number, cells = row
        try:
            value = float(cells[column])
        except ValueError:
            value = math.nan
        if not 0 <= value < math.inf:
            raise InputError(
                f"{self._path}, row {number}: column {column!r} holds {cells[column]!r}, expected "
                "a number from 0 on."
            )
        return value


def _read(path: Path) -> tuple[list[str], list[Row]]:
    if path.exists() and not path.is_file():
        raise InputError(f"{path} cannot be read as a CSV table: it is no file.")
    if path.exists() and path.stat().st_size > _LARGEST:
        raise InputError(f"{path} has more than {_LARGEST >> 20} MiB, too many for a table.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [line for line in csv.reader(file, strict=True) if line]
    except OSError as error:
        raise InputError(explain(error, f"{path} cannot be read")) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} cannot be read as a CSV table: {error}") from None
    header = [name.strip() for name in lines[0]] if lines else []
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(header):
            raise InputError(
                f"{path}, row {number}: {len(line)} cells, expected {len(header)} as in the header."
            )
    return header, [dict(zip(header, line, strict=True)) for line in lines[1:]]


def _match(path: Path, names: Sequence[str], sources: Sequence[str]) -> dict[str, int]:
    """Return the place of the picture that each source names; a source may have more in front."""
    places = {name: place for place, name in enumerate(names)}
    by_file: defaultdict[str, list[int]] = defaultdict(list)
    for name, place in places.items():
        by_file[PurePosixPath(name).name].append(place)
    found: dict[str, int] = {}
    first: dict[int, str] = {}
    for source in sources:
        parts = PurePosixPath(source).parts
        ends = ["/".join(parts[start:]) for start in range(len(parts))]
        matches = [places[end] for end in ends if end in places]
        # A bare file name will do where it is the only one.
        matches += by_file[source] if len(by_file.get(source, [])) == 1 else []
        if not matches:
            continue
        other = first.setdefault(matches[0], source)
        if other != source:
            raise InputError(
                f"{path}: {other!r} and {source!r} name one picture. Keep one of them."
            )
        found[source] = matches[0]
    return found

"""Faces that were found before, so that an added picture costs its own detection and no more.

A picture's faces are kept under the hash of its bytes, of the detector's parameters, and of the
versions and code that decide them. A hit gives the floats that the detector gave, to the bit, so a
run with the store, without it or with parts of it ends with the same bytes. The store may be
deleted at any time. `diskcache` would do the same; it has had no release since 2023 and stores
pickles, and SQLite, which it stands on, needs no more code.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Self

import numpy as np

from expressions.faces.detection.mtcnn import FACE_COLUMNS, Face, face_numbers, face_of_numbers
from expressions.faces.detection.mtcnn_networks import weights_digest
from expressions.pipeline.code import closure

FOLDER = Path(".cache")
SWITCH = "EXPRESSIONS_FACE_STORE"
"""The environment variable that turns the store off when it is `off`."""

LIMIT = 256 * 2**20
"""Bytes; beyond it, what was used longest ago goes. A picture with one face takes about 250."""

_PACKAGES = ("numpy", "onnxruntime", "opencv-python-headless")
_DETECTOR = "expressions.faces.detection.mtcnn"

_OVERHEAD = 130
"""Bytes of a row beside its faces, measured: key, row header, index."""
_KEPT_SHARE = 0.9
"""Of the limit, after something had to go."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS faces (
    key BLOB PRIMARY KEY, faces BLOB NOT NULL, used INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_use ON faces (used);
"""


class FaceStore:
    """A bounded table of faces by key; whatever is wrong with its file, it only forgets."""

    def __init__(self, folder: Path = FOLDER, limit: int = LIMIT) -> None:
        self._path = folder / "faces.sqlite"
        self._limit = limit
        self._connection: sqlite3.Connection | None = None
        if os.environ.get(SWITCH) == "off":
            return
        with self._forgiving():
            self._open()
        if self._connection is None:
            # Once more, now that a damaged file is gone.
            with self._forgiving():
                self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def get(self, keys: Sequence[bytes]) -> list[list[Face] | None]:
        """Return the faces under each key, None where they are not known."""
        found: list[list[Face] | None] = [None] * len(keys)
        with self._forgiving() as connection:
            if connection is None:
                return found
            for index, key in enumerate(keys):
                row = connection.execute("SELECT faces FROM faces WHERE key = ?", (key,)).fetchone()
                found[index] = None if row is None else _from_bytes(row[0])
            used = [
                (self._run, key) for key, its in zip(keys, found, strict=True) if its is not None
            ]
            connection.executemany("UPDATE faces SET used = ? WHERE key = ?", used)
        return found

    def put(self, items: Iterable[tuple[bytes, list[Face]]]) -> None:
        """Keep faces; what this has written, a kill does not lose."""
        rows = [(key, _to_bytes(faces)) for key, faces in items]
        with self._forgiving() as connection:
            if connection is None:
                return
            connection.executemany(
                "INSERT OR REPLACE INTO faces VALUES (?, ?, ?)",
                [(key, faces, self._run) for key, faces in rows],
            )
            self._size += sum(_OVERHEAD + len(faces) for _, faces in rows)
            if self._size > self._limit:
                self._forget(connection)

    def _open(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(self._path)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.executescript(_SCHEMA)
        last, self._size = self._connection.execute(
            "SELECT MAX(used), TOTAL(LENGTH(faces) + ?) FROM faces", (_OVERHEAD,)
        ).fetchone()
        self._run = (last or 0) + 1

    def _forget(self, connection: sqlite3.Connection) -> None:
        """Drop what was used longest ago, with some room to spare."""
        gone = []
        for key, length in connection.execute("SELECT key, LENGTH(faces) FROM faces ORDER BY used"):
            if self._size <= _KEPT_SHARE * self._limit:
                break
            gone.append((key,))
            self._size -= _OVERHEAD + length
        connection.executemany("DELETE FROM faces WHERE key = ?", gone)

    @contextmanager
    def _forgiving(self) -> Iterator[sqlite3.Connection | None]:
        """One transaction; an error turns the store off, and a damaged file is removed."""
        try:
            if self._connection is None:
                yield None
            else:
                with self._connection:
                    yield self._connection
        except sqlite3.OperationalError:
            # The disk is full or not to be written, or another run holds the file for long.
            self.__exit__()
        except (sqlite3.DatabaseError, OSError):
            self.__exit__()
            for path in self._path.parent.glob(f"{self._path.name}*"):
                path.unlink(missing_ok=True)


@cache
def detector_fingerprint(min_face: float, longest_side: int) -> bytes:
    """Return the hash of everything besides the picture that decides what is found in it."""
    digest = hashlib.sha256()
    for part in (
        repr((min_face, longest_side)),
        weights_digest(),
        *(f"{package} {version(package)}" for package in _PACKAGES),
        *(f"{path} {digest}" for path, digest in closure(_DETECTOR).items()),
    ):
        digest.update(hashlib.sha256(part.encode()).digest())
    return digest.digest()


def key(png: bytes, min_face: float, longest_side: int) -> bytes:
    """Return under what the faces of a picture are kept."""
    return hashlib.sha256(detector_fingerprint(min_face, longest_side) + png).digest()


def _to_bytes(faces: Sequence[Face]) -> bytes:
    return np.array([face_numbers(face) for face in faces], dtype="<f8").tobytes()


def _from_bytes(content: bytes) -> list[Face]:
    rows = np.frombuffer(content, dtype="<f8").reshape(-1, len(FACE_COLUMNS))
    return [face_of_numbers(row) for row in rows]

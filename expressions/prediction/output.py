"""The forms in which `expressions predict` writes: a table to read, JSON lines, and CSV."""

import csv
import io
import json
import shutil
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from expressions.labels.prior import Prior
from expressions.pipeline.console import printable_json, printable_name
from expressions.prediction.frames import FaceResult, Frame, FrameResult
from expressions.prediction.persons import Person
from expressions.prediction.recognizer import Recognition
from expressions.prediction.sources import Source

_DECIMALS = 6
_SHORT_NAME = 4
_LEFT = 63
"""Columns of the table before the probabilities."""
_NO_TERMINAL = 1000


class JsonLines:
    """One line a picture or frame, in the form that docs/photos.md shows."""

    def __init__(self, classes: Sequence[str]) -> None:
        self._classes = classes

    def text_of(self, result: FrameResult) -> str:
        """Return one object and a line end."""
        frame = result.frame
        content: dict[str, Any] = {"source": frame.source.path}
        if frame.error:
            content["error"] = frame.error
        if result.is_read:
            if result.is_of_video:
                content |= {"frame": frame.number, "time": _seconds(frame)}
            content["faces"] = [self._face(face) for face in result.faces]
        if frame.note:
            content["note"] = frame.note
        return printable_json(json.dumps(content, ensure_ascii=False)) + "\n"

    def text_of_video(self, source: Source, persons: Sequence[Person]) -> str:  # noqa: ARG002
        """Return nothing: every frame has its line."""
        return ""

    def _face(self, result: FaceResult) -> dict[str, Any]:
        one = result.recognition
        face = one.face
        content: dict[str, Any] = {} if result.person is None else {"person": result.person}
        content |= {
            "box": [face.x, face.y, face.width, face.height],
            "confidence": face.confidence,
            "emotion": one.emotion,
            "probabilities": self._by_name(one.probabilities),
        }
        if one.prior != Prior.TRAINING:
            content["prior"] = one.prior
        if one.whole_picture:
            content["whole_picture"] = True
        if result.smoothed is not None:
            content["smoothed"] = self._by_name(result.smoothed)
        return content

    def _by_name(self, probabilities: NDArray[np.float32]) -> dict[str, float]:
        rounded = [round(float(value), _DECIMALS) for value in probabilities]
        return dict(zip(self._classes, rounded, strict=True))


class CsvRows:
    """One row a face; one with blanks for a picture or frame without a face, or with an error."""

    def __init__(self, classes: Sequence[str]) -> None:
        self._classes = [_no_formula(name) for name in classes]
        self._columns = ["source", "frame", "time", "person", "x", "y", "width", "height",
                         "confidence", "emotion", *self._classes, "prior", "whole_picture",
                         "error", "note"]  # fmt: skip
        self._started = False

    def text_of(self, result: FrameResult) -> str:
        """Return the rows; before the first ones, the header."""
        sink = io.StringIO()
        rows = csv.DictWriter(sink, self._columns, restval="", lineterminator="\n")
        if not self._started:
            rows.writeheader()
            self._started = True
        frame = result.frame
        shared: dict[str, Any] = {
            "source": _no_formula(frame.source.path),
            "error": _no_formula(frame.error),
            "note": _no_formula(frame.note),
        }
        if result.is_of_video:
            shared |= {"frame": frame.number, "time": _seconds(frame)}
        for face in result.faces:
            rows.writerow(shared | {"person": face.person} | self._face(face.recognition))
        if not result.faces:
            rows.writerow(shared)
        return sink.getvalue()

    def text_of_video(self, source: Source, persons: Sequence[Person]) -> str:  # noqa: ARG002
        """Return nothing: every frame has its rows."""
        return ""

    def _face(self, one: Recognition) -> dict[str, Any]:
        box = {name: getattr(one.face, name) for name in ("x", "y", "width", "height")}
        rounded = [round(float(value), _DECIMALS) for value in one.probabilities]
        named = dict(zip(self._classes, rounded, strict=True))
        return {
            **box,
            "confidence": one.face.confidence,
            "emotion": _no_formula(one.emotion),
            **named,
            "prior": one.prior,
            "whole_picture": "true" if one.whole_picture else "",
        }


class Table:
    """Lines to read, in per cent: one a face, and for a video one a person."""

    def __init__(self, classes: Sequence[str]) -> None:
        self._classes = [printable_name(name) for name in classes]
        self._head_of = ""
        wide = shutil.get_terminal_size((_NO_TERMINAL, 0)).columns >= _LEFT + sum(
            len(name) + 2 for name in self._classes
        )
        self._names = [name if wide else name[:_SHORT_NAME] for name in self._classes]

    def text_of(self, result: FrameResult) -> str:
        """Return a line for each face of a picture; a video's frames wait for its end."""
        source = _shortened(result.frame.source.path, 26)
        frame = result.frame
        beside = "".join(
            f"{source:26}  {kind}: {printable_name(text)}\n"
            for kind, text in (("error", frame.error), ("note", frame.note))
            if text
        )
        if not result.is_read or result.is_of_video:
            return beside
        if not result.faces:
            return f"{source:26}  no face\n{beside}"
        head = self._head("picture", f"{'picture':26}  {'face at':>11}  {'size':>9}")
        lines = [
            f"{source:26}  {_place(one):>11}  "
            f"{f'{one.face.width:.0f}×{one.face.height:.0f}':>9}  "
            f"{self._row(one.emotion, one.probabilities)}"
            for one in (face.recognition for face in result.faces)
        ]
        return head + "".join(lines) + beside

    def text_of_video(self, source: Source, persons: Sequence[Person]) -> str:
        """Return a line for each person: when, in how many frames, and the mean of its emotions."""
        name = _shortened(source.path, 26)
        if not persons:
            return f"{name:26}  no face\n"
        head = self._head("video", f"{'video':26}  {'person':>6}  {'seen (s)':>14}  {'frames':>6}")
        lines = [
            f"{name:26}  {person.number:6}  {f'{person.first:.1f} to {person.last:.1f}':>14}  "
            f"{person.frames:6}  {self._row(self._classes[int(person.mean.argmax())], person.mean)}"
            for person in persons
        ]
        return head + "".join(lines)

    def _head(self, kind: str, start: str) -> str:
        if self._head_of == kind:
            return ""
        self._head_of = kind
        return f"{start}  {'emotion':9}  {'  '.join(self._names)}\n"

    def _row(self, emotion: str, probabilities: NDArray[np.floating[Any]]) -> str:
        shares = zip(self._names, probabilities.tolist(), strict=True)
        cells = [f"{round(100 * share):{len(name)}}" for name, share in shares]
        return f"{printable_name(emotion):9}  {'  '.join(cells)}\n"


def _place(one: Recognition) -> str:
    return "whole" if one.whole_picture else f"{one.face.x:.0f}, {one.face.y:.0f}"


def _seconds(frame: Frame) -> float:
    return round(frame.time or 0.0, 3)


def _no_formula(text: str) -> str:
    # Spreadsheets run cells that begin so, in Japanese also with the wide signs.
    text = printable_name(text)
    return f"'{text}" if text.startswith(tuple("=+-@＝＋－＠")) else text


def _shortened(text: str, width: int) -> str:
    text = printable_name(text)
    return text if len(text) <= width else f"…{text[1 - width :]}"

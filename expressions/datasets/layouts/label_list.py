"""The layout `list`: pictures, and a text without a header that names and labels them.

So come RAF-DB (`list_patition_label.txt`) and ExpW (`label.lst`, with boxes of several faces a
picture).
"""

import re
import shutil
from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import AfterValidator, Field

from expressions.datasets.layouts import own_pictures, own_rows
from expressions.datasets.sources.limits import Limits
from expressions.datasets.sources.lists import LINE, read_list
from expressions.errors import InputError
from expressions.labels.tables import Rows
from expressions.pictures.parts import Part
from expressions.pictures.rendering import render_parts

BOX = ("left", "top", "right", "bottom")
_FACE = re.compile(r"[A-Za-z0-9_]+")

Cell = Literal["file", "face", "left", "top", "right", "bottom", "label", "split", "person", "_"]


def _check_columns(columns: list[Cell]) -> list[Cell]:
    for column in columns:
        if column != "_" and columns.count(column) > 1:
            raise ValueError(f"{column} stands twice; _ is for cells that say nothing here")
    if not {"file", "label"} <= set(columns):
        raise ValueError("file and label have to be among the columns")
    if len(set(BOX) & set(columns)) not in (0, len(BOX)):
        raise ValueError(f"of a box, all of {', '.join(BOX)} have to be there")
    if "face" in columns and "left" not in columns:
        raise ValueError("several faces of a picture need boxes: left, top, right, bottom")
    return columns


def _check_picture(picture: str) -> str:
    if picture.count("{}") != 1 or not own_pictures.is_below(picture):
        raise ValueError("expected a path below the data set's folder with one {}")
    return picture


def _check_path(path: str) -> str:
    if not own_pictures.is_below(path):
        raise ValueError("expected a path below the data set's folder")
    return path


class LabelList(Limits):
    """The `ingest` section of a data set in this layout, and with it the layout."""

    layout: Literal["list"]
    list_file: Annotated[str, AfterValidator(_check_path)]
    """The list, relative to the data set's folder."""
    columns: Annotated[list[Cell], AfterValidator(_check_columns)]
    """What the cells of a row are; `_` for those that say nothing here."""
    picture: Annotated[str, AfterValidator(_check_picture)] = Field(default="{}")
    """Where the picture lies that a row names as `{}`, without suffix."""
    margin: float = Field(default=0.0, ge=-0.25, le=1)
    """Share of a box that is added on each side."""

    Clean: ClassVar[type[own_rows.CleanPictures]] = own_rows.CleanPictures

    @property
    def has_boxes(self) -> bool:
        """Whether the list has a face's box in each row."""
        return "left" in self.columns

    def take(self, source: Path, folder: Path, limits: Limits) -> None:
        """Copy the pictures and their list into `folder`, and check every row."""
        own_pictures.take_pictures(source, folder, limits)
        path = source / self.list_file
        if not path.is_file():
            raise InputError(
                f"{path} is missing. Put the list there, or correct list_file in params.yaml, in "
                "this data set's part of ingest."
            )
        print(f"{path}: {len(self.rows_of_list(source))} rows")
        target = folder / self.list_file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)

    def read_rows(
        self, dataset: str, raw: Path, section: own_rows.CleanPictures, classes: int
    ) -> Rows:
        """Label the pictures, or the faces in them, as the list says."""
        pictures = own_pictures.find_pictures(raw)
        rows = self.rows_of_list(raw)
        own_pictures.check_names(rows, pictures, "file")
        return own_rows.label_pictures(dataset, rows, pictures, section, classes)

    def render(self, dataset: str, raw: Path) -> Iterator[tuple[str, bytes | None]]:
        """Give `(image_id, PNG)` of each picture or face, by ascending id; None if unreadable."""
        if not self.has_boxes:
            return own_pictures.render_pictures(dataset, raw)
        pictures = own_pictures.find_pictures(raw)
        rows = self.rows_of_list(raw)
        cut = rows[(rows["reason"] == "") & rows["picture"].isin(pictures)]
        ids = [own_pictures.image_id(dataset, name) for name in cut["name"]]
        files = [pictures[name] for name in cut["picture"]]
        corners = cut[list(BOX)].to_numpy(np.float64).tolist()
        boxes = [Part(x1, y1, x2, y2, self.margin) for x1, y1, x2, y2 in corners]
        return render_parts(sorted(zip(ids, files, boxes, strict=True)))

    def rows_of_list(self, folder: Path) -> pd.DataFrame:
        """Return one row a row of the list, `own_rows.ROW_COLUMNS` and, of boxes, `BOX` as numbers.

        Rows that say the same of the same thing are kept once; where they differ, none is kept.

        Raises:
            InputError: a row has other cells than `columns` says, or a box is no numbers.
        """
        path = folder / self.list_file
        table = read_list(path, self.columns)
        where = [f"{path}, line {line}" for line in table[LINE]]
        pictures = [self.picture.replace("{}", own_pictures.picture_name(x)) for x in table["file"]]
        names = pictures
        if "face" in table:
            faces = zip(pictures, table["face"], where, strict=True)
            names = [f"{picture}/{_face(face, row)}" for picture, face, row in faces]
        said = {name: table[name] for name in ("label", "split", "person") if name in table}
        rows = own_rows.new_rows(name=names, picture=pictures, where=where, **said)
        for side in BOX if self.has_boxes else ():
            pairs = zip(table[side], where, strict=True)
            rows[side] = [_number(cell, side, row) for cell, row in pairs]
        return _without_repeats(rows, table[LINE])


def _without_repeats(rows: pd.DataFrame, lines: "pd.Series[int]") -> pd.DataFrame:
    """Give rows that cannot be kept their reasons, and each repeated one a name of its own."""
    told = rows.drop(columns="where").drop_duplicates()
    contradicted = rows["name"].isin(told["name"][told["name"].duplicated()])
    again = rows["name"].duplicated()
    checked = rows.copy()
    if "left" in rows:
        empty = (rows["right"] <= rows["left"]) | (rows["bottom"] <= rows["top"])
        checked["reason"] = checked["reason"].mask(empty, "no_box")
    checked["reason"] = checked["reason"].mask(again, "repeated").mask(contradicted, "contradicted")
    checked["name"] = rows["name"].mask(again, rows["name"] + "/line-" + lines.astype(str))
    return checked


def _face(cell: str, where: str) -> str:
    if not _FACE.fullmatch(cell):
        raise InputError(f"{where}: face is {cell!r:.80}, expected a number. Correct the line.")
    return cell


def _number(cell: str, side: str, where: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise InputError(f"{where}: {side} is {cell!r:.80}, expected a number. Correct the line.")
    return number

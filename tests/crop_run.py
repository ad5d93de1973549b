"""The crop stage's work on some painted photographs in the current folder."""

import hashlib
from pathlib import Path

import cv2
import numpy as np

from expressions.datasets.synthetic.layouts import draw_photograph
from expressions.faces.contact_sheet import draw_contact_sheet
from expressions.faces.framing import Crop
from expressions.faces.shards import crop_shards
from expressions.pictures.files import Picture
from expressions.pictures.rendering import render_files
from expressions.pictures.shards import write_shards
from expressions.pipeline.outputs import write_csv

IMAGES, FACES = Path("data/images/iefdb"), Path("data/faces/iefdb")
CROP = Crop(detect=True)
PHOTOGRAPHS = 14


def photograph(number: int) -> Picture:
    return draw_photograph("happiness", number % 3 == 0, np.random.default_rng([9, number]))


def save(path: Path, picture: Picture) -> None:
    assert cv2.imwrite(str(path), picture)


def render() -> None:
    """Write the shards of the photographs."""
    files = [(f"iefdb-{path.stem}", path) for path in Path("data/raw/iefdb/Original").iterdir()]
    pngs = [(image_id, png) for image_id, png in render_files(sorted(files)) if png is not None]
    write_shards(IMAGES, 4, pngs)


def crop() -> None:
    """Write the shards of their faces, the tables and the contact sheet."""
    tables = crop_shards(IMAGES, FACES, CROP)
    write_csv(FACES.with_suffix(".csv"), tables.table())
    write_csv(FACES.with_suffix(".others.csv"), tables.others())
    draw_contact_sheet(FACES.with_suffix(".preview.png"), IMAGES, FACES, tables.table())


def digest() -> str:
    """The hash of everything that came out."""
    total = hashlib.sha256()
    for path in sorted([*Path("data/images").rglob("*.*"), *Path("data/faces").rglob("*.*")]):
        total.update(path.name.encode() + path.read_bytes())
    return total.hexdigest()


def run() -> str:
    render()
    crop()
    return digest()

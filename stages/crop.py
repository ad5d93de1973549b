"""Find, level and cut out the face of every picture of one data set: `data/faces/<dataset>/`."""

import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import Field

from expressions.alignment import align
from expressions.detection import LANDMARKS, Detector, Face
from expressions.errors import InputError, run
from expressions.outputs import whole_folder, write_csv
from expressions.parameters import Section, read_section
from expressions.pictures import Picture, decode, encode_png
from expressions.progress import bar
from expressions.shards import read_shard, shard_paths, write_shard

COLUMNS = [
    "image_id",
    "action",
    "faces",
    "x",
    "y",
    "width",
    "height",
    "confidence",
    *(f"{landmark}_{axis}" for landmark in LANDMARKS for axis in "xy"),
]

# Photographs are decoded a batch at a time, so memory does not grow with a shard.
_PICTURES_AT_ONCE = 64


class Crop(Section):
    """The part of one data set in the `crop` section."""

    detect: bool
    margin: float = Field(ge=0, le=1, description="share of the box added on each side")
    confidence: float = Field(ge=0, le=1, description="below it a face does not count")
    no_face: Literal["keep", "drop"]


def main(dataset: str) -> None:
    """Write the faces of DATASET and the table of what was found and done."""
    section = read_section(Crop, f"crop.{dataset}")
    images, faces = Path("data/images") / dataset, Path("data/faces") / dataset
    table = crop(images, faces, section, dataset) if section.detect else copy(images, faces)
    rejected = pd.read_csv(images.with_suffix(".rejected.csv"), dtype=str)
    unreadable = rejected.rename(columns={"reason": "action"})
    table = pd.concat([table, unreadable]).sort_values("image_id")
    write_csv(faces.with_suffix(".csv"), table)
    print(
        f"{dataset}: {', '.join(f'{n} {a}' for a, n in sorted(Counter(table['action']).items()))}"
    )


def copy(images: Path, faces: Path) -> pd.DataFrame:
    """Take the pictures as they are, byte for byte; give the table that says so."""
    ids = []
    with whole_folder(faces) as partial:
        for shard in shard_paths(images):
            shutil.copyfile(shard, partial / shard.name)
            ids += [image_id for image_id, _ in read_shard(shard)]
    rows = [{"image_id": image_id, "action": "unchanged"} for image_id in sorted(ids)]
    return pd.DataFrame(rows, columns=COLUMNS)


def crop(images: Path, faces: Path, section: Crop, name: str) -> pd.DataFrame:
    """Cut the face out of every picture, shard by shard; give the table of what was done."""
    detector = Detector()
    rows: list[dict[str, Any]] = []
    progress = bar(None, f"crop {name}", "pictures", sum(_size(s) for s in shard_paths(images)))
    with whole_folder(faces) as partial, progress:
        for shard in shard_paths(images):
            entries = list(read_shard(shard))
            kept: list[tuple[str, bytes]] = []
            for start in range(0, len(entries), _PICTURES_AT_ONCE):
                some = entries[start : start + _PICTURES_AT_ONCE]
                rows += _crop_batch(detector, some, section, kept)
                progress.update(len(some))
            write_shard(partial / shard.name, kept)
    return pd.DataFrame(rows, columns=COLUMNS).sort_values("image_id")


def choose(faces: Sequence[Face], confidence: float) -> Face | None:
    """The largest face that is confident enough; None without one. `faces` come largest first."""
    return next((face for face in faces if face.confidence >= confidence), None)


def _crop_batch(
    detector: Detector,
    entries: list[tuple[str, bytes]],
    section: Crop,
    kept: list[tuple[str, bytes]],
) -> list[dict[str, Any]]:
    pictures = [_decode(image_id, png) for image_id, png in entries]
    rows = []
    for (image_id, png), picture, found in zip(
        entries, pictures, detector.detect(pictures), strict=True
    ):
        face = choose(found, section.confidence)
        if face is not None:
            kept.append((image_id, encode_png(align(picture, face, section.margin))))
            rows.append(_row(image_id, "aligned", len(found), face))
        elif section.no_face == "keep":
            kept.append((image_id, png))
            rows.append(_row(image_id, "kept_whole", len(found), None))
        else:
            rows.append(_row(image_id, "no_face", len(found), None))
    return rows


def _decode(image_id: str, png: bytes) -> Picture:
    picture = decode(png)
    if picture is None:
        raise InputError(f"data/images: {image_id}.png is damaged. Run the stage `render` again.")
    return picture


def _row(image_id: str, action: str, faces: int, face: Face | None) -> dict[str, Any]:
    row: dict[str, Any] = {"image_id": image_id, "action": action, "faces": faces}
    if face is not None:
        landmarks = dict(zip(COLUMNS[8:], face.landmarks.ravel().tolist(), strict=True))
        row |= face._asdict() | landmarks
        del row["landmarks"]
    return row


def _size(shard: Path) -> int:
    return sum(1 for _ in read_shard(shard))


if __name__ == "__main__":
    run(main)

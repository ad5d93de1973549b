"""The faces of a whole data set: shards of pictures in, shards of faces and tables out."""

import shutil
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import pandas as pd

from expressions.faces.cropping import FaceCrop, SourcePicture, crop_pictures
from expressions.faces.framing import Crop
from expressions.faces.store import FaceStore, key
from expressions.faces.tables import TABLE_COLUMNS, FaceTables
from expressions.pictures.shards import count_pictures, read_shard, shard_paths, write_shard
from expressions.pictures.workers import map_in_order
from expressions.pipeline.outputs import whole_folder
from expressions.pipeline.progress import bar
from expressions.pipeline.streams import batched_by

# A task is a shard or, where that is larger than this, a part of one, so that memory does not grow
# with the data set.
_BYTES_A_TASK = 4 * 2**20
_PICTURES_A_TASK = 512


def crop_shards(images: Path, faces: Path, crop: Crop) -> FaceTables:
    """Cut the face out of every picture, on all cores or on a cluster (see `workers`).

    Args:
        images: the shards of a data set's pictures, such as `data/images/iefdb`.
        faces: where the shards of its faces go, whole or not at all.
        crop: what to find and how to cut it out.

    Returns:
        The tables of what was found in each picture and done with it.

    Raises:
        InputError: a shard or a PNG in it is damaged.
    """
    shards = shard_paths(images)
    tables = FaceTables(crop.confidence)
    progress = bar(None, f"crop {images.name}", "pictures", sum(map(count_pictures, shards)))
    with whole_folder(faces) as partial, FaceStore() as store, progress:
        for shard in shards:
            # One without pictures has no part.
            write_shard(partial / shard.name, [])
        parts = _crop_parts(shards, crop, store)
        for shard, its_parts in groupby(parts, key=itemgetter(0)):
            write_shard(partial / shard.name, _kept(its_parts, tables, progress))
    return tables


def copy_shards(images: Path, faces: Path) -> pd.DataFrame:
    """Take the pictures as they are, byte for byte; return the table that says so."""
    ids = []
    with whole_folder(faces) as partial:
        for shard in shard_paths(images):
            ids += [image_id for image_id, _ in read_shard(shard)]
            shutil.copyfile(shard, partial / shard.name)
    rows = [{"image_id": image_id, "action": "unchanged"} for image_id in sorted(ids)]
    return pd.DataFrame(rows, columns=TABLE_COLUMNS)


def _crop_parts(
    shards: Sequence[Path], crop: Crop, store: FaceStore
) -> Iterator[tuple[Path, list[FaceCrop]]]:
    """Crop the pictures of shards on all workers; in their order, each shard in one or more parts.

    Faces that `store` knows are not looked for again; those that were found are added to it.
    """
    handed_out: deque[tuple[Path, list[bytes], list[SourcePicture]]] = deque()

    def tasks() -> Iterator[list[SourcePicture]]:
        for shard in shards:
            for entries in batched_by(
                read_shard(shard), lambda entry: len(entry[1]), _BYTES_A_TASK, _PICTURES_A_TASK
            ):
                keys = [key(png, crop.min_face, crop.longest_side) for _, png in entries]
                known = zip(entries, store.get(keys), strict=True)
                sources = [SourcePicture(*entry, faces) for entry, faces in known]
                handed_out.append((shard, keys, sources))
                yield sources

    for crops in map_in_order(crop_pictures, tasks(), crop):
        shard, keys, sources = handed_out.popleft()
        triples = zip(keys, sources, crops, strict=True)
        store.put((k, its.faces) for k, source, its in triples if source.faces is None)
        yield shard, crops


def _kept(
    parts: Iterable[tuple[Path, list[FaceCrop]]], tables: FaceTables, progress: Any
) -> Iterator[tuple[str, bytes]]:
    """What stays of the pictures, noted in `tables` as they pass."""
    for _, crops in parts:
        tables.add(crops)
        progress.update(len(crops))
        for crop in crops:
            if crop.png is not None:
                yield crop.image_id, crop.png

"""Source pictures as PNG, a task of some pictures at a time, on all workers."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from expressions.errors import InputError
from expressions.pictures.decoding import PictureError, decode
from expressions.pictures.files import encode_png
from expressions.pictures.parts import Part, cut_square
from expressions.pictures.workers import map_in_order
from expressions.pipeline.parameters import Section
from expressions.pipeline.streams import batched_by

# A task of photographs holds no more bytes of files, unless one file alone does.
_BYTES_A_TASK = 2 * 2**20


class Render(Section):
    """The `render` section of the parameters."""

    shards: int = Field(gt=0, le=100)


def render_blocks(
    blocks: Iterable[tuple[Sequence[str], NDArray[np.uint8]]],
) -> Iterator[tuple[str, bytes]]:
    """Give `(image_id, PNG)` of each picture of blocks of ids and pixels, in their order."""
    return chain.from_iterable(map_in_order(encode_pictures, blocks))


def render_files(files: Sequence[tuple[str, Path]]) -> Iterator[tuple[str, bytes | None]]:
    """Give `(image_id, PNG)` of each picture file, upright, in their order; None if unreadable."""
    contents = ((image_id, path.read_bytes()) for image_id, path in files)
    tasks = batched_by(contents, lambda entry: len(entry[1]), _BYTES_A_TASK)
    return chain.from_iterable(map_in_order(decode_files, tasks))


def render_parts(parts: Sequence[tuple[str, Path, Part]]) -> Iterator[tuple[str, bytes | None]]:
    """Give `(image_id, PNG)` of each part of a picture file; None if unreadable or beside it."""
    contents = ((image_id, path.read_bytes(), part) for image_id, path, part in parts)
    tasks = batched_by(contents, lambda entry: len(entry[1]), _BYTES_A_TASK)
    return chain.from_iterable(map_in_order(cut_parts, tasks))


def readable(
    pictures: Iterable[tuple[str, bytes | None]], unreadable: list[str]
) -> Iterator[tuple[str, bytes]]:
    """Give the pictures that could be read; the ids of the others go to `unreadable`.

    Raises:
        InputError: at the end, where there was none.
    """
    count = 0
    for image_id, png in pictures:
        if png is None:
            unreadable.append(image_id)
        else:
            count += 1
            yield image_id, png
    if not count:
        raise InputError(
            f"There is no picture that can be read, and {len(unreadable)} that cannot."
        )


def encode_pictures(block: tuple[Sequence[str], NDArray[np.uint8]]) -> list[tuple[str, bytes]]:
    """Encode one task of `render_blocks`."""
    return [(image_id, encode_png(picture)) for image_id, picture in zip(*block, strict=True)]


def decode_files(part: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes | None]]:
    """Decode and encode one task of `render_files`."""
    return [(image_id, _png_of(content)) for image_id, content in part]


def cut_parts(task: Sequence[tuple[str, bytes, Part]]) -> list[tuple[str, bytes | None]]:
    """Decode, cut and encode one task of `render_parts`."""
    return [(image_id, _png_of(content, part)) for image_id, content, part in task]


def _png_of(content: bytes, part: Part | None = None) -> bytes | None:
    try:
        picture = decode(content)
    except PictureError:
        return None
    cut = picture if part is None else cut_square(picture, part)
    return None if cut is None else encode_png(cut)

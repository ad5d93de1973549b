"""The faces of all data sets as arrays that a network reads, one face in memory at a time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from expressions.errors import InputError
from expressions.faces.preprocessing import grey_face, rescale
from expressions.faces.size import SIDE
from expressions.pictures.files import Picture, decode_png
from expressions.pictures.shards import read_shard, shard_paths
from expressions.pipeline.parameters import Section

_REASONS = ("no_face", "unreadable")


class Arrays(Section):
    """The `arrays` section of the parameters."""

    low: float = Field(ge=-1000, le=1000)
    high: float = Field(ge=-1000, le=1000)
    drop_twins: bool


class ArrayFile:
    """A `.npy` file of `count` faces, float32 `[count, 48, 48, 1]`, written in any order."""

    def __init__(self, path: Path, count: int) -> None:
        self._file = path.open("wb")
        header = {
            "descr": np.lib.format.dtype_to_descr(np.dtype(np.float32)),
            "fortran_order": False,
            "shape": (count, SIDE, SIDE, 1),
        }
        np.lib.format.write_array_header_1_0(self._file, header)
        self._start = self._file.tell()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def write(self, index: int, face: NDArray[np.float32]) -> None:
        """Write the face that stands at `index`, float32 `[48, 48]`."""
        self._file.seek(self._start + index * face.nbytes)
        self._file.write(face.tobytes())


def read_faces(folders: Iterable[Path]) -> Iterator[tuple[str, Picture]]:
    """Read every face of some folders of shards, as its id and grey uint8 `[48, 48]`.

    Raises:
        InputError: a shard or a picture in it is damaged.
    """
    for shard in (path for folder in folders for path in shard_paths(folder)):
        for image_id, png in read_shard(shard):
            picture = decode_png(png)
            if picture is None:
                raise InputError(f"{shard}: {image_id}.png is damaged. Run `crop` again.")
            yield image_id, grey_face(picture)


def digest_faces(folders: Iterable[Path], image_ids: Sequence[str]) -> list[bytes | None]:
    """Return a hash of each picture's grey pixels; None where there is no face."""
    faces = read_faces(folders)
    digests = {
        image_id: blake2b(face.tobytes(), digest_size=16).digest() for image_id, face in faces
    }
    return [digests.get(image_id) for image_id in image_ids]


def explain_without_face(
    image_ids: Sequence[str], digests: Sequence[bytes | None], tables: Iterable[pd.DataFrame]
) -> list[str]:
    """Return the reason for which each picture has no face, blank where it has one.

    Args:
        image_ids: of the pictures.
        digests: of their faces, None where there is none.
        tables: what `crop` did, a table a data set.

    Raises:
        InputError: a picture has neither a face nor a reason.
    """
    reasons: dict[str, str] = {}
    for table in tables:
        gone = table[table["action"].isin(_REASONS)]
        reasons |= dict(zip(gone["image_id"], gone["action"], strict=True))
    explained = []
    for image_id, digest in zip(image_ids, digests, strict=True):
        if digest is None and image_id not in reasons:
            raise InputError(
                f"data/samples.csv names {image_id}, and data/faces/ has neither its face nor a "
                f"reason against it ({', '.join(_REASONS)}). Run `render` and `crop` again."
            )
        explained.append("" if digest is not None else reasons[image_id])
    return explained


def write_arrays(
    folder: Path,
    splits: Mapping[str, Sequence[str]],
    faces: Iterable[tuple[str, Picture]],
    section: Arrays,
) -> None:
    """Write `<split>.npy` of each split into `folder`: its faces in the order of its ids.

    Args:
        folder: where to write.
        splits: the ids of each split's pictures.
        faces: grey uint8 `[48, 48]` of at least these pictures, in any order.
        section: black and white become its `low` and `high`.
    """
    with ExitStack() as stack:
        index_of: dict[str, tuple[ArrayFile, int]] = {}
        for split, image_ids in splits.items():
            file = stack.enter_context(ArrayFile(folder / f"{split}.npy", len(image_ids)))
            index_of |= {image_id: (file, index) for index, image_id in enumerate(image_ids)}
        for image_id, face in faces:
            if image_id in index_of:
                file, index = index_of[image_id]
                file.write(index, rescale(face, section.low, section.high))

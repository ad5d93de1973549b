"""Pictures in a fixed number of zip shards: few files for a remote, equal bytes for equal content.

Entries are PNGs named `<image_id>.png`, sorted, stored without compression (PNG is compressed
already) and with a fixed time stamp. The shard of a picture follows from its id alone, so that a
new picture changes one shard.
"""

import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from expressions.pictures.files import Picture, decode_png
from expressions.pipeline.inputs import unlike_written
from expressions.pipeline.outputs import whole_folder

# What `zipfile` raises on damaged archives.
_DAMAGES = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    RuntimeError,
    ValueError,
    EOFError,
    LookupError,
)

# The earliest time a zip entry can state.
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)


def shard_of(image_id: str, shards: int) -> int:
    """Return the number of the shard, below `shards`, that holds the picture."""
    return zlib.crc32(image_id.encode()) % shards


def shard_paths(folder: Path) -> list[Path]:
    """Return the shards of `folder` in their order.

    Raises:
        InputError: there is none.
    """
    shards = sorted(folder.glob("*.zip"))
    if not shards:
        raise unlike_written(folder, "holds no shards (.zip)")
    return shards


def read_shard(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the pictures of one shard, as `(image_id, PNG)`, sorted by id.

    Raises:
        InputError: the shard is damaged.
    """
    with _opened(path) as archive:
        for name in archive.namelist():
            yield name.removesuffix(".png"), archive.read(name)


def count_pictures(path: Path) -> int:
    """Return how many pictures a shard holds.

    Raises:
        InputError: the shard is damaged.
    """
    with _opened(path) as archive:
        return len(archive.namelist())


def read_pictures(folder: Path, image_ids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Yield some pictures out of all shards of `folder`, as `(image_id, PNG)`.

    A missing one is left out.

    Raises:
        InputError: a shard is damaged.
    """
    wanted = {f"{image_id}.png": image_id for image_id in image_ids}
    for path in shard_paths(folder):
        with _opened(path) as archive:
            for name in sorted(wanted.keys() & set(archive.namelist())):
                yield wanted[name], archive.read(name)


def decoded_pictures(folder: Path, image_ids: Iterable[str]) -> dict[str, Picture]:
    """Return the pictures of `read_pictures` by their ids, decoded; without damaged ones."""
    pictures = ((image_id, decode_png(png)) for image_id, png in read_pictures(folder, image_ids))
    return {image_id: picture for image_id, picture in pictures if picture is not None}


def write_shards(folder: Path, shards: int, pictures: Iterable[tuple[str, bytes]]) -> int:
    """Write `(image_id, PNG)` pairs, which come sorted by id, to `shards` zips; return how many.

    Raises:
        ValueError: an id that is not above the one before it.
    """
    count, last = 0, ""
    with whole_folder(folder) as partial, ExitStack() as stack:
        archives = [
            stack.enter_context(zipfile.ZipFile(partial / f"{number:02d}.zip", "w"))
            for number in range(shards)
        ]
        for image_id, png in pictures:
            if image_id <= last:
                raise ValueError(f"{image_id} comes after {last}: ids are not sorted and unique")
            _add(archives[shard_of(image_id, shards)], image_id, png)
            count, last = count + 1, image_id
        stack.close()
    return count


def write_shard(path: Path, pictures: Iterable[tuple[str, bytes]]) -> None:
    """Write one shard whose `(image_id, PNG)` pairs come sorted by id and belong to it."""
    with zipfile.ZipFile(path, "w") as archive:
        for image_id, png in pictures:
            _add(archive, image_id, png)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except _DAMAGES as error:
        raise unlike_written(path, f"is damaged ({error})") from None


def _add(archive: zipfile.ZipFile, image_id: str, png: bytes) -> None:
    entry = zipfile.ZipInfo(f"{image_id}.png", _FIXED_TIME)
    entry.create_system = 3  # Unix, on whatever system this runs
    archive.writestr(entry, png)

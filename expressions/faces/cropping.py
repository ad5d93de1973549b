"""From pictures to faces: which face of a picture is taken, and what is made of it."""

from collections import deque
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field

from expressions.errors import InputError
from expressions.faces.alignment import align
from expressions.faces.mtcnn import Detector, Face
from expressions.faces.store import FaceStore, key
from expressions.pictures.files import FAST, Picture, decode, encode_png
from expressions.pictures.shards import read_shard
from expressions.pictures.workers import map_in_order
from expressions.pipeline.parameters import Section

# Photographs are decoded so many pixels at a time, so memory does not grow with a task.
_PIXELS_AT_ONCE = 4_000_000

# A task is a shard or, where that is larger than this, a part of one, so that memory does not grow
# with the data set.
_BYTES_A_TASK = 4 * 2**20
_PICTURES_A_TASK = 512

Action = Literal["aligned", "kept_whole", "no_face"]


class Crop(Section):
    """The part of one data set in the `crop` section; the defaults are those for photographs."""

    detect: bool
    min_face: float = Field(0.1, ge=0, le=1, description="smallest face, share of the shorter side")
    longest_side: int = Field(640, ge=48, description="pixels to which larger pictures are shrunk")
    margin: float = Field(-0.03, ge=-0.25, le=1, description="share of the box added on each side")
    confidence: float = Field(0.8, ge=0, le=1, description="below it a face does not count")
    no_face: Literal["keep", "drop"] = "drop"


class Source(NamedTuple):
    """A picture to crop."""

    image_id: str
    png: bytes
    faces: list[Face] | None
    """Its faces where they are known, largest first."""


class Cropped(NamedTuple):
    """What became of a picture."""

    image_id: str
    action: Action
    png: bytes | None
    """The crop, or the whole picture; None if it was dropped."""
    faces: list[Face]
    """All that were found, largest first."""


def choose(faces: Sequence[Face], confidence: float) -> Face | None:
    """The largest face that is confident enough; None without one. `faces` come largest first."""
    return next((face for face in faces if face.confidence >= confidence), None)


def crop_pictures(sources: Sequence[Source], section: Crop) -> list[Cropped]:
    """Find, level and cut out the face of every picture.

    Raises:
        InputError: a PNG is damaged.
    """
    cropped = []
    for some in _few_pixels(sources):
        unknown = [picture for source, picture in some if source.faces is None]
        found = iter(detector(section.min_face, section.longest_side).detect(unknown))
        for source, picture in some:
            faces = next(found) if source.faces is None else source.faces
            cropped.append(_crop(source, picture, faces, section))
    return cropped


def crop_shards(
    shards: Sequence[Path], section: Crop, store: FaceStore
) -> Iterator[tuple[Path, list[Cropped]]]:
    """Crop the pictures of shards on all workers; in their order, each shard in one or more parts.

    Faces that `store` knows are not looked for again; those that were found are added to it.
    """
    handed_out: deque[tuple[Path, list[bytes], list[Source]]] = deque()

    def tasks() -> Iterator[list[Source]]:
        for shard in shards:
            for entries in _parts(shard):
                keys = [key(png, section.min_face, section.longest_side) for _, png in entries]
                known = zip(entries, store.get(keys), strict=True)
                sources = [Source(*entry, faces) for entry, faces in known]
                handed_out.append((shard, keys, sources))
                yield sources

    for cropped in map_in_order(crop_pictures, tasks(), section):
        shard, keys, sources = handed_out.popleft()
        places = zip(keys, sources, cropped, strict=True)
        store.put((k, picture.faces) for k, source, picture in places if source.faces is None)
        yield shard, cropped


@cache
def detector(min_face: float, longest_side: int) -> Detector:
    """The one detector of this process for these settings; it may be used by several threads."""
    return Detector(min_face=min_face, longest_side=longest_side)


def _parts(shard: Path) -> Iterator[list[tuple[str, bytes]]]:
    """The pictures of a shard in tasks; one without a picture for an empty shard."""
    part: list[tuple[str, bytes]] = []
    size = 0
    for image_id, png in read_shard(shard):
        if part and (size + len(png) > _BYTES_A_TASK or len(part) == _PICTURES_A_TASK):
            yield part
            part, size = [], 0
        part.append((image_id, png))
        size += len(png)
    yield part


def _few_pixels(sources: Sequence[Source]) -> Iterator[list[tuple[Source, Picture]]]:
    some: list[tuple[Source, Picture]] = []
    pixels = 0
    for source in sources:
        picture = decode(source.png)
        if picture is None:
            raise InputError(
                f"data/images: {source.image_id}.png is damaged. Run the stage `render` again."
            )
        some.append((source, picture))
        pixels += picture.size
        if pixels >= _PIXELS_AT_ONCE:
            yield some
            some, pixels = [], 0
    yield some


def _crop(source: Source, picture: Picture, faces: list[Face], section: Crop) -> Cropped:
    face = choose(faces, section.confidence)
    if face is not None:
        png = encode_png(align(picture, face, section.margin), FAST)
        return Cropped(source.image_id, "aligned", png, faces)
    if section.no_face == "keep":
        return Cropped(source.image_id, "kept_whole", source.png, faces)
    return Cropped(source.image_id, "no_face", None, faces)

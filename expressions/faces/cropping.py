"""From pictures to faces: which face of a picture is taken, and what is made of it."""

from collections.abc import Sequence
from functools import cache
from typing import Literal, NamedTuple

from expressions.errors import InputError
from expressions.faces.alignment import align
from expressions.faces.detection.mtcnn import Detector, Face
from expressions.faces.detection.search import RelativeSearch
from expressions.faces.framing import Crop
from expressions.pictures.files import FAST, Picture, decode_png, encode_png
from expressions.pipeline.streams import batched_by

# Photographs are decoded so many values at a time, so memory does not grow with a task.
_VALUES_AT_ONCE = 4_000_000

Action = Literal["aligned", "kept_whole", "no_face"]


class SourcePicture(NamedTuple):
    """A picture to crop."""

    image_id: str
    png: bytes
    faces: list[Face] | None
    """Its faces where they are known, largest first."""


class FaceCrop(NamedTuple):
    """What became of a picture."""

    image_id: str
    action: Action
    png: bytes | None
    """The crop, or the whole picture; None if it was dropped."""
    faces: list[Face]
    """All that were found, largest first."""


def choose_face(faces: Sequence[Face], confidence: float) -> Face | None:
    """Return the largest face that is confident enough; None without one.

    `faces` come largest first.
    """
    return next((face for face in faces if face.confidence >= confidence), None)


def crop_pictures(sources: Sequence[SourcePicture], crop: Crop) -> list[FaceCrop]:
    """Find, level and cut out the face of every picture.

    Raises:
        InputError: a PNG is damaged.
    """
    crops = []
    decoded = ((source, _decode(source)) for source in sources)
    for batch in batched_by(decoded, lambda pair: pair[1].size, _VALUES_AT_ONCE):
        unknown = [picture for source, picture in batch if source.faces is None]
        found = iter(detector(crop.min_face, crop.longest_side).detect(unknown))
        for source, picture in batch:
            faces = next(found) if source.faces is None else source.faces
            crops.append(_crop(source, picture, faces, crop))
    return crops


@cache
def detector(min_face: float, longest_side: int) -> Detector:
    """Return the one detector of this process for these settings; threads may share it."""
    return Detector(RelativeSearch(min_face, longest_side))


def _decode(source: SourcePicture) -> Picture:
    picture = decode_png(source.png)
    if picture is None:
        raise InputError(
            f"data/images: {source.image_id}.png is damaged. Run the stage `render` again."
        )
    return picture


def _crop(source: SourcePicture, picture: Picture, faces: list[Face], crop: Crop) -> FaceCrop:
    face = choose_face(faces, crop.confidence)
    if face is not None:
        png = encode_png(align(picture, face, crop.margin), FAST)
        return FaceCrop(source.image_id, "aligned", png, faces)
    if crop.no_face == "keep":
        return FaceCrop(source.image_id, "kept_whole", source.png, faces)
    return FaceCrop(source.image_id, "no_face", None, faces)

"""Picture files that people have, decoded to what a viewer shows; the one door for all of them.

Pillow decodes, since it says when a file is cut, writes nothing to standard error, and knows
orientation, transparency and palettes of every format; its pixels of JPEG and PNG are OpenCV's to
the bit. OpenCV decodes what Pillow does not know, and colours of more than eight bits.
"""

import io
import re
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from expressions.errors import InputError
from expressions.pictures.files import Picture
from expressions.pictures.jpeg import is_cut, with_end_marker
from expressions.pictures.kinds import HEAD, Role, kind_of, read_kind
from expressions.pipeline.system.error_messages import explain

LARGEST_PICTURE = 150_000_000
"""Pixels; a file of a few bytes can claim to hold many more. They take some 1.5 GB for a moment."""

LARGEST_FILE = 1_000_000_000
"""Bytes."""

# What Pillow warns of is said by errors here.
warnings.filterwarnings("ignore", module="PIL")

# Pillow's names of kinds; without those that start another program or are no photographs.
_FORMATS = {
    **{name: name for name in ("JPEG", "PNG", "GIF", "BMP", "TIFF", "AVIF")},
    "WebP": "WEBP",
    "JPEG 2000": "JPEG2000",
    "PNM": "PPM",
    "Sun raster": "SUN",
}
_MOVING = {"GIF", "PNG", "WebP", "AVIF"}
_BY_OPENCV = ("HDR", "PFM", "PAM")
# Of theirs: rows and columns, or columns and rows.
_SIZE = re.compile(rb"-Y (\d+) \+X (\d+)|^P[Ff]\s+(\d+)\s+(\d+)|WIDTH (\d+)\s+HEIGHT (\d+)")

_ORIENTATION, _BITS_PER_SAMPLE = 0x0112, 258
_WHITE = 255.0
# What the lightest value may be where a file has room for more than it uses: 8, 10, 12, 14 bits.
_WHITES = (255, 1023, 4095, 16383, 65535)
_DARKEST_FLOAT = 32

CUT = "a picture that is cut or damaged"


class PictureError(InputError):
    """Bytes that are no picture, or one that is damaged or not read; the message says why."""


def decode(content: bytes, most_pixels: int = LARGEST_PICTURE) -> Picture:
    """Decode a picture file as a viewer shows it.

    Upright by its tag, transparent parts on white, more than eight bits brought to eight by what
    the values are; of several pictures in one file, the first.

    Args:
        content: the file's bytes.
        most_pixels: a picture of more is refused before it is decoded.

    Returns:
        uint8, `[height, width]` for grey files, `[height, width, 3]` BGR for all others.

    Raises:
        PictureError: it is no picture, too large, cut or damaged, or of a kind that is not read.
    """
    return decode_first(content, most_pixels)[0]


def decode_first(content: bytes, most_pixels: int = LARGEST_PICTURE) -> tuple[Picture, str]:
    """Decode as `decode` does; say what else the file holds, in a few words or none."""
    kind = kind_of(content[:HEAD])
    if not content:
        raise PictureError("an empty file")
    if kind is None or kind.role is not Role.PICTURE:
        raise PictureError("no picture that can be read")
    if kind.problem:
        raise PictureError(kind.problem)
    with _errors_told(most_pixels):
        if kind.name in _BY_OPENCV:
            return _decode_by_opencv(content, most_pixels), ""
        is_jpeg = kind.name == "JPEG"
        with _opened(with_end_marker(content) if is_jpeg else content, most_pixels) as image:
            if is_jpeg and is_cut(content, image):
                raise PictureError(CUT)
            return _pixels(image, content), _note(image)


def read_picture(path: Path, most_pixels: int = LARGEST_PICTURE) -> tuple[Picture, str]:
    """Read a file and decode it as `decode_first` does.

    Raises:
        PictureError: as `decode`, or the file cannot be read.
    """
    return decode_first(read_content(path), most_pixels)


def read_content(path: Path) -> bytes:
    """Return the bytes of a file that may hold a picture.

    Raises:
        PictureError: the file cannot be read, is no file but a device or pipe, or is too large.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode):
            raise PictureError("a device, pipe or socket and no file")
        if found.st_size > LARGEST_FILE:
            raise PictureError(
                f"{found.st_size / 1e6:.0f} MB, more than the {LARGEST_FILE / 1e6:.0f} that "
                "pictures may have"
            )
        return path.read_bytes()
    except OSError as error:
        raise PictureError(explain(error, "").removesuffix(".")) from None


def decode_animation(
    content: bytes, most_pixels: int = LARGEST_PICTURE
) -> Iterator[tuple[Picture, float]]:
    """Decode the frames of an animation, as `decode` does, each with the seconds it is shown.

    Raises:
        PictureError: as `decode`.
    """
    with _errors_told(most_pixels), _opened(content, most_pixels) as image:
        for index in range(getattr(image, "n_frames", 1)):
            image.seek(index)
            picture = _pixels(image.copy(), b"")
            yield picture, max(image.info.get("duration", 0), 0) / 1000


def is_animation(path: Path) -> bool:
    """Return whether a file holds a picture that moves, and so is to be seen as a video."""
    try:
        kind = read_kind(path)
        if kind is None or kind.name not in _MOVING:
            return False
        with Image.open(path, formats=_formats(kind.name)) as image:
            return getattr(image, "n_frames", 1) > 1
    except Exception:  # noqa: BLE001 - what is wrong with it, `decode` says
        return False


@contextmanager
def _errors_told(most_pixels: int) -> Iterator[None]:
    """Turn every error of a library into a `PictureError`."""
    try:
        yield
    except PictureError:
        raise
    except MemoryError:
        raise PictureError("too large for the memory of this machine") from None
    except Image.DecompressionBombError:
        raise PictureError(
            f"more pixels than the {most_pixels / 1e6:.0f} million that are taken; make it smaller"
        ) from None
    except Exception as error:  # noqa: BLE001 - they have no common class
        said = (str(error) or type(error).__name__).splitlines()[0][:80]
        known = any(word in said for word in ("trunc", "incomplete", "decoder"))
        raise PictureError(CUT if known else f"{CUT} ({said})") from None


@cache
def _formats(kind: str) -> list[str]:
    """Pillow's one format of a kind, or none if this build does not read it."""
    Image.preinit()
    if (name := _FORMATS.get(kind)) not in Image.OPEN:
        # The rare ones: loading all of them takes 20 ms.
        Image.init()
    return [name] if name in Image.OPEN else []


@contextmanager
def _opened(content: bytes, most_pixels: int) -> Iterator[Any]:
    """Give Pillow's image, whose pixels are not decoded yet."""
    kind = kind_of(content[:HEAD])
    with Image.open(io.BytesIO(content), formats=_formats(kind.name) if kind else []) as image:
        _check_size(image.width * image.height, most_pixels)
        yield image


def _check_size(pixels: int, most: int) -> None:
    if pixels > most:
        raise PictureError(
            f"{pixels / 1e6:.0f} million pixels, more than the {most / 1e6:.0f} million that are "
            "taken; make it smaller"
        )


def _note(image: Any) -> str:
    count = getattr(image, "n_frames", 1)
    if count == 1 or image.format == "MPO":
        return ""
    return f"only the first of {count} pictures in this file was looked at"


def _pixels(image: Any, content: bytes) -> Picture:
    if content and _is_deep(image):
        # For what is cut.
        image.load()
        orientation = image.getexif().get(_ORIENTATION, 1)
        return _turned(_eight_bits(_by_opencv(content)), orientation)
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode.startswith(("I", "F")):
        return _eight_bits(np.asarray(image))
    if image.has_transparency_data:
        image = _on_white(image)
    if image.mode in ("1", "L"):
        return np.asarray(image.convert("L"))
    if image.mode != "RGB":
        image = image.convert("RGB")
    bgr = np.frombuffer(image.tobytes("raw", "BGR"), np.uint8)
    return bgr.reshape(image.height, image.width, 3)


def _on_white(image: Any) -> Any:
    ground = Image.new("RGBA", image.size, "white")
    seen = Image.alpha_composite(ground, image.convert("RGBA"))
    return seen.convert("L" if image.mode in ("LA", "La") else "RGB")


def _is_deep(image: Any) -> bool:
    """Whether Pillow would cut colours down to eight bits."""
    if image.format == "PNG":
        return any(tile.args in ("RGB;16B", "RGBA;16B", "LA;16B") for tile in image.tile)
    if image.format == "TIFF":
        return max(image.tag_v2.get(_BITS_PER_SAMPLE, (8,))) > 8
    return False


def _decode_by_opencv(content: bytes, most_pixels: int) -> Picture:
    size = _SIZE.search(content[:HEAD])
    if size is None:
        raise PictureError(CUT)
    first, second = (int(digits) for digits in size.groups() if digits)
    _check_size(first * second, most_pixels)
    return _eight_bits(_by_opencv(content))


def _by_opencv(content: bytes) -> NDArray[Any]:
    """The values as they are in the file, not turned."""
    values = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None:
        raise PictureError(CUT)
    return np.asarray(values)


def _eight_bits(values: NDArray[Any]) -> Picture:
    """Bring values of any depth to 0–255, those with transparency on white.

    Scanners and scientific cameras store 10, 12 or 14 bits in files of 16: the white is that of the
    fewest bits that hold the lightest value. Floats are 0–1, or as integers.
    """
    scaled: NDArray[np.float64] = values.astype(np.float64) * (_WHITE / _white(values))
    if values.ndim == 3 and values.shape[2] == 4:
        most = np.iinfo(values.dtype).max if values.dtype.kind == "u" else 1
        alpha = values[..., 3:].astype(np.float64) / most
        scaled = scaled[..., :3] * alpha + _WHITE * (1 - alpha)
    return np.rint(scaled).astype(np.uint8)


def _white(values: NDArray[Any]) -> float:
    if values.dtype == np.uint8:
        return _WHITE
    colours = values[..., :3] if values.ndim == 3 else values
    low, high = float(colours.min(initial=0)), float(colours.max(initial=0))
    if not np.isfinite([low, high]).all() or low < 0:
        raise PictureError(f"values from {low:g} to {high:g}, expected none below 0")
    is_float = values.dtype.kind == "f"
    if is_float and high <= 1:
        return 1
    white = next((white for white in _WHITES if high <= white), None)
    if white is None or (is_float and high < _DARKEST_FLOAT):
        raise PictureError(f"values up to {high:g}, of which nobody knows what is white")
    return white


def _turned(picture: Picture, orientation: int) -> Picture:
    """The picture upright, by its Exif orientation, 1 to 8."""
    if orientation in (5, 6, 7, 8):
        picture = np.swapaxes(picture, 0, 1)
    if orientation in (2, 3, 6, 7):
        picture = picture[:, ::-1]
    if orientation in (3, 4, 7, 8):
        picture = picture[::-1]
    return np.ascontiguousarray(picture)

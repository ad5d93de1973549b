"""Pictures as data URIs, so that a page needs no file beside it."""

import base64
from pathlib import Path

from expressions.pictures.files import Picture, encode_png
from expressions.pipeline.inputs import unlike_written

_PNG = b"\x89PNG\r\n\x1a\n"


def embed_file(path: Path) -> str:
    """Return a PNG file, which another stage wrote, as a data URI.

    Raises:
        InputError: it is missing, or no PNG.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise unlike_written(path, f"cannot be read: {error.strerror}") from None
    if not content.startswith(_PNG):
        raise unlike_written(path, "is no PNG")
    return _data_uri(content)


def embed_picture(picture: Picture) -> str:
    """Return a picture as a data URI."""
    return _data_uri(encode_png(picture))


def _data_uri(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"

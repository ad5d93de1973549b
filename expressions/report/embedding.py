"""Pictures as data URIs, so that a page needs no file beside it."""

import base64
from pathlib import Path

from expressions.pictures.files import Picture, encode_png


def embed_file(path: Path) -> str:
    """Return a PNG file as a data URI."""
    return _data_uri(path.read_bytes())


def embed_picture(picture: Picture) -> str:
    """Return a picture as a data URI."""
    return _data_uri(encode_png(picture))


def _data_uri(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"

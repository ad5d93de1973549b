"""Picture files for tests, and how far what is read of them is from what they show."""

import io
from pathlib import Path

import cv2
import numpy as np
import skimage.data
from PIL import Image

ASTRONAUT = skimage.data.astronaut()
"""RGB, 512 by 512."""
BGR = np.ascontiguousarray(ASTRONAUT[..., ::-1])


def saved(image: Image.Image, form: str, **options) -> bytes:
    sink = io.BytesIO()
    image.save(sink, form, **options)
    return sink.getvalue()


def difference(picture: np.ndarray, expected: np.ndarray) -> float:
    assert picture.dtype == np.uint8
    assert picture.shape == expected.shape
    return float(abs(picture.astype(int) - expected).mean())


def put_pictures(folder: Path, *names: str) -> Path:
    """Write small pictures, each of another grey."""
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.full((20, 20), number % 256, np.uint8))
    return folder

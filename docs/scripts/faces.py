"""Draw the pictures in samples/: synthetic persons, one of each emotion, a group, an empty room.

Run it in the repository's root: `python docs/scripts/faces.py`.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from expressions.datasets.synthetic.layouts import draw_photograph
from expressions.labels.emotions import classes

FOLDER = Path("samples")
HEIGHT, WIDTH = 440, 360
GROUP = ("happiness", "surprise", "neutral")
SEED = 11


def main() -> None:
    """Write the pictures."""
    rng = np.random.default_rng(SEED)
    for emotion in classes(7):
        write(emotion, portrait(emotion, rng))
    write("group", np.hstack([portrait(emotion, rng) for emotion in GROUP]))
    write("nobody", np.full((HEIGHT, WIDTH, 3), (196, 188, 180), np.uint8))


def portrait(emotion: str, rng: np.random.Generator) -> NDArray[np.uint8]:
    """One person, cut to the size of the others."""
    picture = draw_photograph(emotion, False, rng)
    scale = max(HEIGHT / picture.shape[0], WIDTH / picture.shape[1])
    size = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
    resized = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    left = (resized.shape[1] - WIDTH) // 2
    return np.asarray(resized[:HEIGHT, left : left + WIDTH], np.uint8)


def write(name: str, picture: NDArray[np.uint8]) -> None:
    """One JPEG of the folder."""
    FOLDER.mkdir(exist_ok=True)
    cv2.imwrite(str(FOLDER / f"{name}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 88])


if __name__ == "__main__":
    main()

"""Draw docs/samples.png: pictures of the embedded data set before and after each step.

Run it after `make repro`: `python docs/scripts/samples.py`.
"""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from expressions.pictures.files import colour
from expressions.pictures.shards import decoded_pictures
from expressions.report.samples import with_landmarks

HEIGHT = 150
GAP = 6
COLUMNS = 8


def main() -> None:
    """Write the picture."""
    rows = [
        ("FER-2013: rendered", fer2013()),
        ("IEFDB: rendered, with box and landmarks", photographs()),
        ("IEFDB: aligned and cropped", stored(Path("data/faces/iefdb"), iefdb_ids())),
        ("IEFDB: arrays", arrays()),
    ]
    sheet = [part for title, pictures in rows for part in (caption(title), row(pictures))]
    cv2.imwrite("docs/samples.png", np.vstack(sheet))


def fer2013() -> list[NDArray[np.uint8]]:
    """One test picture of each emotion, as `render` stored it."""
    test = pd.read_csv("data/arrays/test.csv")
    ids = test.groupby("label", sort=False)["image_id"].first().tolist()
    return stored(Path("data/images/fer2013"), ids)


def iefdb_ids() -> list[str]:
    """The photographs to show."""
    return pd.read_csv("data/arrays/iefdb.csv")["image_id"].tolist()[:COLUMNS]


def photographs() -> list[NDArray[np.uint8]]:
    """Photographs with what the detector found in them."""
    faces = pd.read_csv("data/faces/iefdb.csv").set_index("image_id")
    pictures = stored(Path("data/images/iefdb"), iefdb_ids())
    return [
        with_landmarks(picture, faces.loc[image_id].to_dict())
        for picture, image_id in zip(pictures, iefdb_ids(), strict=True)
    ]


def arrays() -> list[NDArray[np.uint8]]:
    """The same photographs as the network reads them."""
    faces = np.load("data/arrays/iefdb.npy", mmap_mode="r")[:COLUMNS, :, :, 0]
    return [np.rint((face + 1) * 127.5).astype(np.uint8) for face in faces]


def stored(folder: Path, image_ids: list[str]) -> list[NDArray[np.uint8]]:
    """Pictures from the shards of a step."""
    found = decoded_pictures(folder, image_ids)
    return [found[image_id] for image_id in image_ids]


def row(pictures: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Pictures side by side, at one height."""
    strip = np.full((HEIGHT + GAP, COLUMNS * (HEIGHT + GAP), 3), 255, np.uint8)
    for place, picture in enumerate(pictures[:COLUMNS]):
        width = round(picture.shape[1] * HEIGHT / picture.shape[0])
        method = cv2.INTER_AREA if picture.shape[0] > HEIGHT else cv2.INTER_NEAREST
        shown = cv2.resize(colour(picture), (width, HEIGHT), interpolation=method)
        left = place * (HEIGHT + GAP) + (HEIGHT - width) // 2
        strip[:HEIGHT, left : left + width] = shown
    return strip


def caption(text: str) -> NDArray[np.uint8]:
    """A line of text."""
    line = np.full((26, COLUMNS * (HEIGHT + GAP), 3), 255, np.uint8)
    cv2.putText(line, text, (2, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (60, 60, 60), 1, cv2.LINE_AA)
    return line


if __name__ == "__main__":
    main()

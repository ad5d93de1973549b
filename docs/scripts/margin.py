"""How FER-2013's pictures frame their faces: the figure behind `crop.iefdb.margin`.

Run in the repository as `FER_DATA=<folder> python docs/scripts/margin.py`.
"""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from numpy.typing import NDArray

from expressions.datasets.layouts.fer2013_tables import PICTURES, Block, read_pictures
from expressions.datasets.sources.source_files import open_source
from expressions.faces.cropping import choose_face
from expressions.faces.detection.mtcnn import Detector
from expressions.faces.detection.search import RelativeSearch

# Enlarged, since MTCNN looks closest at 48 pixels, and with room for boxes beyond the frame.
ENLARGED = 96
BORDER = 24


def main() -> None:
    """Print the median face in units of the frame's side, and the margin that it makes."""
    with TemporaryDirectory() as folder:
        boxes = np.concatenate([_boxes(block.pixels) for block in _blocks(Path(folder))])
    found = boxes[~np.isnan(boxes[:, 0])]
    side = found[:, 2:].max(axis=1)
    centre = found[:, :2] + found[:, 2:] / 2
    print(f"pictures {len(boxes)}, with a face {len(found)}")
    for name, values in (
        ("width", found[:, 2]),
        ("height", found[:, 3]),
        ("longer side", side),
        ("margin", (1 / side - 1) / 2),
        ("centre x", centre[:, 0]),
        ("centre y", centre[:, 1]),
    ):
        quarters = np.percentile(values, [25, 50, 75])
        print(f"{name}: median {quarters[1]:.3f}, quartiles {quarters[0]:.3f} to {quarters[2]:.3f}")


def _blocks(folder: Path) -> list[Block]:
    data = Path(os.environ["FER_DATA"])
    with open_source(data, PICTURES) as (_, name, stream), (folder / name).open("wb") as table:
        table.writelines(stream)
    return list(read_pictures(folder / name))


def _boxes(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """`[n, 4]`: x, y, width, height of the chosen face in sides of the frame; NaN without one."""
    size = (ENLARGED, ENLARGED)
    pictures = [
        cv2.copyMakeBorder(
            cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC),
            *[BORDER] * 4,
            cv2.BORDER_REPLICATE,
        )
        for picture in pixels
    ]
    boxes = np.full((len(pictures), 4), np.nan)
    for row, faces in enumerate(Detector(RelativeSearch()).detect(pictures)):
        face = choose_face(faces, 0.8)
        if face is not None:
            x, y, width, height = face[:4]
            boxes[row] = (x - BORDER, y - BORDER, width, height)
    return boxes / ENLARGED


if __name__ == "__main__":
    main()

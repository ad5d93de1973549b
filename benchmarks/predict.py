"""`expressions predict` against the package `fer` with MTCNN, on photographs, groups and a video.

Both look for faces from 24 pixels on. `fer` gets an environment of its own in a temporary folder
(8 GB, a minute): its PyTorch and this project's TensorFlow do not go together. Both read the same
files, and every face that `fer` finds has to be found here, too.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np

from expressions.datasets.synthetic.layouts import IefdbRecipe, write_iefdb
from expressions.faces.detection.boxes import overlaps
from expressions.pipeline.parameters import read_file
from expressions.prediction.face_finder import SMALLEST_FACE
from expressions.prediction.output import JsonLines
from expressions.prediction.predictor import Options, Predictor
from expressions.prediction.recognizer import Recognizer
from expressions.prediction.sources import find_sources
from expressions.prediction.video_file import write_video

FRAMES = 100
GROUP = 1600, 1200  # pixels
WIDTHS = 160, 200, 270, 320  # of each person's picture in a group
SAME_FACE = 0.4  # overlap of two boxes; fer's detector draws them narrower

# Runs in fer's environment: one JSON line with seconds and boxes for each list of paths.
THEIRS = """
import json, sys, time
import cv2
from fer.fer import FER

def pictures(paths):
    for path in paths:
        if path.endswith(".mp4"):
            capture = cv2.VideoCapture(path)
            while True:
                there, picture = capture.read()
                if not there:
                    break
                yield picture
        else:
            yield cv2.imread(path)

detector = FER(mtcnn=True)
detector._mtcnn.min_face_size = int(sys.argv[3])
detector.detect_emotions(cv2.imread(sys.argv[1]))
for paths in json.loads(sys.argv[2]):
    start = time.perf_counter()
    boxes = [[list(map(int, face["box"])) for face in detector.detect_emotions(picture)]
             for picture in pictures(paths)]
    print("\\n" + json.dumps([time.perf_counter() - start, boxes]))
"""


def main() -> None:
    """Print one line for photographs, one for groups and one for a video."""
    with TemporaryDirectory() as folder:
        photographs = make_photographs(Path(folder) / "photographs")
        groups = make_groups(Path(folder) / "groups", photographs)
        video = make_video(Path(folder) / "video.mp4", photographs)
        python = install_fer(Path(folder) / "environment")
        runs = [photographs, groups, [video]]
        results = zip(ours(runs), theirs(python, photographs[0], runs), strict=True)
        names = "predict", "predict-groups", "predict-video"
        for name, (mine, other) in zip(names, results, strict=True):
            report(name, mine, other)


def make_photographs(folder: Path) -> list[str]:
    """The embedded data set's photographs."""
    recipe = read_file(IefdbRecipe, Path("data/source/demo/iefdb/recipe.yaml"))
    folder.mkdir()
    write_iefdb(folder, recipe)
    return [str(path) for path in sorted(folder.glob("Original/*"))]


def make_groups(folder: Path, photographs: list[str]) -> list[str]:
    """Pictures of two megapixels with dozens of people, as small as in a photograph of a class."""
    folder.mkdir()
    people = [cv2.imread(photograph) for photograph in photographs]
    paths = []
    for number, width in enumerate(WIDTHS):
        height = width * people[0].shape[0] // people[0].shape[1]
        small = [cv2.resize(p, (width, height), interpolation=cv2.INTER_AREA) for p in people]
        columns, rows = GROUP[0] // width, GROUP[1] // height
        chosen = [small[(number + place) % len(small)] for place in range(columns * rows)]
        lines = [np.hstack(chosen[row * columns :][:columns]) for row in range(rows)]
        paths.append(str(folder / f"{width}.png"))
        cv2.imwrite(paths[-1], np.vstack(lines))
    return paths


def make_video(path: Path, photographs: list[str]) -> str:
    """The first photographs one after the other, swaying."""
    pictures = [cv2.imread(photograph) for photograph in photographs[:4]]
    height, width = pictures[0].shape[:2]
    with write_video(path, 25) as write:
        for number in range(FRAMES):
            picture = cv2.resize(pictures[number * len(pictures) // FRAMES], (width, height))
            move = np.array([[1, 0, 8 * np.sin(number / 7)], [0, 1, 0]], np.float32)
            moved = cv2.warpAffine(picture, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
            write(moved, number / 25)
    return str(path)


def install_fer(folder: Path) -> Path:
    """A Python with `fer`; without Triton, whose LLVM cannot be loaded beside TensorFlow's."""
    uv, python = Path(sys.executable).parent / "uv", folder / "bin/python"
    for command in (
        ["venv", "--quiet", "--python", "3.11", folder],
        ["pip", "install", "--quiet", "--python", python, "fer", "setuptools<81"],
        ["pip", "uninstall", "--quiet", "--python", python, "triton"],
    ):
        subprocess.run([uv, *command], check=True)  # noqa: S603
    return python


def ours(runs: list[list[str]]) -> Iterator[tuple[float, list[Any]]]:
    """Seconds and boxes of each run by the command's own code."""
    recognizer = Recognizer()
    recognizer.recognize([cv2.imread(runs[0][0])])
    for paths in runs:
        predictor = Predictor(recognizer, JsonLines(recognizer.classes), Options(quiet=True))
        with redirect_stdout(StringIO()) as written:
            start = time.perf_counter()
            predictor.run(find_sources(paths).files)
            seconds = time.perf_counter() - start
        lines = [json.loads(line) for line in written.getvalue().splitlines()]
        yield seconds, [[face["box"] for face in line["faces"]] for line in lines]


def theirs(python: Path, first: str, runs: list[list[str]]) -> list[tuple[float, list[Any]]]:
    """Seconds and boxes of each run by `fer`."""
    command = [python, "-c", THEIRS, first, json.dumps(runs), str(SMALLEST_FACE)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    lines = [line for line in done.stdout.splitlines() if line.startswith("[")]
    return [tuple(json.loads(line)) for line in lines[-len(runs) :]]


def report(name: str, mine: tuple[float, list[Any]], other: tuple[float, list[Any]]) -> None:
    """One line; ends the benchmark if a face that the other found is missing here."""
    found, their_faces, missed = 0, 0, 0
    for boxes, their_boxes in zip(mine[1], other[1], strict=True):
        found, their_faces = found + len(boxes), their_faces + len(their_boxes)
        if their_boxes:
            best = overlaps(corners(their_boxes), corners(boxes)).max(axis=1, initial=0)
            missed += int((best < SAME_FACE).sum())
    print(
        f"{name}: ratio {other[0] / mine[0]:.1f} ({len(mine[1])} pictures, fer {other[0]:.1f} s "
        f"with {their_faces} faces, expressions {mine[0]:.1f} s with {found} faces, {missed} of "
        "fer's not found)"
    )
    if missed:
        raise SystemExit(f"{name}: not the same faces")


def corners(boxes: list[list[float]]) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Left, top, right and bottom of boxes that are left, top, width and height."""
    table = np.array(boxes, np.float64).reshape(-1, 4)
    return np.concatenate([table[:, :2], table[:, :2] + table[:, 2:]], axis=1)


if __name__ == "__main__":
    main()

"""Make the documentation's pictures of `predict`, the page and the report, all of painted faces.

Run it in the repository's root after `make repro`, with chromium: `python docs/scripts/screens.py`.
"""

import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, sync_playwright

from expressions.prediction.recognizer import Recognizer
from expressions.prediction.video_file import write_video

DOCS, SAMPLES = Path("docs"), Path("samples")
PROGRAM = Path(sys.executable).with_name("expressions")
ADDRESS = "http://127.0.0.1:7869"


def main() -> None:
    """Write docs/predict.jpg, curves.png, app.png and report.png."""
    with TemporaryDirectory() as name:
        film, drawn = Path(name) / "talk.mp4", Path(name) / "drawn"
        draw_film(film)
        predict(SAMPLES / "group.jpg", drawn)
        predict(film, drawn)
        shutil.copyfile(drawn / "group.jpg", DOCS / "predict.jpg")
        shutil.copyfile(drawn / "talk.png", DOCS / "curves.png")
    with sync_playwright() as playwright, served():
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        shoot_page(browser)
        shoot_report(browser)
        browser.close()


def predict(path: Path, folder: Path) -> None:
    """Run the command for the pictures it draws."""
    command = [PROGRAM, "predict", "--quiet", "--annotate", folder, path]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603


def draw_film(path: Path) -> None:
    """Two places side by side in which the faces change every second."""
    recognizer = Recognizer()
    names = ("neutral", "happiness", "surprise", "sadness", "anger")
    faces = {name: centred(read(name), recognizer) for name in names}
    left = ("neutral", "happiness", "happiness", "surprise", "neutral", "happiness")
    right = ("sadness", "sadness", "anger", "anger", "sadness", "neutral")
    with write_video(path, 25) as write:
        for second in range(len(left)):
            pair = np.hstack([faces[left[second]], faces[right[second]]])
            for frame in range(25):
                shift = np.array([[1, 0, 4 * np.sin(second + frame / 8)], [0, 1, 0]], np.float32)
                size = pair.shape[1], pair.shape[0]
                moved = cv2.warpAffine(pair, shift, size, borderMode=cv2.BORDER_REPLICATE)
                write(np.asarray(moved, np.uint8), second + frame / 25)


def read(name: str) -> NDArray[np.uint8]:
    """One of the samples."""
    return np.asarray(cv2.imread(str(SAMPLES / f"{name}.jpg")), np.uint8)


def centred(picture: NDArray[np.uint8], recognizer: Recognizer) -> NDArray[np.uint8]:
    """The picture moved so that its face is where those of the others are."""
    face = recognizer.recognize([picture])[0][0].face
    height, width = picture.shape[:2]
    middle = face.x + face.width / 2, face.y + face.height / 2
    move = np.array([[1, 0, width / 2 - middle[0]], [0, 1, height * 0.4 - middle[1]]], np.float32)
    moved = cv2.warpAffine(picture, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)


@contextmanager
def served() -> Iterator[None]:
    """The page while the block runs."""
    port = ADDRESS.rsplit(":", 1)[1]
    with subprocess.Popen([PROGRAM, "app", "--no-open", "--port", port]) as process:  # noqa: S603
        for _ in range(120):
            try:
                urllib.request.urlopen(ADDRESS, timeout=2).close()
                break
            except OSError:
                time.sleep(0.5)
        yield
        process.terminate()


def shoot_page(browser: Browser) -> None:
    """The page with its answer for the group."""
    page = browser.new_page(viewport={"width": 1180, "height": 900})
    page.goto(ADDRESS)
    page.wait_for_selector("#given input[type=file]", state="attached")
    page.set_input_files("#given input[type=file]", SAMPLES / "group.jpg")
    page.wait_for_selector(".face")
    page.wait_for_timeout(1500)
    page.screenshot(path=DOCS / "app.png", full_page=True)


def shoot_report(browser: Browser) -> None:
    """The first screen of the report."""
    page = browser.new_page(viewport={"width": 1060, "height": 1400})
    page.goto(Path("models/history/report.html").resolve().as_uri())
    page.screenshot(path=DOCS / "report.png")


if __name__ == "__main__":
    main()

"""Finding and cutting out faces: this project's way against `MTCNN().detect_faces` in a loop."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from expressions.datasets.layouts.fer2013_tables import PICTURES, read_pictures
from expressions.datasets.sources.source_files import open_source
from expressions.datasets.synthetic.layouts import draw_photograph
from expressions.faces.framing import Crop
from expressions.faces.shards import crop_shards
from expressions.faces.store import SWITCH
from expressions.pictures.files import Picture, colour
from expressions.pictures.rendering import render_blocks
from expressions.pictures.shards import count_pictures, shard_paths, write_shards

SMALL, SMALL_IN_LOOP = 4096, 128
"""Pictures of 48×48 that this project crops, and the first of them, which the loop looks at."""
PHOTOGRAPHS, PHOTOGRAPHS_IN_LOOP = 64, 32
MANY = 1000
SHARDS = 16
CROP = Crop(detect=True, margin=0.0, confidence=0.8, no_face="keep", min_face=0.1, longest_side=640)


def main() -> None:
    """Print both ratios, time and memory of all of FER-2013, and the cost of one photograph."""
    with TemporaryDirectory() as name:
        pixels = fer2013_pixels(Path(os.environ["FER_DATA"]), Path(name))
        os.chdir(name)
        os.environ[SWITCH] = "off"
        compare("crop-48", list(pixels[:SMALL]), SMALL_IN_LOOP)
        photographs = [photograph(number) for number in range(PHOTOGRAPHS)]
        compare("crop-photo", photographs, PHOTOGRAPHS_IN_LOOP)
        memory(list(pixels))
        add_one(photographs)


def compare(name: str, pictures: Sequence[Picture], in_loop: int) -> None:
    """Print how many times more pictures a second are read, cropped and written than looped over.

    The loop only looks for faces, in pictures that are decoded already.
    """
    write(Path(name), pictures)
    # Both once before, so that no start-up is measured.
    crop_folder(Path(name))
    fast, table = timed(lambda: crop_folder(Path(name)))
    loop = original()
    loop(pictures[:2])
    slow, theirs = timed(lambda: loop(pictures[:in_loop]))
    ours = int(table["faces"][:in_loop].sum())
    ratio = (len(pictures) / fast) / (in_loop / slow)
    print(
        f"{name}: ratio {ratio:.1f} ({len(pictures) / fast:.0f} pictures/s, loop "
        f"{in_loop / slow:.1f}; faces in the loop's {in_loop} pictures: {ours}, loop {theirs})",
        flush=True,
    )


def memory(pictures: Sequence[Picture]) -> None:
    """Print seconds and peak memory for some and for all pictures, each in a fresh process."""
    for some in (pictures[:MANY], pictures):
        images = Path(f"images-{len(some)}")
        write(images, some)
        here = Path(__file__).resolve()
        environment = os.environ | {"PYTHONPATH": str(here.parents[1])}
        subprocess.run([sys.executable, here, images], env=environment, check=True)  # noqa: S603


def add_one(photographs: Sequence[Picture]) -> None:
    """Print what a photograph costs that joins many, with and without the store."""
    many = [marked(photographs[n % len(photographs)], n) for n in range(MANY + 1)]
    write(Path("before"), many[:MANY])
    write(Path("after"), many)
    whole, without = timed(lambda: crop_folder(Path("after")))
    del os.environ[SWITCH]
    crop_folder(Path("before"))
    added, with_store = timed(lambda: crop_folder(Path("after")))
    assert without.equals(with_store)
    print(
        f"crop-added: ratio {whole / added:.1f} ({MANY + 1} photographs anew {whole:.1f} s, of "
        f"which one is new {added:.1f} s)"
    )


def original() -> Callable[[Sequence[Picture]], int]:
    """The package's own loop; it gives the number of faces."""
    # `runtime` first, since it makes TensorFlow quiet.
    from expressions.network.runtime import tf  # noqa: F401, I001, PLC0415
    from mtcnn import MTCNN  # noqa: PLC0415

    detector = MTCNN()

    def loop(pictures: Sequence[Picture]) -> int:
        faces = 0
        for picture in pictures:
            try:
                rgb = cv2.cvtColor(colour(picture), cv2.COLOR_BGR2RGB)
                faces += len(detector.detect_faces(rgb))
            except ValueError:
                # How the package says that there is no candidate.
                continue
        return faces

    return loop


def crop_folder(images: Path) -> pd.DataFrame:
    """Crop a folder of shards as the stage does; the table of what was found."""
    return crop_shards(images, Path("faces"), CROP).table()


def write(images: Path, pictures: Sequence[Picture]) -> None:
    """Write pictures to shards, in their order."""
    ids = [f"{number:06d}" for number in range(len(pictures))]
    blocks = ((ids[n : n + 64], pictures[n : n + 64]) for n in range(0, len(ids), 64))
    write_shards(images, SHARDS, render_blocks(blocks))


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """The seconds that `work` takes, and what it gives."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def photograph(number: int) -> Picture:
    """A synthetic studio photograph of 640×480."""
    drawn = draw_photograph("happiness", tilted=number % 3 == 0, rng=np.random.default_rng(number))
    return np.asarray(cv2.resize(drawn, (480, 640), interpolation=cv2.INTER_AREA), np.uint8)


def marked(picture: Picture, number: int) -> Picture:
    """The picture with `number` in its corner, so that no two are equal."""
    copy = picture.copy()
    copy[0, 0] = [number % 256, number // 256, 0]
    return copy


def fer2013_pixels(data: Path, folder: Path) -> NDArray[np.uint8]:
    """All pictures of the user's table, `[n, 48, 48]`."""
    with open_source(data, PICTURES) as (_, name, stream), (folder / name).open("wb") as table:
        table.writelines(stream)
    return np.concatenate([block.pixels for block in read_pictures(folder / name)])


def crop_alone(images: Path) -> None:
    """What `memory` runs: crop, then print seconds and peak memory of this process."""
    seconds, _ = timed(lambda: crop_folder(images))
    # Not `getrusage`: its peak is the parent's where that was larger.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    megabytes = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    pictures = sum(map(count_pictures, shard_paths(images)))
    print(f"crop-fer2013: {pictures} pictures in {seconds:.1f} s, {megabytes:.0f} MiB at most")


if __name__ == "__main__":
    if sys.argv[1:]:
        crop_alone(Path(sys.argv[1]))
    else:
        main()

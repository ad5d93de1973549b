"""How the crop grows with the workers of a Dask cluster, all on this machine."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from crop import crop_folder, fer2013_pixels, photograph, timed, write

from expressions.faces.store import SWITCH
from expressions.pictures.workers import SCHEDULER

PHOTOGRAPHS = 256
SMALL = 8192


def main() -> None:
    """Print pictures a second for one and for two workers of one thread each."""
    with TemporaryDirectory() as name, ExitStack() as processes:
        pixels = fer2013_pixels(Path(os.environ["FER_DATA"]), Path(name))
        os.chdir(name)
        os.environ[SWITCH] = "off"
        sets = {
            "48": list(pixels[:SMALL]),
            "photo": [photograph(number) for number in range(PHOTOGRAPHS)],
        }
        for kind, pictures in sets.items():
            write(Path(kind), pictures)
        address = processes.enter_context(started(["scheduler", "--port", "0"], r"at:\s+(tcp\S+)"))
        os.environ[SCHEDULER] = address
        alone: dict[str, float] = {}
        for workers in (1, 2):
            processes.enter_context(started(["worker", address, "--nthreads", "1"], "(Registered)"))
            for kind, pictures in sets.items():
                crop_folder(Path(kind))
                seconds, _ = timed(lambda kind=kind: crop_folder(Path(kind)))
                rate = len(pictures) / seconds
                ratio = rate / alone.setdefault(kind, rate)
                print(f"cluster-{kind}-{workers}: ratio {ratio:.2f} ({rate:.0f} pictures/s)")


@contextmanager
def started(arguments: list[str], says: str) -> Iterator[str]:
    """Run a Dask command; gives what `says` matches in its log once it is ready."""
    command = [sys.executable, "-m", "dask", *arguments, "--host", "127.0.0.1"]
    process = subprocess.Popen(  # noqa: S603
        [*command, *(["--no-dashboard"] if arguments[0] == "scheduler" else [])],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        ready = next(match for line in process.stderr if (match := re.search(says, line)))
        yield ready[1]
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()

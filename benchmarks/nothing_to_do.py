"""What `dvc repro` needs to find that there is nothing to do, against `dvc version`.

That is DVC's own start and no more. Over all stages of the embedded data set, in this repository;
first it runs what there is to run.
"""

import statistics
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent

PAIRS = 15


def main() -> None:
    """Print a line with the median ratio of pairs, one command after the other."""
    subprocess.run(["dvc", "repro", "--quiet"], cwd=ROOT, check=True)  # noqa: S607
    pairs = [(seconds("repro"), seconds("version")) for _ in range(PAIRS + 1)][1:]
    ratios = sorted(repro / version for repro, version in pairs)
    repro, version = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(
        f"nothing-to-do: ratio {statistics.median(ratios):.2f} of dvc version ({ratios[0]:.2f} to "
        f"{ratios[-1]:.2f}; dvc repro {repro:.2f} s, dvc version {version:.2f} s)"
    )


def seconds(command: str) -> float:
    """How long a `dvc` command takes."""
    start = time.perf_counter()
    subprocess.run(["dvc", command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)  # noqa: S603, S607
    return time.perf_counter() - start


if __name__ == "__main__":
    main()

"""What several tests share: the repository, the real data, a copy of the pipeline to run."""

import os
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from helpers import Repository, copy_of_pipeline, made_once, run_small
from hypothesis import HealthCheck, settings
from numpy.typing import NDArray

from expressions.datasets.layouts.fer2013_tables import PICTURES, read_pictures
from expressions.datasets.sources.source_files import open_source

# A loaded machine is slow, which is no fault of what is tested.
settings.register_profile("quick", deadline=None, max_examples=25)
# For parsers: `make fuzz`.
settings.register_profile(
    "fuzz", deadline=None, max_examples=10_000, suppress_health_check=list(HealthCheck)
)
settings.load_profile("quick")


MAKES_THE_FIRST_RUN = "test_nothing_leaves.py"
MEANWHILE = "test_training.py"
"""Takes as long, and needs no first run."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files with the longest tests first, so that no process waits for another at the end.

    Nor at the start: while one makes the first run, for which all of the pipeline wait, another
    one trains.
    """

    def place(item: pytest.Item) -> int:
        first = (MAKES_THE_FIRST_RUN, MEANWHILE)
        if item.path.name in first:
            return first.index(item.path.name)
        return 3 if item.get_closest_marker("pipeline") is None else 2

    items.sort(key=place)


@pytest.fixture(scope="session")
def fer_data() -> Path:
    """The folder of the real data; without `FER_DATA` the tests that need it do not run."""
    folder = os.environ.get("FER_DATA")
    if not folder:
        pytest.skip("FER_DATA does not name the folder of the real data")
    return Path(folder)


@pytest.fixture(scope="session")
def fer2013_pictures(fer_data: Path, tmp_path_factory: pytest.TempPathFactory) -> NDArray[np.uint8]:
    """The first 8,192 pictures of the real table, `[n, 48, 48]`."""
    table = tmp_path_factory.mktemp("fer2013") / "pictures.csv"
    with open_source(fer_data, PICTURES) as (_, _, stream):
        table.write_bytes(b"".join(islice(stream, 8193)))
    return np.concatenate([block.pixels for block in read_pictures(table)])


@pytest.fixture(scope="session")
def new_repository(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Repository]:
    """Make a copy of the pipeline in a folder of its own."""
    return lambda: copy_of_pipeline(tmp_path_factory.mktemp("repository"))


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A small pipeline that ran to its end and was committed, once for all processes of pytest."""

    def run(folder: Path) -> None:
        run_small(copy_of_pipeline(folder))

    return Repository(made_once(tmp_path_factory, "first_run", run))


@pytest.fixture(scope="session")
def finished(first_run: Repository, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A copy of the first run; tests put back what they change."""
    return first_run.copy(tmp_path_factory.mktemp("finished") / "repository")

"""A folder that must not be written to ends every stage and command with one message."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from expressions.pipeline import paths

NOBODY = 65_534

FOLDERS = {
    "ingest fer2013": paths.RAW,
    "ingest mine": paths.RAW,
    "clean mine": paths.CLEAN,
    "join": paths.SAMPLES.parent,
    "render mine": paths.IMAGES,
    "crop mine": paths.FACES,
    "crop iefdb": paths.FACES,
    "arrays": paths.ARRAYS.parent,
    "evaluate": paths.PREDICTIONS.parent,
    "export": paths.MODELS,
    "audit": paths.AUDIT.parent,
    "report": paths.HISTORY,
    "expressions use data/source/files/fer2013": Path("data/source/files"),
}


@pytest.fixture
def in_open_copy(small_run, monkeypatch) -> Iterator[Path]:
    """A copy of the small run that everybody may read; the current folder."""
    with tempfile.TemporaryDirectory() as base:
        Path(base).chmod(0o755)
        folder = Path(base) / "run"
        shutil.copytree(small_run, folder, symlinks=True)
        monkeypatch.chdir(folder)
        yield folder


@contextmanager
def not_to_be_written(folder: Path) -> Iterator[None]:
    """Take away the right to write in a folder, from root, too."""
    folder.chmod(0o555)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        folder.chmod(0o755)


@pytest.mark.parametrize(("command", "folder"), FOLDERS.items())
def test_a_folder_that_must_not_be_written_to_is_named(in_open_copy, refused, command, folder):
    with not_to_be_written(folder):
        refused(command, "ermission denied|not be written|may not")

"""A run of all stages in small, once, and a way to run a stage or a command on a copy of it."""

import re
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from helpers import export, made_once
from small_run import (
    LIGHT_STAGES,
    draw_nothing,
    main_of,
    write_history,
    write_model,
    write_parameters,
    write_sources,
)

from expressions.commands import cli
from expressions.pipeline import paths
from expressions.pipeline.stage import run


class Outcome(NamedTuple):
    """How a stage or a command ended."""

    code: int
    output: str
    errors: str


@pytest.fixture
def outcome_of(capsys) -> Callable[[str], Outcome]:
    """Run a stage (`clean iefdb`) or a command (`expressions use folder`) in the current folder."""

    def ended(command: str) -> Outcome:
        name, *arguments = shlex.split(command)
        capsys.readouterr()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", [name, *arguments])
            # Commands set these for their process.
            for variable in ("OPENCV_LOG_LEVEL", "OPENCV_FFMPEG_LOGLEVEL"):
                patch.setenv(variable, "-8")
            try:
                if name == "expressions":
                    cli.main()
                else:
                    run(main_of(name))
                code = 0
            except SystemExit as end:
                code = int(end.code or 0)
        return Outcome(code, *capsys.readouterr())

    return ended


@pytest.fixture
def refused(outcome_of) -> Callable[[str, str], None]:
    """Run a stage or a command that has to end with exit code 1 and one message."""

    def check(command: str, message: str) -> None:
        found = outcome_of(command)
        # In a line of its own, also where a progress bar stands before it.
        told = re.split(r"(?m)^error: ", found.errors)[1:]
        assert (found.code, len(told)) == (1, 1), found
        assert re.search(message, told[0]), told[0]
        assert "Traceback" not in found.errors
        assert not list(Path().rglob(".*.partial"))

    return check


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All stages ran here but `train` and `export`, whose outputs are made by hand."""
    return made_once(tmp_path_factory, "small_run", run_all_stages)


def run_all_stages(folder: Path) -> None:
    """Make the small run in an empty folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        draw_nothing(patch)
        write_sources()
        write_parameters()
        for command in (*LIGHT_STAGES, "train by hand", "evaluate", "export by hand", "audit"):
            name, *arguments = command.split()
            if command == "train by hand":
                write_model(paths.MODEL)
                write_history()
            elif command == "export by hand":
                export(paths.EXPORT)
                (paths.EXPORT / "model.tflite").write_bytes(b"TFL3")
            else:
                main_of(name)(*arguments)


@pytest.fixture
def in_copy(small_run, tmp_path, monkeypatch) -> Path:
    """A copy of the small run, which is the current folder."""
    folder = tmp_path / "run"
    shutil.copytree(small_run, folder, symlinks=True)
    monkeypatch.chdir(folder)
    return folder

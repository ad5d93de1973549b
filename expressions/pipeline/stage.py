"""Running a stage: its errors, its end with DVC, and the proof that the lock will tell the truth.

DVC hashes what a stage depends on after its command has ended (treeverse/dvc#11058). What is edited
while the command runs would stand in `dvc.lock` as if the stage had used it. So a stage first loads
all of its code and holds it against its manifest, reads `params.yaml` once, and notes what its
inputs are; at its end it holds all of them against what stands there now, and fails where something
differs, upon which DVC records nothing.
"""

import ctypes
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import typer

from expressions.errors import InputError
from expressions.pipeline import code, parameters
from expressions.pipeline.code import Manifest
from expressions.pipeline.declaration import Declaration, read_declaration
from expressions.pipeline.integrity import FileState, damaged_inputs, read_states
from expressions.pipeline.paths import CODE
from expressions.pipeline.system.door import errors_in_one_line

# Linux, sys/prctl.h: a signal for when the parent ends.
_PR_SET_PDEATHSIG = 1


def run(
    main: Callable[..., None],
    at_start: Callable[[], None] = lambda: None,
    at_end: Callable[[], None] = lambda: None,
) -> None:
    """Run `main` as a command whose arguments are the function's parameters.

    Where DVC runs it, as a stage, its input must be what `dvc.lock` says, and nothing that it uses
    may change until it ends. `at_start` is called before its inputs are noted, `at_end` once it is
    proven that they are the same. A mistake in its input, and what the system refuses, end the
    process with a message on standard error and exit code 1.
    """
    with errors_in_one_line():
        at_start()
        if "DVC_STAGE" in os.environ:
            with unchanged_until_end(Path.cwd(), os.environ["DVC_STAGE"]):
                _call(main)
        else:
            _call(main)
        at_end()


def end_with_dvc() -> None:
    """Have this process killed with its parent, if it is a stage that DVC runs.

    Else it would write on, beside the stage that the next DVC starts.
    """
    if "DVC_STAGE" in os.environ:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@contextmanager
def unchanged_until_end(root: Path, stage: str) -> Iterator[None]:
    """Prove that the lock which DVC writes after the block tells what `stage` has used in it.

    Raises:
        InputError: the code is not that of the manifest, an input is not what another stage wrote,
            or something changed until the end; the message names what, from what, and to what.
    """
    with parameters.held():
        declared = read_declaration(root, stage)
        manifest = _load_code(root, stage, declared)
        _refuse_damaged_inputs(root, stage, declared)
        before = read_states(root, _inputs(declared))
        yield
        changes = [
            *_changed_parameters(declared),
            *code.changed_modules(manifest, root),
            *_changed_files(root, declared, before),
        ]
    if changes:
        listed = "".join(f"\n  {change}" for change in changes)
        raise InputError(
            f"what {stage} uses was changed while it ran, so what it wrote is not recorded:{listed}"
            "\nRun `dvc repro` again, with the changes or after putting them back."
        )


def _call(main: Callable[..., None]) -> None:
    try:
        typer.run(main)
    except SystemExit as end:
        # Typer ends the process, also where all went well.
        if end.code:
            raise


def _refuse_damaged_inputs(root: Path, stage: str, declared: Declaration) -> None:
    for damage in damaged_inputs(root, stage, declared.deps):
        raise InputError(
            f"{damage.path} is damaged: its MD5 is {damage.found}, dvc.lock says "
            f"{damage.expected}. Run `expressions verify`, then `dvc repro` or `dvc pull --force`; "
            "if it was changed on purpose, run `dvc commit` for the stage that wrote it."
        )


def _load_code(root: Path, stage: str, declared: Declaration) -> Manifest:
    name = stage.partition("@")[0]
    path = CODE / f"{name}.txt"
    # The stage that writes the manifests has none: it depends on all of the code.
    if path.as_posix() not in declared.deps:
        return Manifest({}, {})
    return code.load_closure(name, root)


def _inputs(declared: Declaration) -> list[str]:
    """Return the declared files and folders but the code, which is held against its manifest."""
    return [path for path in declared.deps if CODE not in Path(path).parents]


def _changed_parameters(declared: Declaration) -> Iterator[str]:
    for key, before, now in parameters.changed_values(declared.params):
        yield f"params.yaml: {key} was {before!r}, is now {now!r}"


def _changed_files(
    root: Path, declared: Declaration, before: dict[str, FileState]
) -> Iterator[str]:
    now = read_states(root, _inputs(declared), known=before)
    for path in sorted(before.keys() | now.keys()):
        if before.get(path) != now.get(path):
            yield f"{path} was {_told(before.get(path))}, is now {_told(now.get(path))}"


def _told(state: FileState | None) -> str:
    return "missing" if state is None else f"MD5 {state.md5} (written at {_clock(state.time)})"


def _clock(nanoseconds: int) -> str:
    return datetime.fromtimestamp(nanoseconds / 1e9).astimezone().isoformat(" ", "milliseconds")

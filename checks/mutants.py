"""Take out one guard after another in a copy of this repository: `make mutants`.

Each time the tests that have to notice run; a guard that can go without one of them failing is no
guard for long.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from checks.guards import GUARDS, Guard

ROOT = Path(__file__).parent.parent

# Of pytest: all passed, some failed. Others are of tests that did not run.
_PASSED, _FAILED = 0, 1
_FIRST = re.compile(r"^(?:FAILED|ERROR) tests/\S+?::(\w+)", re.MULTILINE)


def main() -> None:
    """Print which test notices each guard's absence; exit code 1 if one is missed by none."""
    with TemporaryDirectory(prefix="mutants ") as folder:
        copy = copy_files(Path(folder))
        unharmed = run_tests(copy, sorted({guard.tests for guard in GUARDS}))
        if unharmed:
            sys.exit(f"{unharmed} fails also with every guard in place. Mend that first.")
        print("| guard | stands in | noticed by |\n| --- | --- | --- |", flush=True)
        survived = []
        for guard in GUARDS:
            noticed = noticed_by(copy, guard)
            survived += [] if noticed else [guard.name]
            told = f"`{noticed}`" if noticed else "nothing"
            print(f"| {guard.name} | `{guard.file}` | {told} |", flush=True)
    if survived:
        sys.exit(f"Nothing notices when these are gone: {'; '.join(survived)}.")
    print(f"\nAll {len(GUARDS)} are noticed.")


def noticed_by(copy: Path, guard: Guard) -> str:
    """The test that fails while `guard` is out of `copy`; blank where none does."""
    path = copy / guard.file
    whole = path.read_text(encoding="utf-8")
    path.write_text(without(guard, whole), encoding="utf-8")
    try:
        return run_tests(copy, [guard.tests])
    finally:
        path.write_text(whole, encoding="utf-8")


def without(guard: Guard, text: str) -> str:
    """The text of the guard's file when it is taken out.

    Raises:
        SystemExit: the code has moved on, so that the guard does not stand there once.
    """
    if text.count(guard.held) != 1:
        raise SystemExit(
            f"{guard.name}: {guard.file} holds {text.count(guard.held)} times, not once,\n"
            f"{guard.held}\nBring checks/guards.py up to the code."
        )
    return text.replace(guard.held, guard.out)


def run_tests(copy: Path, files: Sequence[str]) -> str:
    """The first test of `files`, below `tests/`, that fails in `copy`; blank where all pass.

    Raises:
        SystemExit: the tests did not run.
    """
    # Neither a cache nor compiled code: a file of the same size and second is another one here.
    options = ["-qx", "-n0", "--tb=no", "-p", "no:cacheprovider"]
    command = [sys.executable, "-B", "-m", "pytest", *options, *(f"tests/{file}" for file in files)]
    environment = os.environ | {"PYTHONPATH": str(copy)}
    done = subprocess.run(  # noqa: S603 - our own tests
        command, cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    failed = _FIRST.search(done.stdout)
    if done.returncode == _PASSED:
        return ""
    if done.returncode == _FAILED and failed:
        return failed[1]
    raise SystemExit(f"The tests did not run:\n{done.stdout}{done.stderr}")


def copy_files(folder: Path) -> Path:
    """Copy what git tracks or would track, at its present state, to `folder`."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file() and not (ROOT / name).is_symlink():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


if __name__ == "__main__":
    main()

"""What ends a program at its door, and how."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import ROOT

from expressions.errors import InputError
from expressions.pipeline.system.door import errors_in_one_line

CLOSED = "error: standard output is closed. Send it to a file, or to /dev/null.\n"
FULL = "error: standard output: No space left on device. Make room, then run it again.\n"


def ended(act: Callable[[], object]) -> int | str | None:
    try:
        with errors_in_one_line():
            act()
    except SystemExit as end:
        return end.code
    return 0


def fail(error: BaseException) -> Callable[[], object]:
    def act() -> None:
        raise error

    return act


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (InputError("row 3: no emotion."), "row 3: no emotion."),
        (InputError("\x1b[31ma\udce9.csv"), "\\x1b[31ma\\udce9.csv"),
        (PermissionError(13, "Permission denied", "a\x07"), "a\\x07: Permission denied. Have its"),
        (MemoryError(), "Cannot allocate memory. Close other"),
        (UnicodeEncodeError("utf-8", "a\udce9", 1, 2, "no"), "'a\\udce9' cannot be written"),
    ],
)
def test_what_is_no_fault_of_the_program_is_one_line(capsys, error, told):
    assert ended(fail(error)) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {told}")
    assert err.count("\n") == 1


def test_a_fault_of_the_program_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        ended(lambda: 1 / 0)
    assert ended(fail(SystemExit(3))) == 3


@pytest.fixture
def stdout(monkeypatch) -> Callable[[object], None]:
    """Put a file in the place of standard output."""

    def put(path: object, encoding: str = "utf-8") -> None:
        monkeypatch.setattr(sys, "stdout", open(path, "w", encoding=encoding))  # noqa: PTH123, SIM115

    return put


@pytest.mark.parametrize("size", [1, 100_000])
def test_a_full_standard_output_is_named(stdout, capsys, size):
    stdout("/dev/full")
    given = sys.stdout
    assert ended(lambda: print("x" * size)) == 1
    assert capsys.readouterr().err == FULL
    assert sys.stdout is given
    # What Python does when it ends.
    given.close()


def test_a_pipe_that_nobody_reads_is_named(stdout, capsys):
    reading, writing = os.pipe()
    os.close(reading)
    stdout(writing)
    assert ended(lambda: print("x", flush=True)) == 1
    assert "standard output: Broken pipe. What reads it ended" in capsys.readouterr().err
    sys.stdout.close()


def test_a_file_that_is_full_is_not_taken_for_standard_output(stdout, tmp_path, capsys):
    stdout(tmp_path / "out")

    def act() -> None:
        print("begun")
        with Path("/dev/full").open("wb", buffering=0) as file:
            file.write(b"x")

    assert ended(act) == 1
    assert capsys.readouterr().err.startswith("error: No space left on device.")
    assert (tmp_path / "out").read_text("utf-8") == "begun\n"


def test_letters_that_a_terminal_has_not_are_written_as_numbers(stdout, tmp_path):
    stdout(tmp_path / "out", encoding="ascii")
    assert ended(lambda: print("é – 猫 \udce9")) == 0
    assert (tmp_path / "out").read_text("ascii") == "\\xe9 \\u2013 \\u732b \\udce9\n"


CODE = """
import sys
from pathlib import Path
from expressions.pipeline.system.door import errors_in_one_line
with errors_in_one_line():
    if sys.argv[1] == "mistake":
        raise OSError(28, "full")
    with Path("out").open("w") as file:
        assert file.fileno() > 2
        print("to standard output")
        if sys.argv[1] == "write":
            print("to standard error", file=sys.stderr)
        file.write("to the file")
"""


@pytest.mark.parametrize(
    ("redirection", "action", "code", "out", "err"),
    [
        ("0<&-", "write", 0, "to standard output\n", "to standard error\n"),
        ("1>&-", "write", 1, "", CLOSED),
        ("2>&-", "write", 0, "to standard output\n", ""),
        ("0<&- 1>&- 2>&-", "write", 1, "", ""),
        ("1>/dev/full", "silent", 1, "", FULL),
        ("2>/dev/full", "mistake", 1, "", ""),
        ("2>&-", "mistake", 1, "", ""),
    ],
)  # fmt: skip
def test_streams_that_are_closed_or_full(tmp_path, redirection, action, code, out, err):
    done = subprocess.run(
        ["sh", "-c", f'"{sys.executable}" -c "$CODE" "$0" {redirection}', action],
        cwd=tmp_path, env=os.environ | {"CODE": CODE, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (code, out)
    assert done.stderr == err
    if code == 0:
        assert (tmp_path / "out").read_text("utf-8") == "to the file"

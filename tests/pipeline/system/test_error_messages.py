"""Errors of the system as one line: of which file, what is wrong, what to do."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expressions.pipeline.outputs import whole_file, whole_folder
from expressions.pipeline.system.error_messages import explain, naming, number_of

READ_ONLY = "a: Read-only file system. Name another place, or mount it for writing."
DENIED = "Permission denied. Have its owner give you the right to it (chmod), or name another one."


def raised(number: int, *names: object) -> OSError:
    return OSError(number, os.strerror(number), *names)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (raised(errno.ENOSPC), "No space left on device. Make room, then run it again."),
        (raised(errno.EDQUOT, "a"), "a: Disk quota exceeded. Make room, then run it again."),
        (raised(errno.EROFS, b"a"), READ_ONLY),
        (raised(errno.EACCES, "a"), f"a: {DENIED}"),
        (raised(errno.ENOENT, "a"), "a: No such file or directory."),
        (raised(errno.EMFILE, "a"), "a: Too many open files. Allow more: ulimit -n 4096."),
        (raised(errno.ECONNREFUSED), "Connection refused."),
        # HDF5 and NumPy keep the number in the text, or say nothing of it.
        (OSError("Unable to create file (unable to open\nfile: errno = 13, message = 'x')"),
         DENIED),
        (OSError("8192 requested and 40 written"),
         "No space left on device. Make room, then run it again."),
        (OSError("what a\nlibrary says."), "what a library says."),
        (MemoryError(), "Cannot allocate memory. Close other programs, then run it again."),
    ],
)  # fmt: skip
def test_what_is_wrong_and_what_to_do(error, told):
    assert explain(error) == told


def test_what_it_begins_with_can_be_said():
    error = raised(errno.ENOENT, "a")
    assert explain(error, "b cannot be read") == "b cannot be read: No such file or directory."
    assert explain(error, "") == "No such file or directory."


@pytest.mark.parametrize(
    "error", [OSError(), OSError(""), OSError(-2, "Name not known"), OSError(2)]
)
def test_an_error_that_says_little_is_one_line_too(error):
    assert "\n" not in explain(error)
    assert explain(error).endswith(".")


@given(st.text(), st.integers(0, 140))
def test_it_is_one_line_whatever_the_error(text, number):
    for error in (OSError(text), OSError(number, text), MemoryError(text)):
        assert "\n" not in explain(error)


def test_a_name_in_no_encoding_is_quoted():
    with pytest.raises(UnicodeEncodeError) as caught:
        ("a" * 90 + "\udce9" + "b" * 90).encode()
    told = explain(caught.value)
    assert "\\udce9" in told
    assert "cannot be written in utf-8. Rename what is called so." in told
    assert len(told) < 160


def test_a_full_disk_that_numpy_hides_is_found(tmp_path):
    with pytest.raises(OSError, match="requested") as caught, Path("/dev/full").open("wb") as full:
        np.zeros(100_000).tofile(full)
    assert number_of(caught.value) == errno.ENOSPC


def act_in_partial(partial: Path, action: str) -> None:
    if action == "full":
        with Path("/dev/full").open("wb", buffering=0) as file:
            file.write(b"x")
    elif action == "missing":
        (partial / "a/b").touch()
    else:
        Path("/missing/a").touch()


@pytest.mark.parametrize(
    ("action", "named"), [("full", "out"), ("missing", "out/a/b"), ("other", "/missing/a")]
)
def test_the_users_own_path_is_named(tmp_path, monkeypatch, action, named):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OSError, match="No s") as caught, whole_folder(Path("out")) as partial:
        act_in_partial(partial, action)
    assert caught.value.filename == named
    assert explain(caught.value).startswith(f"{named}: ")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_begin_is_named_as_the_user_does(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    long = "x" * 252
    with pytest.raises(OSError, match="too long") as caught, whole_file(Path(long)) as partial:
        partial.touch()
    assert caught.value.filename == long
    assert explain(caught.value).startswith(f"{long}: File name too long. Take a shorter one")
    Path("file").touch()
    with pytest.raises(OSError, match="ile") as caught, whole_file(Path("file/a")):
        pytest.fail("there is no such folder")
    assert explain(caught.value).startswith("file")


def test_an_error_of_reading_names_no_output(tmp_path):
    with pytest.raises(OSError, match="error") as caught, naming(Path("out"), Path(".out.partial")):
        raise OSError(errno.EIO, "Input/output error")
    assert caught.value.filename is None

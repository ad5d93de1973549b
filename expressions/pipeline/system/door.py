"""The door of a program: what is no fault of its own ends it with one line."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from expressions.errors import InputError
from expressions.pipeline.console import bars_ended, say
from expressions.pipeline.system.error_messages import explain


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """End the process with one line on standard error and exit code 1 where something is wrong.

    That is a mistake of the person (`InputError`), or what the system refuses. What the block
    writes to standard output is written out when it has ended, and letters that the stream has not
    got are written as numbers. A bar that is unfinished then ends its line before the message.
    """
    try:
        _open_closed_streams()
        with _checked_output(), bars_ended():
            yield
    except InputError as error:
        _end(str(error))
    except (OSError, MemoryError, UnicodeEncodeError) as error:
        _end(explain(error))


class _Output(io.TextIOWrapper):
    """Standard output whose errors say that they are its own, which those of the system do not."""

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError as error:
            raise _refused(error) from None

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            raise _refused(error) from None


def _refused(error: OSError) -> InputError:
    return InputError(explain(error, "standard output"))


@contextmanager
def _checked_output() -> Iterator[None]:
    given: Any = sys.stdout
    if given is None:
        raise InputError("standard output is closed. Send it to a file, or to /dev/null.")
    output = _Output(
        given.buffer,
        given.encoding,
        errors="backslashreplace",
        line_buffering=given.line_buffering,
        write_through=given.write_through,
    )
    sys.stdout = output
    try:
        yield
    finally:
        sys.stdout = given
        # Written out here, since Python would do it as its last, and tell of errors in its words.
        output.detach()


def _open_closed_streams() -> None:
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # Else the next file that is opened would become the stream.
            os.open(os.devnull, os.O_RDWR)
    if sys.stderr is None:
        _drop_errors()


def _drop_errors() -> None:
    sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - to stay


def _end(message: str) -> NoReturn:
    try:
        say(f"error: {message}", error=True)
    except OSError:
        # Python would try it again as its last, and end with an exit code of its own.
        _drop_errors()
    raise SystemExit(1)

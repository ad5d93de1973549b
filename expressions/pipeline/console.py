"""Text for a person at a terminal."""

import json
import sys


def printable(text: str) -> str:
    """Return text in which nothing can move a terminal's cursor, nor fail to be encoded.

    Names of files may hold any character but a slash, control characters and broken ones included.
    """
    return "".join(
        letter if letter.isprintable() or letter == "\n" else ascii(letter)[1:-1] for letter in text
    )


def printable_name(text: str) -> str:
    """Return a name as `printable` makes it, in one line."""
    return printable(text).replace("\n", "\\n")


def printable_json(text: str) -> str:
    """Return JSON that means the same, in which nothing can move a terminal's cursor."""
    return "".join(
        letter if letter.isprintable() or letter == "\n" else json.dumps(letter)[1:-1]
        for letter in text
    )


def say(text: str, *, error: bool = False) -> None:
    """Write lines, as `printable` makes them, to standard output or to standard error."""
    stream = sys.stderr if error else sys.stdout
    stream.write(f"{printable(text)}\n")
    stream.flush()

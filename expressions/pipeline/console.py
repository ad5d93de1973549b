"""Text for a person at a terminal."""


def printable(text: str) -> str:
    """Return text in which nothing can move a terminal's cursor, nor fail to be encoded.

    Names of files may hold any character but a slash, control characters and broken ones included.
    """
    return "".join(
        letter if letter.isprintable() or letter == "\n" else ascii(letter)[1:-1] for letter in text
    )

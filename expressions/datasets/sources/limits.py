"""How much may come out of a user's files, so that a damaged or hostile one fills no disk."""

from pydantic import Field

from expressions.errors import InputError
from expressions.pipeline.parameters import Section

GIB = 1 << 30

MOST_TIMES = 100
"""Unpacked bytes for each packed one: text of pixels has 4, and a file of zeros 1,000."""
ANY_RATIO_BELOW = 64 << 20
"""Bytes up to which the ratio does not count: small tables of few values pack very well."""


class Limits(Section):
    """The limits in the `ingest` section of a data set."""

    largest_gib: float = Field(default=8.0, gt=0)
    """Unpacked, of one table or of all pictures together; FER-2013 has 0.3."""
    most_files: int = Field(default=500_000, gt=0)
    """Pictures of one data set, and files in one archive."""


class Budget:
    """Bytes that may still come out of one packed file."""

    def __init__(self, path: object, packed: int, limits: Limits) -> None:
        self._path = path
        largest, ratio = int(limits.largest_gib * GIB), MOST_TIMES * packed
        self._by_ratio = max(ratio, ANY_RATIO_BELOW) < largest
        self.left = min(largest, max(ratio, ANY_RATIO_BELOW))
        self._limits = limits

    def spend(self, count: int) -> None:
        """Take `count` bytes off.

        Raises:
            InputError: there were fewer left; the message names the limit.
        """
        self.left -= count
        if self.left < 0:
            which = (
                f"more than {MOST_TIMES} times its own size, as no table or picture does"
                if self._by_ratio
                else f"more than {self._limits.largest_gib:g} GiB (largest_gib in params.yaml, in "
                "this data set's part of ingest)"
            )
            raise InputError(f"{self._path} unpacks to {which}. Take another file.")


def too_many_files(folder: object, count: int, limits: Limits) -> InputError:
    """Return the error for a folder of more pictures than `limits` allow."""
    return InputError(
        f"{folder} holds {count} pictures, more than {limits.most_files}. Raise most_files in "
        "params.yaml, in this data set's part of ingest."
    )

"""The splits, and the rule that puts a picture into one."""

import hashlib
from collections.abc import Iterable, Mapping

TRAINING = "training"
SPLITS = (TRAINING, "validation", "test")
"""What every run has; besides them a data set may be an evaluation split of its own."""

# What tables call them, besides their own names.
SPELLINGS = {split: split for split in SPLITS} | {
    "train": TRAINING,
    "val": "validation",
    "valid": "validation",
    "dev": "validation",
    "testing": "test",
    "publictest": "validation",
    "privatetest": "test",
}

_RANGE = 2**64


def in_order(splits: Iterable[str]) -> list[str]:
    """Return each split once: training, validation, test, then the others by name."""
    return sorted(set(splits), key=lambda split: (split not in SPLITS, _index(split), split))


def by_share(image_id: str, shares: Mapping[str, float]) -> str:
    """Return the split of a picture by its id alone, so that another picture does not move it.

    `shares` add up to 1. In a large data set each split gets its share, but not to the picture.
    """
    digest = hashlib.sha256(image_id.encode()).digest()
    position = int.from_bytes(digest[:8], "big") / _RANGE
    for split, share in shares.items():
        position -= share
        if position < 0:
            return split
    # The shares add up to a little less than 1.
    return max(shares, key=lambda split: shares[split])


def _index(split: str) -> int:
    return SPLITS.index(split) if split in SPLITS else 0

"""Splits: by shares of a hash, and in one order."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from expressions.labels import splits

SHARES = {"training": 0.7, "validation": 0.2, "test": 0.1}


@given(st.sets(st.text(min_size=1, max_size=20), max_size=30), st.text(max_size=20))
def test_a_new_picture_moves_no_other_to_another_split(names, new):
    before = {name: splits.by_share(f"mine-{name}", SHARES) for name in names}
    after = {name: splits.by_share(f"mine-{name}", SHARES) for name in [*sorted(names), new]}
    assert before.items() <= after.items()
    assert set(after.values()) <= set(SHARES)


def test_each_split_gets_its_share():
    counts = Counter(splits.by_share(f"mine-{number}", SHARES) for number in range(10_000))
    for split, share in SHARES.items():
        # Four standard deviations of a binomial count.
        assert abs(counts[split] - 10_000 * share) < 4 * np.sqrt(10_000 * share * (1 - share))


def test_splits_come_in_one_order():
    assert splits.in_order(["mine", "test", "iefdb", "training", "test"]) == [
        "training",
        "test",
        "iefdb",
        "mine",
    ]

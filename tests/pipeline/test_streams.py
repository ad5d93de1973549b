"""Streams worked on side by side: in order, bounded, and with their errors."""

import threading
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expressions.pipeline.streams import ahead, batched_by, ordered_map


class Counted:
    """The numbers from 0, noting how many were taken."""

    def __init__(self, count: int) -> None:
        self.taken = 0
        self.count = count

    def __iter__(self):
        for number in range(self.count):
            self.taken = number + 1
            yield number


@given(st.lists(st.integers()), st.integers(1, 4))
def test_order_and_content_stay(items, count):
    assert list(ahead(items, count)) == items
    assert list(ordered_map(lambda item: item + 1, items, count)) == [item + 1 for item in items]


def test_slow_items_do_not_change_the_order():
    delays = [0.05, 0.0, 0.03, 0.0]

    def wait(place: int) -> int:
        time.sleep(delays[place])
        return place

    assert list(ordered_map(wait, range(4), 3)) == [0, 1, 2, 3]


def test_no_more_than_a_few_are_taken_ahead():
    for stream, items in (
        (lambda items: ahead(items, 3), Counted(1000)),
        (lambda items: ordered_map(abs, items, 3), Counted(1000)),
    ):
        for used, _ in enumerate(stream(items), start=1):
            assert items.taken <= used + 4
        assert used == 1000


def test_items_are_worked_on_at_the_same_time():
    together = threading.Barrier(2, timeout=10)
    assert list(ordered_map(lambda _: together.wait() >= 0, range(2), 2)) == [True, True]


def test_an_error_comes_where_its_item_would_have():
    def broken():
        yield 1
        raise ZeroDivisionError

    for stream in (ahead(broken(), 4), ordered_map(lambda item: 1 // (1 - item), [0, 1], 2)):
        assert next(stream) == 1
        with pytest.raises(ZeroDivisionError):
            next(stream)


def test_what_waits_when_a_consumer_stops_is_not_taken():
    items = Counted(100)
    stream = ahead((time.sleep(0.05) or item for item in items), 8)
    next(stream)
    stream.close()
    assert items.taken <= 4


def test_a_consumer_who_stops_ends_the_threads():
    before = threading.active_count()
    for stream in (ahead(Counted(10**6), 2), ordered_map(abs, Counted(10**6), 2)):
        next(stream)
        stream.close()
    assert threading.active_count() == before


@given(st.lists(st.integers(0, 12)), st.integers(1, 20), st.one_of(st.none(), st.integers(1, 4)))
def test_batches_hold_every_item_in_order_and_are_full_but_not_more(items, most, most_items):
    batches = list(batched_by(items, lambda item: item, most, most_items))
    assert [item for batch in batches for item in batch] == items
    for batch in batches:
        assert len(batch) >= 1
        assert len(batch) == 1 or sum(batch) <= most
        assert most_items is None or len(batch) <= most_items
    for batch, following in pairwise(batches):
        # The next item would have been too much.
        assert sum(batch) + following[0] > most or len(batch) == most_items


def test_a_batch_is_given_before_more_than_one_further_item_is_taken():
    items = Counted(100)
    batches = batched_by(items, lambda item: 1, 10)
    assert next(batches) == list(range(10))
    assert items.taken == 11

"""Steps of a stream side by side: in order, and never more than a few items ahead."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def ahead(items: Iterable[Item], count: int) -> Generator[Item]:
    """The same items; up to `count` are made ready on another thread while earlier ones are used.

    An error in `items` is raised where the item would have come.
    """
    iterator, end = iter(items), object()
    waiting: deque[Future[Any]] = deque()
    with ThreadPoolExecutor(1) as thread, _cancelled_at_end(waiting):
        waiting.extend(thread.submit(next, iterator, end) for _ in range(count))
        while (item := waiting.popleft().result()) is not end:
            waiting.append(thread.submit(next, iterator, end))
            yield item


def batched_by(
    items: Iterable[Item],
    size: Callable[[Item], int],
    most: int,
    most_items: int | None = None,
) -> Iterator[list[Item]]:
    """Yield the items in lists, in order, each as long as its sizes add up to `most` at most.

    An item that is larger is alone in its list. No list has more than `most_items`, if that is
    given, and none is empty.
    """
    batch: list[Item] = []
    total = 0
    for item in items:
        its_size = size(item)
        if batch and (total + its_size > most or len(batch) == most_items):
            yield batch
            batch, total = [], 0
        batch.append(item)
        total += its_size
    if batch:
        yield batch


def ordered_map(
    function: Callable[[Item], Result], items: Iterable[Item], threads: int
) -> Iterator[Result]:
    """`function` of each item, in order, on as many `threads`; nothing is taken far ahead."""
    with ThreadPoolExecutor(threads) as pool:
        yield from submitted(lambda item: pool.submit(function, item), items, lambda: threads + 1)


def submitted(
    submit: Callable[[Item], Any], items: Iterable[Item], most: Callable[[], int]
) -> Iterator[Any]:
    """The results of the futures that `submit` gives for each item, in order.

    Fewer than `most()` futures wait at a time.
    """
    waiting: deque[Any] = deque()
    with _cancelled_at_end(waiting):
        for item in items:
            waiting.append(submit(item))
            if len(waiting) >= most():
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@contextmanager
def _cancelled_at_end(waiting: "deque[Future[Any]]") -> Iterator[None]:
    """Cancel what waits when the consumer stops early, so that the pool ends at once."""
    try:
        yield
    finally:
        for future in waiting:
            future.cancel()

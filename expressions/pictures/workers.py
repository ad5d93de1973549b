"""Running a step's tasks on all cores of this machine, or on those of a Dask cluster.

`EXPRESSIONS_SCHEDULER`, the address of a Dask scheduler, says which. Results come in the order of
the tasks and are the same either way. The address is no parameter: it changes where the work is
done and nothing else, so it stays out of everything that is hashed.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from typing import Any, NamedTuple, TypeVar

from expressions.errors import InputError
from expressions.pipeline.code import closure
from expressions.pipeline.streams import submitted

SCHEDULER = "EXPRESSIONS_SCHEDULER"

# Tasks handed out for each core: one in work, one waiting, so that reading and writing overlap
# with the work and memory does not grow with the number of tasks.
_TASKS_A_CORE = 2
_SECONDS_TO_ANSWER = 60
_RETRIES = 3

# What decides the bytes of a picture besides this project's own code.
_PACKAGES = ("numpy", "onnxruntime", "opencv-python-headless", "mtcnn", "pillow")

Task = TypeVar("Task")
Result = TypeVar("Result")


class _Workers(NamedTuple):
    submit: Callable[..., Any]
    """Starts `function(*arguments)`; gives a future."""
    cores: Callable[[], int]


def map_in_order(
    function: Callable[..., Result], tasks: Iterable[Task], *arguments: Any
) -> Iterator[Result]:
    """Yield `function(task, *arguments)` for each task, in order, on all cores or on the cluster.

    `function` is a module's, and gives up Python's lock while it works (OpenCV and ONNX Runtime
    do), since the local cores are used by threads.

    Raises:
        InputError: what a task raises; no cluster at the address, or one whose workers have other
            code or other packages.
    """
    address = os.environ.get(SCHEDULER)
    with _cluster(address) if address else _threads() as workers:
        yield from submitted(
            lambda task: workers.submit(function, task, *arguments),
            tasks,
            lambda: _TASKS_A_CORE * workers.cores(),
        )


@contextmanager
def _threads() -> Iterator[_Workers]:
    cores = len(os.sched_getaffinity(0))
    with ThreadPoolExecutor(cores) as threads:
        yield _Workers(threads.submit, lambda: cores)


@contextmanager
def _cluster(address: str) -> Iterator[_Workers]:
    """The workers of a Dask scheduler; what a dead one had in hand is done again by another."""
    try:
        from distributed import Client, KilledWorker  # noqa: PLC0415
    except ImportError:
        raise InputError(
            f"{SCHEDULER} is set, and the package distributed is missing. Install it."
        ) from None
    try:
        client: Any = Client(address, timeout=_SECONDS_TO_ANSWER)  # type: ignore[no-untyped-call]
        client.wait_for_workers(1, timeout=_SECONDS_TO_ANSWER)
    except (OSError, TimeoutError, ValueError) as error:
        raise InputError(
            f"{SCHEDULER}: no scheduler with a worker answers at {address} ({error}). Start one "
            "(`dask scheduler`, `dask worker`), or unset the variable."
        ) from None

    def submit(function: Callable[..., Any], *arguments: Any) -> Any:
        expected = fingerprint(function.__module__)
        return client.submit(
            _on_worker, expected, function, *arguments, pure=False, retries=_RETRIES
        )

    try:
        yield _Workers(submit, lambda: max(1, sum(client.nthreads().values())))
    except KilledWorker as error:
        raise InputError(
            f"{SCHEDULER}: workers of {address} died again and again over one task ({error}). Give "
            "them more memory."
        ) from None
    except (CancelledError, OSError) as error:
        raise InputError(
            f"{SCHEDULER}: the scheduler at {address} is gone ({error}). Run again."
        ) from None
    finally:
        client.close()


def _on_worker(expected: dict[str, str], function: Callable[..., Any], *arguments: Any) -> Any:
    found = fingerprint(function.__module__)
    for name in sorted(expected.keys() | found.keys()):
        here, there = expected.get(name, "none"), found.get(name, "none")
        if here != there:
            raise InputError(
                f"{SCHEDULER}: a worker has {name} {there[:12]}, this machine {here[:12]}. Give "
                "both the same checkout and the packages of requirements.txt."
            )
    return function(*arguments)


@cache
def fingerprint(module: str) -> dict[str, str]:
    """Return the hash of each file that a module consists of, and the versions of packages."""
    return closure(module) | {package: version(package) for package in _PACKAGES}

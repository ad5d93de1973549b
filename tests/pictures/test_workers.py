"""Tasks on a cluster: what goes wrong with it is one message. Real clusters: `test_cropping`."""

import builtins
import sys
from concurrent.futures import CancelledError
from types import ModuleType

import pytest

from expressions.errors import InputError
from expressions.pictures import workers
from expressions.pictures.workers import SCHEDULER, fingerprint, map_in_order


def double(task: int, factor: int = 2) -> int:
    return task * factor


def test_tasks_run_in_order_on_the_local_cores():
    assert list(map_in_order(double, range(50))) == list(range(0, 100, 2))
    assert list(map_in_order(double, range(3), 5)) == [0, 5, 10]


def test_a_fingerprint_is_of_what_a_module_consists_of():
    found = fingerprint("expressions.pictures.rendering")
    assert {"expressions/pictures/files.py", "expressions/pictures/rendering.py", "numpy"} <= set(
        found
    )
    assert not [name for name in found if "prediction" in name]


@pytest.mark.parametrize("change", [{"numpy": "0.1"}, {"expressions/pictures/files.py": "f" * 64}])
def test_a_worker_of_another_make_refuses_its_task(change):
    module = "expressions.pictures.rendering"
    expected = fingerprint(module) | change
    double.__module__, own = module, double.__module__
    try:
        assert workers._on_worker(fingerprint(module), double, 4) == 8
        with pytest.raises(InputError, match=rf"a worker has {next(iter(change))}"):
            workers._on_worker(expected, double, 4)
        with pytest.raises(InputError, match=r"a worker has expressions/new\.py none"):
            workers._on_worker(fingerprint(module) | {"expressions/new.py": "0" * 64}, double, 4)
    finally:
        double.__module__ = own


class Client:
    """Dask's, of a cluster that fails in a way of its own."""

    error: Exception | None = None

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def wait_for_workers(self, *_: object, **__: object) -> None:
        pass

    def nthreads(self) -> dict[str, int]:
        return {"one": 1}

    def submit(self, *_: object, **__: object) -> "Client":
        return self

    def result(self) -> None:
        assert self.error is not None
        raise self.error

    def cancel(self) -> None:
        pass

    def close(self) -> None:
        pass


class KilledWorker(Exception):  # noqa: N818 - Dask's name
    """What Dask raises where workers die again and again."""


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (KilledWorker("task"), "died again and again over one task .*more memory"),
        (CancelledError("gone"), "the scheduler at tcp://a:1 is gone"),
        (OSError("closed"), "the scheduler at tcp://a:1 is gone"),
    ],
)
def test_a_cluster_that_fails_is_one_message(monkeypatch, error, message):
    dask = ModuleType("distributed")
    dask.Client = type("Failing", (Client,), {"error": error})
    dask.KilledWorker = KilledWorker
    monkeypatch.setitem(sys.modules, "distributed", dask)
    monkeypatch.setenv(SCHEDULER, "tcp://a:1")
    monkeypatch.setattr(workers, "fingerprint", lambda _: {})
    with pytest.raises(InputError, match=message):
        list(map_in_order(double, [1, 2]))


def test_a_missing_package_is_one_message(monkeypatch):
    importing = builtins.__import__

    def missing(name, *arguments):
        if name == "distributed":
            raise ImportError(name)
        return importing(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", missing)
    monkeypatch.delitem(sys.modules, "distributed", raising=False)
    monkeypatch.setenv(SCHEDULER, "tcp://a:1")
    with pytest.raises(InputError, match="the package distributed is missing"):
        list(map_in_order(double, [1]))

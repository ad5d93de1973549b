"""Faces that were found before are not looked for again, and nothing else changes."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from helpers import ROOT

from expressions.faces import store as face_store
from expressions.faces.detection.mtcnn import Face
from expressions.faces.store import FaceStore, key


def faces(number: int, count: int = 1) -> list[Face]:
    rng = np.random.default_rng(number)
    return [Face(*rng.normal(size=5).tolist(), rng.normal(size=(5, 2))) for _ in range(count)]


def same(ours: list[Face] | None, theirs: list[Face]) -> bool:
    return ours is not None and [(*f[:5], f.landmarks.tobytes()) for f in ours] == [
        (*f[:5], f.landmarks.tobytes()) for f in theirs
    ]


def test_what_is_put_comes_back_to_the_bit_in_another_run(tmp_path):
    with FaceStore(tmp_path) as store:
        store.put([(b"none", []), (b"one", faces(1)), (b"many", faces(2, count=7))])
    with FaceStore(tmp_path) as store:
        none, one, many, unknown = store.get([b"none", b"one", b"many", b"unknown"])
    assert none == []
    assert same(one, faces(1))
    assert same(many, faces(2, count=7))
    assert unknown is None


def test_the_key_follows_picture_parameters_code_and_versions(monkeypatch):
    keys = {key(b"a", 0.1, 640), key(b"b", 0.1, 640), key(b"a", 0.2, 640), key(b"a", 0.1, 320)}
    assert len(keys) == 4
    face_store.detector_fingerprint.cache_clear()
    assert key(b"a", 0.1, 640) in keys
    face_store.detector_fingerprint.cache_clear()
    monkeypatch.setattr(face_store, "version", lambda package: "99.0")
    assert key(b"a", 0.1, 640) not in keys
    monkeypatch.undo()
    face_store.detector_fingerprint.cache_clear()
    closure = face_store.closure("expressions.faces.detection.mtcnn")
    assert {"expressions/faces/detection/boxes.py", "expressions/pictures/files.py"} <= set(closure)
    edited = closure | {"expressions/faces/detection/boxes.py": "another hash"}
    monkeypatch.setattr(face_store, "closure", lambda _: edited)
    assert key(b"a", 0.1, 640) not in keys
    face_store.detector_fingerprint.cache_clear()


def test_what_was_used_longest_ago_goes_first_and_the_file_stays_small(tmp_path):
    limit = 200_000
    for run in range(12):
        with FaceStore(tmp_path, limit) as store:
            store.put((b"%d-%d" % (run, n), faces(n)) for n in range(100))
            assert store.get([b"0-0"]) != [None], "used in every run"
    with FaceStore(tmp_path, limit) as store:
        assert None not in store.get([b"11-%d" % n for n in range(100)])
        assert store.get([b"0-1"]) == [None]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 1.5 * limit


def test_the_limit_counts_the_bytes_that_the_file_takes(tmp_path):
    with FaceStore(tmp_path) as store:
        store.put((key(b"%d" % n, 0.1, 640), faces(n)) for n in range(5000))
        counted = store._size
    taken = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert 0.7 * taken < counted < 1.4 * taken


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + bytes(5000)])
def test_a_damaged_file_is_forgotten(tmp_path, content):
    (tmp_path / "faces.sqlite").write_bytes(content)
    with FaceStore(tmp_path) as store:
        assert store.get([b"a"]) == [None]
        store.put([(b"a", faces(1))])
    with FaceStore(tmp_path) as store:
        assert same(store.get([b"a"])[0], faces(1))


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with FaceStore(tmp_path / "file") as store:
        store.put([(b"a", faces(1))])
        assert store.get([b"a"]) == [None]


def test_it_can_be_turned_off(tmp_path, monkeypatch):
    monkeypatch.setenv(face_store.SWITCH, "off")
    with FaceStore(tmp_path) as store:
        store.put([(b"a", faces(1))])
        assert store.get([b"a"]) == [None]
    assert list(tmp_path.iterdir()) == []


def test_it_survives_a_kill(tmp_path):
    code = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from pathlib import Path; from faces.test_store import *\n"
        f"with FaceStore(Path({str(tmp_path)!r})) as store:\n"
        "    for n in range(10**6):\n"
        "        store.put((b'%d-%d' % (n, m), faces(m)) for m in range(50))\n"
        "        print(n, flush=True)\n"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, env=os.environ, text=True
    )
    while int(writer.stdout.readline()) < 5:
        pass
    time.sleep(0.05)
    writer.send_signal(signal.SIGKILL)
    last = [int(line) for line in writer.stdout.read().split()]
    writer.wait()
    with FaceStore(tmp_path) as store:
        written = [b"%d-%d" % (n, m) for n in range(max(last, default=5)) for m in range(50)]
        assert all(same(found, faces(n % 50)) for n, found in enumerate(store.get(written)))

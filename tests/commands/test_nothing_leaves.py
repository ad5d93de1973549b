"""Nothing is sent, and nothing written but where it was asked for and where the pages say."""

import http.client
import os
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import psutil
import pytest
from helpers import ROOT, Repository, export, unused_port
from tracing import STRACE, Trace, can_trace, load_trace, read_trace

from expressions.prediction.video_file import write_video

BIN = Path(sys.executable).parent
CACHES = (".cache/matplotlib", ".config/matplotlib")
"""Below the home, as docs/limits.md names them."""


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return export(tmp_path_factory.mktemp("model"))


@pytest.fixture(autouse=True)
def strace():
    assert can_trace(), "strace is missing or may trace nothing here; `make test` installs it"


@pytest.fixture
def places(tmp_path) -> tuple[Path, Path, Path]:
    """Empty folders: to work in, the user's own, and for temporary files."""
    folders = tmp_path / "work", tmp_path / "home", tmp_path / "temporary"
    for folder in folders:
        folder.mkdir()
    return folders


def start(places: tuple[Path, Path, Path], *command: object, **options) -> subprocess.Popen[str]:
    """Begin a command under strace, with what an environment of today has in it, and no more."""
    work, home, temporary = places
    environment = {"HOME": str(home), "TMPDIR": str(temporary), "PATH": os.environ["PATH"],
                   "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1",
                   "PYTHONPATH": str(ROOT)}  # fmt: skip
    traced = [*STRACE, "--output", work.parent / "log", "--", *command]
    return subprocess.Popen(
        traced, cwd=work, env=environment, stdout=subprocess.PIPE, text=True, **options
    )


def seen(places: tuple[Path, Path, Path]) -> tuple[Trace, set[str]]:
    """What the command did, and what it left in the home and among temporary files."""
    work, home, temporary = places
    assert list(temporary.rglob("*")) == []
    left = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    trace = read_trace(work.parent / "log", work)
    assert trace.outside(work, temporary, *(home / cache for cache in CACHES)) == [
        str(home / folder)
        for folder in (".cache", ".config")
        if str(home / folder) in trace.written
    ]
    return trace, left


def test_what_is_sent_and_written_by_a_child_in_a_thread_is_seen(places):
    code = """
import os, socket, threading
def act():
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 9))
    os.mkdir("../apart")
    open("../apart/file", "w").close()
    os.rename("../apart/file", "../apart/other")
thread = threading.Thread(target=act)
if os.fork():
    os.wait()
else:
    thread.start()
    thread.join()
"""
    with start(places, sys.executable, "-c", code) as process:
        process.communicate()
    trace = read_trace(places[0].parent / "log", places[0])
    apart = str(places[0].with_name("apart"))
    assert trace.contacts == ["192.0.2.1:9"]
    assert trace.outside(places[0]) == [apart, f"{apart}/file", f"{apart}/other"]
    assert trace.outside(places[0].parent) == []


def test_the_command_sends_nothing_and_writes_what_it_was_asked_for(places, model):
    work = places[0]
    with write_video(work / "a.mp4", 25) as write:
        for number in range(2):
            write(cv2.imread(str(ROOT / "samples/happiness.jpg")), number / 25)
    command = (BIN / "expressions", "predict", "--model", model, "--annotate", "out", "a.mp4",
               ROOT / "samples/happiness.jpg")  # fmt: skip
    with start(places, *command) as process:
        assert "happiness.jpg" in process.communicate()[0]
    trace, left = seen(places)
    assert (trace.contacts, trace.listening) == ([], [])
    # It draws curves of the video.
    assert {Path(path).parent for path in left} == {Path(CACHES[0])}
    assert {path.name for path in (work / "out").iterdir()} == {"a.mp4", "a.png", "happiness.jpg"}


def test_the_program_interface_sends_and_writes_nothing(places, model):
    code = f"""
from expressions import Recognizer
print(len(Recognizer({str(model)!r}).recognize({str(ROOT / "samples/group.jpg")!r})))
"""
    with start(places, sys.executable, "-c", code) as process:
        assert process.communicate()[0] == "3\n"
    trace, left = seen(places)
    assert (trace.contacts, trace.listening, left) == ([], [], set())
    assert trace.written == [], "not even a file that is gone again"


def test_the_page_speaks_to_nobody_but_who_asks_it(places, model):
    port = unused_port()
    command = (BIN / "expressions", "app", "--no-open", "--port", port, "--model", model)
    with start(places, *map(str, command)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == (
            f"http://127.0.0.1:{port} shows the page until Ctrl-C.\n"
        )
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/")
        assert connection.getresponse().status == 200
        connection.close()
        [page] = psutil.Process(process.pid).children()
        page.send_signal(signal.SIGINT)
        process.communicate()
    trace, left = seen(places)
    assert (trace.contacts, trace.listening, left) == ([], [f"127.0.0.1:{port}"], set())


@pytest.mark.pipeline
def test_no_stage_sends_anything_or_writes_outside_of_the_repository(first_run: Repository):
    trace = load_trace(first_run.folder / ".dvc/tmp/trace.json")
    assert trace.contacts == []
    written = trace.outside(
        first_run.folder,
        # The folder that became this one when all was done.
        first_run.folder.with_name(f".{first_run.folder.name}.partial"),
        Path("/var/tmp/dvc"),  # noqa: S108 - DVC's, and documented
    )
    # Beside the tests' own files, where coverage is measured.
    assert [path for path in written if not Path(path).name.startswith(".coverage.")] == []
    home = first_run.folder / ".dvc/tmp/home"
    left = {path.relative_to(home).parent.as_posix() for path in home.rglob("*") if path.is_file()}
    assert left == {CACHES[0]}

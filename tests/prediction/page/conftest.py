"""A running page, and visitors who speak to it over HTTP without a browser."""

import http.client
import json
import os
import re
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from helpers import ROOT, export, unused_port


class Answer(NamedTuple):
    """What the page answered to one request."""

    status: int
    headers: http.client.HTTPMessage
    content: bytes


class Visitor:
    """One who opens the page: keeps its cookies, and knows it by no other way than HTTP."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.session = uuid4().hex[:11]
        self.cookies: SimpleCookie = SimpleCookie()

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> Answer:
        """Send a request and read the answer whole; `_` in a header's name stands for `-`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            if self.cookies:
                sent["Cookie"] = "; ".join(f"{k}={m.value}" for k, m in self.cookies.items())
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            for cookie in response.headers.get_all("Set-Cookie") or []:
                self.cookies.load(cookie)
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def config(self) -> dict[str, Any]:
        """Open the page and give what it says of its elements."""
        html = self.ask("/").content.decode()
        found = re.search(r"window\.gradio_config = (\{.*?\});</script>", html, re.DOTALL)
        assert found, html[:500]
        return json.loads(found[1])

    def function(self, element: str) -> int:
        """The number of what happens when something happens to the element with this id."""
        config = self.config()
        (wanted,) = [c["id"] for c in config["components"] if c["props"].get("elem_id") == element]
        (number,) = [
            d["id"]
            for d in config["dependencies"]
            if wanted in [target[0] for target in d["targets"]]
        ]
        return number

    def upload(self, content: bytes, name: str = "picture.jpg", **headers: str) -> Answer:
        """Upload one file as the page does."""
        mark = uuid4().hex
        head = f'Content-Disposition: form-data; name="files"; filename="{name}"'
        body = b"\r\n".join(
            [
                f"--{mark}".encode(),
                head.encode("utf-8", "surrogateescape"),
                b"Content-Type: image/jpeg",
                b"",
                content,
                f"--{mark}--".encode(),
                b"",
            ]
        )
        headers |= {"Content_Type": f"multipart/form-data; boundary={mark}"}
        return self.ask("/gradio_api/upload", "POST", body, **headers)

    def join(self, data: Any, element: str = "given", **fields: Any) -> Answer:
        """Ask for what the page does when `element` gets the value `data`."""
        body = {"data": [data], "session_hash": self.session, "fn_index": None} | fields
        if body["fn_index"] is None:
            body["fn_index"] = self.function(element)
        return self.ask(
            "/gradio_api/queue/join", "POST", json.dumps(body).encode(),
            Content_Type="application/json",
        )  # fmt: skip

    def messages(self) -> list[dict[str, Any]]:
        """What the page says to this visitor until it closes."""
        told = self.ask(f"/gradio_api/queue/data?session_hash={self.session}").content.decode()
        return [json.loads(line.removeprefix("data: ")) for line in told.split("\n\n") if line]

    def output(self) -> list[Any] | None:
        """The elements that the page fills in; None if it fills in none."""
        done = [m for m in self.messages() if m["msg"] == "process_completed" and m["success"]]
        return done[0]["output"]["data"] if done else None


@pytest.fixture(scope="session")
def model(tmp_path_factory) -> Path:
    """An untrained model."""
    return export(tmp_path_factory.mktemp("model"))


@pytest.fixture
def free_port() -> int:
    """A port that nobody uses."""
    return unused_port()


class Page(NamedTuple):
    """A running page."""

    port: int
    temporary: Path
    """The folder for temporary files that it was given."""
    process: "subprocess.Popen[str]"


@contextmanager
def serve(model: Path, temporary: Path) -> Iterator[Page]:
    """The page in a process of its own."""
    port = unused_port()
    command = [
        Path(sys.executable).parent / "expressions", "app", "--no-open", "--port", str(port),
        "--model", model,
    ]  # fmt: skip
    environment = os.environ | {"TMPDIR": str(temporary)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
        assert process.stdout is not None
        assert f":{port} " in process.stdout.readline(), "the page does not start"
        yield Page(port, temporary, process)
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="session")
def running(model, tmp_path_factory) -> Iterator[Page]:
    """The page with an untrained model."""
    with serve(model, tmp_path_factory.mktemp("temporary")) as page:
        yield page


@pytest.fixture
def hostile_page(tmp_path) -> Iterator[Page]:
    """The page with a model whose names are markup."""
    script = "<script>hacked=1</script>"
    names = [script, "<img src=x onerror=hacked=1>", "${hacked=1}", "{{hacked=1}}",
             "'onload='hacked=1", '"><svg/onload=hacked=1>', "{@html '<b>'}"]  # fmt: skip
    model = export(tmp_path / "model", classes=names, name=script, trained_on="".join(names))
    (tmp_path / "temporary").mkdir()
    with serve(model, tmp_path / "temporary") as page:
        yield page


@pytest.fixture(scope="session")
def huge_png() -> Callable[[int], bytes]:
    """Give a grey PNG of a few kilobytes that claims the square of so many pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content).to_bytes(4, "big")
        return len(content).to_bytes(4, "big") + kind + content + check

    def png(side: int) -> bytes:
        header = side.to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])
        rows = zlib.compress(bytes(side * (1 + (side + 7) // 8)), 9)
        start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
        return start + chunk(b"IDAT", rows) + chunk(b"IEND", b"")

    return png


@pytest.fixture(scope="session")
def sample() -> bytes:
    """The file of a picture with a face."""
    return (ROOT / "samples/happiness.jpg").read_bytes()


@pytest.fixture
def visitor(running) -> Callable[[], Visitor]:
    """Give a new visitor."""
    return lambda: Visitor(running.port)

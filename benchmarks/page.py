"""The page under 200 requests of 20 visitors at the same time, against `Recognizer` alone.

A request is what a browser sends for one picture: its upload, the wish to look at it, and that
for the answer.
"""

import http.client
import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import cv2
import numpy as np

from expressions import Recognizer
from expressions.pictures.decoding import decode

ROOT = Path(__file__).parent.parent

VISITORS, REQUESTS, PORT = 20, 200, 7861


def main() -> None:
    """Print a line with the ratio, and how memory and temporary files grew."""
    picture = photograph()
    with TemporaryDirectory() as folder:
        command = [str(Path(sys.executable).with_name("expressions")), "app", "--no-open"]
        with subprocess.Popen(  # noqa: S603
            [*command, "--port", str(PORT)],
            stdout=subprocess.PIPE, text=True, env=os.environ | {"TMPDIR": folder},
        ) as page:  # fmt: skip
            assert page.stdout is not None
            page.stdout.readline()
            before = memory(page.pid)
            start = time.perf_counter()
            try:
                with ThreadPoolExecutor(VISITORS) as visitors:
                    faces = list(chain(*visitors.map(visit, [picture] * VISITORS)))
                seconds = time.perf_counter() - start
                after = memory(page.pid)
            finally:
                page.terminate()
        left = len(list(Path(folder).rglob("*")))
    recognizer = Recognizer()
    start = time.perf_counter()
    found = [len(recognizer.recognize(decode(picture))) for _ in range(REQUESTS)]
    alone = time.perf_counter() - start
    assert faces == found
    print(
        f"page: ratio {seconds / alone:.2f} of Recognizer alone ({REQUESTS} pictures of "
        f"{len(picture) / 1e6:.1f} MB by {VISITORS} visitors in {seconds:.1f} s; {before:.2f} GB "
        f"before, {after:.2f} GB at most; {left} files left)"
    )


def photograph() -> bytes:
    """Return a JPEG file of some megapixels with faces."""
    picture = cv2.resize(np.asarray(cv2.imread(str(ROOT / "samples/group.jpg"))), (2400, 1600))
    noise = np.random.default_rng(1).normal(0, 9, picture.shape)
    noisy = np.clip(picture + noise, 0, 255).astype(np.uint8)
    return cv2.imencode(".jpg", noisy, (cv2.IMWRITE_JPEG_QUALITY, 92))[1].tobytes()


def visit(picture: bytes) -> list[int]:
    """Open the page and have it look at a picture several times; return how many faces it shows."""
    html, cookie = send("GET", "/")
    config = json.loads(re.search(rb"window\.gradio_config = (\{.*?\});</script>", html)[1])  # type: ignore[index]
    elements = {part["props"].get("elem_id"): part["id"] for part in config["components"]}
    look = next(
        function["id"]
        for function in config["dependencies"]
        if elements["given"] in [target[0] for target in function["targets"]]
    )
    return [ask(picture, look, cookie) for _ in range(REQUESTS // VISITORS)]


def ask(picture: bytes, look: int, cookie: str) -> int:
    """Have the page look at a picture; return how many faces it shows."""
    mark, session = uuid4().hex, uuid4().hex[:11]
    head = f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'
    form = head.encode() + picture + f"\r\n--{mark}--\r\n".encode()
    kind = f"multipart/form-data; boundary={mark}"
    token = json.loads(send("POST", "/gradio_api/upload", cookie, form, kind)[0])[0]
    wish = {"data": [{"path": token}], "fn_index": look, "session_hash": session}
    send("POST", "/gradio_api/queue/join", cookie, json.dumps(wish).encode(), "application/json")
    told, _ = send("GET", f"/gradio_api/queue/data?session_hash={session}", cookie)
    return told.count(b'class=\\"face\\"')


def send(
    method: str, path: str, cookie: str = "", body: bytes | None = None, kind: str = "text/plain"
) -> tuple[bytes, str]:
    """Send a request; return the answer and the visitor's cookie."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=600)
    connection.request(method, path, body, {"Cookie": cookie, "Content-Type": kind})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    if response.status != http.client.OK:
        raise SystemExit(f"{path}: {response.status} {content[:200]!r}")
    return content, (response.headers["Set-Cookie"] or cookie).partition(";")[0]


def memory(process: int) -> float:
    """Return the most memory that a process has had, in GB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1e6  # type: ignore[index]


if __name__ == "__main__":
    main()

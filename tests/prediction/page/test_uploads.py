"""What visitors upload: bounded, in memory alone, gone after a while."""

import asyncio
import contextlib
import http.client
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import cv2
import numpy as np
import psutil
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from expressions.prediction.page import uploads as module
from expressions.prediction.page.uploads import LARGEST_FILE, MOST_EACH, Uploads

FORM = (
    b'--m\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n%b\r\n--m--\r\n'
)
HEAD = FORM.partition(b"%b")[0]


def request(*chunks: bytes, kind: str = "multipart/form-data; boundary=m", rest: float = 0.0):
    """A request whose body comes in chunks and, if `rest` is given, stops for so many seconds."""
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive():
        if len(messages) == 1:
            await asyncio.sleep(rest)
        return messages.pop(0)

    headers = [(b"content-type", kind.encode())]
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


def status_of(uploads: Uploads, *chunks: bytes, **options) -> int:
    """The status with which an upload is refused."""
    with pytest.raises(HTTPException) as refused:
        asyncio.run(uploads.receive(request(*chunks, **options), "a"))
    return refused.value.status_code


def test_a_picture_comes_back_to_its_visitor_alone():
    async def run():
        uploads = Uploads()
        token = await uploads.receive(request(FORM % b"picture"), "a")
        assert uploads.read(token) == uploads.read_own(token, "a") == b"picture"
        assert uploads.read_own(token, "b") is None
        assert uploads.read("other") is None

    asyncio.run(run())


def test_a_picture_is_gone_after_its_time_and_makes_room():
    async def run():
        uploads = Uploads(keep_for=0.05, most_bytes=200_000)
        token = uploads.keep(bytes(100_000), "a")
        with pytest.raises(HTTPException):
            uploads.keep(bytes(100_000), "b")
        await asyncio.sleep(0.2)
        assert uploads.read(token) is None
        assert len(uploads) == 0
        uploads.keep(bytes(100_000), "b")

    asyncio.run(run())


def test_of_one_visitor_the_newest_are_kept():
    async def run():
        uploads = Uploads()
        other = uploads.keep(b"b", "b")
        tokens = [uploads.keep(b"a", "a") for _ in range(MOST_EACH + 3)]
        assert [uploads.read(token) for token in tokens] == [None] * 3 + [b"a"] * MOST_EACH
        assert uploads.read(other) == b"b"

    asyncio.run(run())


def test_more_than_there_is_room_for_is_refused_also_when_it_is_tiny():
    async def run(content: bytes) -> int:
        uploads = Uploads(most_bytes=10_000_000)
        with contextlib.suppress(HTTPException):
            for number in range(10_000):
                uploads.keep(content, str(number))
        return len(uploads)

    assert asyncio.run(run(bytes(1_000_000))) == 9
    assert asyncio.run(run(b"")) == 152


def test_what_is_on_its_way_counts_and_leaves_nothing_when_it_is_refused():
    uploads = Uploads(most_bytes=1_000_000)
    chunk = bytes(400_000)
    assert status_of(uploads, HEAD, chunk, chunk, chunk) == 503
    assert status_of(Uploads(), HEAD, *[bytes(1_000_000)] * 20) == 413
    asyncio.run(uploads.receive(request(FORM % chunk), "a"))
    assert len(uploads) == 1


def test_a_slow_upload_is_given_up():
    assert status_of(Uploads(slowest=0.1), FORM % b"picture", rest=5) == 408


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "multipart/form-data; boundary=m"),
        (b"no form", "multipart/form-data; boundary=m"),
        (FORM[:-8] % b"cut", "multipart/form-data; boundary=m"),
        (FORM % b"a", "multipart/form-data"),
        (FORM % b"a", "multipart/form-data; boundary=" + 500 * "m"),
        (FORM % b"a", "application/octet-stream"),
        ((FORM % b"a")[:-8] + b"\r\n" + FORM % b"b", "multipart/form-data; boundary=m"),
        (FORM.replace(b'; filename="a.jpg"', b"") % b"a", "multipart/form-data; boundary=m"),
        (FORM.replace(b'name="files"; ', b"") % b"a", "multipart/form-data; boundary=m"),
        (b"--m--\r\n", "multipart/form-data; boundary=m"),
    ],
)
def test_what_is_no_form_with_one_file_is_refused(content, kind):
    uploads = Uploads()
    assert status_of(uploads, content, kind=kind) == 400
    assert len(uploads) == 0


def test_uploads_stay_in_memory():
    """Starlette would put them into a file; there is none, not even a nameless one."""
    opened = []
    asyncio.run(Uploads().receive(request(FORM % bytes(14_000_000)), "a"))
    before = module._InMemory.on_headers_finished

    def note(parser):
        before(parser)
        opened.extend(parser._files_to_close_on_error)

    module._InMemory.on_headers_finished = note
    try:
        asyncio.run(Uploads().receive(request(FORM % bytes(14_000_000)), "a"))
    finally:
        module._InMemory.on_headers_finished = before
    assert [file._rolled for file in opened] == [False]


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd", "/etc/passwd", "C:\\a.jpg", "a" * 300 + ".jpg", "<img src=x>.jpg",
     "a\tb.jpg", ".hidden", "..", "", "ünïcode.jpg", "\udcff.jpg", "a%00.jpg", "$(id).jpg"],
)  # fmt: skip
def test_the_name_of_an_upload_does_not_matter(visitor, sample, running, name):
    one = visitor()
    answer = one.upload(sample, name)
    (token,) = json.loads(answer.content)
    assert one.ask(f"/gradio_api/file={token}").content == sample
    assert list(running.temporary.rglob("[!.]*")) == []


def test_an_upload_that_is_too_large_is_refused(visitor, sample):
    one = visitor()
    assert one.upload(sample + bytes(LARGEST_FILE)).status == 413
    assert one.upload(sample + bytes(LARGEST_FILE - len(sample))).status == 200


def test_an_upload_of_unknown_length_ends_where_it_is_too_large(running):
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    chunks = (bytes(1_000_000) for _ in range(1_000))
    headers = {"Content-Type": "multipart/form-data; boundary=m"}
    try:
        connection.request("POST", "/gradio_api/upload", chunks, headers, encode_chunked=True)
        assert connection.getresponse().status in (400, 413)
    except (BrokenPipeError, ConnectionResetError):
        pass
    finally:
        connection.close()


def test_an_upload_that_is_cut_off_leaves_nothing(running, visitor, sample):
    head = (
        f"POST /gradio_api/upload HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\n"
        "Content-Type: multipart/form-data; boundary=m\r\nContent-Length: 1000000\r\n\r\n"
    )
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", running.port)) as connection:
            connection.sendall(head.encode() + (FORM % bytes(100_000))[:50_000])
    assert visitor().upload(sample).status == 200
    assert list(running.temporary.rglob("[!.]*")) == []


@pytest.mark.parametrize("content", [b"", b"no picture", b"<svg onload='alert(1)'/>", b"\xff\xd8"])
def test_what_is_no_picture_gets_words(visitor, content):
    one = visitor()
    (token,) = json.loads(one.upload(content).content)
    shown = one.ask(f"/gradio_api/file={token}")
    if content:
        assert shown.headers["Content-Type"] in ("application/octet-stream", "image/jpeg")
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert one.join({"path": token}).status == 200
    drawn, html = one.output()
    assert drawn is None
    assert "This file cannot be shown" in html


def test_200_requests_of_20_visitors_each_get_their_own_in_bounded_memory(running, visitor):
    process = psutil.Process(running.process.pid)

    def picture(number: int) -> bytes:
        drawn = np.full((40 + number, 60 + number, 3), number, np.uint8)
        return cv2.imencode(".jpg", drawn)[1].tobytes() + bytes(1_000_000)

    def visit(number: int) -> list[tuple[int, int]]:
        one = visitor()
        function = one.function("given")
        sizes = []
        for turn in range(10):
            (token,) = json.loads(one.upload(picture(number + 20 * turn)).content)
            one.session = f"{number}-{turn}"
            assert one.join({"path": token}, fn_index=function).status == 200
            drawn, _ = one.output()
            sizes.append(size_of(drawn["url"]))
        return sizes

    visit(0)
    before = process.memory_info().rss
    with ThreadPoolExecutor(20) as threads:
        sizes = list(threads.map(visit, range(20)))
    for number, own in enumerate(sizes):
        assert own == [(60 + number + 20 * turn, 40 + number + 20 * turn) for turn in range(10)]
    assert process.memory_info().rss - before < 300_000_000
    assert list(running.temporary.rglob("[!.]*")) == []


def size_of(url: str) -> tuple[int, int]:
    from base64 import b64decode

    from PIL import Image

    with Image.open(BytesIO(b64decode(url.partition(",")[2]))) as image:
        return image.size

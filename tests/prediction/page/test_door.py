"""Attacks on the running page: what a stranger who reaches its port must not get."""

import asyncio
import json
import re
import socket

import gradio as gr
import pytest
from gradio.routes import App
from helpers import ROOT

from expressions.prediction.page.door import Door, names_of

SECRET = str(ROOT / "samples/happiness.jpg")
META = {"_type": "gradio.FileData"}

USED = {
    "/", "/assets/{path}", "/static/{path}", "/theme.css", "/favicon.ico",
    "/gradio_api/upload", "/gradio_api/queue/join", "/gradio_api/queue/data",
}  # fmt: skip
"""Of Gradio's addresses those that are there; that of files is another one, see below."""

FOREIGN_FILES = [
    {"path": SECRET},
    {"path": SECRET, "meta": {"_type": "other"}},
    {"path": SECRET, "meta": META},
    {"path": SECRET, "url": "/gradio_api/file=happiness.jpg", "orig_name": "happiness.jpg"},
    {"path": f"file://{SECRET}"},
    {"path": "samples/happiness.jpg"},
    {"path": "../happiness.jpg"},
    {"path": "./happiness.jpg", "meta": META},
    {"path": "/proc/self/environ"},
    {"path": "", "url": f"file://{SECRET}"},
    {"path": None, "url": SECRET},
    {"url": SECRET, "meta": META},
    {"path": [SECRET]},
    {"path": {"path": SECRET}},
    [{"path": SECRET}],
    SECRET,
    0,
]


@pytest.mark.parametrize("given", FOREIGN_FILES, ids=str)
def test_a_file_that_was_not_uploaded_is_not_looked_at(visitor, given):
    stranger = visitor()
    assert stranger.join(given).status in (400, 403)
    assert stranger.ask(f"/gradio_api/queue/data?session_hash={stranger.session}").status == 404


def test_the_page_asks_no_other_server_for_a_picture(visitor):
    """An address in place of a path made Gradio fetch it."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(1)
        url = f"http://127.0.0.1:{other.getsockname()[1]}/picture.jpg"
        for given in ({"path": url, "meta": META}, {"path": url}, {"path": "a", "url": url}):
            assert visitor().join(given).status == 403
        with pytest.raises(TimeoutError):
            other.accept()


def test_an_upload_is_looked_at_and_shown_to_its_visitor_alone(visitor, sample):
    owner, stranger = visitor(), visitor()
    (token,) = json.loads(owner.upload(sample).content)
    stranger.ask("/")
    for other in (stranger, visitor()):
        assert other.join({"path": token, "meta": META}).status == 403
        assert other.ask(f"/gradio_api/file={token}").status == 404
    assert owner.ask(f"/gradio_api/file={token}").content == sample
    assert owner.join({"path": token, "meta": META}).status == 200
    stranger.session = owner.session
    assert stranger.ask(f"/gradio_api/queue/data?session_hash={owner.session}").status == 404
    drawn, html = owner.output()
    assert drawn["url"].startswith("data:image/jpeg;base64,")
    assert "face found" in html or "No face found" in html


def test_samples_are_chosen_by_index_alone(visitor):
    for wrong in (-1, 9, 10**30, True, "0", 1.0, None, [0], SECRET, {"path": SECRET}):
        assert visitor().join(wrong, "samples").status == 403, wrong
    chooser = visitor()
    assert chooser.join(4, "samples").status == 200
    (chosen,) = chooser.output()
    assert chosen == {"path": "happiness.jpg", "url": "/gradio_api/file=happiness.jpg"}
    assert chooser.join(chosen).status == 200
    assert chooser.output() is not None


def test_of_gradios_addresses_those_are_there_that_the_page_uses(visitor):
    asker = visitor()
    known = App.create_app(gr.Blocks()).openapi()["paths"]
    assert len(known) > 60
    assert known.keys() >= USED
    for path in known.keys() - USED:
        for method in known[path]:
            answer = asker.ask(re.sub(r"\{\w+\}", "x", path), method.upper(), b"{}")
            assert answer.status in (404, 405), (method, path)


@pytest.mark.parametrize(
    "path",
    [
        f"/gradio_api/file={SECRET}",
        f"/gradio_api/file=./{SECRET}",
        "/gradio_api/file=http://127.0.0.1/",
        f"/gradio_api/file/{SECRET}",
        "/gradio_api/proxy=http://127.0.0.1/",
        f"/file={SECRET}",
        "/assets/../../../../../../../../etc/passwd",
        "/assets/..%2f..%2f..%2f..%2f..%2f..%2f..%2fetc/passwd",
        "/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/static//etc/passwd",
        "/?deep_link=../../../etc",
        "http://example.org/",
        "/gradio_api/queue/data?session_hash=",
        "/gradio_api/queue/data?session_hash=..%2f",
        "/gradio_api/queue/data",
    ],
)
def test_paths_in_addresses_lead_nowhere(visitor, path):
    answer = visitor().ask(path)
    assert answer.status in (400, 403, 404) or b"root:" not in answer.content
    assert b"\xff\xd8" not in answer.content
    assert answer.status != 500


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"[]", b"{}", b"\xff", b"[" * 10_000, b'{"a":' * 2_000,
        b'{"data": [null], "fn_index": "1", "session_hash": "a"}',
        b'{"data": [null], "fn_index": 1, "session_hash": "a/b"}',
        b'{"data": [null], "fn_index": 1, "session_hash": null}',
        b'{"data": [], "fn_index": 1, "session_hash": "a"}',
        b'{"data": [null, null], "fn_index": 1, "session_hash": "a"}',
        b'{"data": [null], "fn_index": 99, "session_hash": "a"}',
        b'{"data": [null], "fn_index": -1, "session_hash": "a"}',
        b" " * 100_000,
    ],
    ids=lambda body: body[:60].decode("latin-1"),
)  # fmt: skip
def test_what_is_no_wish_is_refused(visitor, body):
    answer = visitor().ask("/gradio_api/queue/join", "POST", body, Content_Type="application/json")
    assert answer.status in (400, 404, 413)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:7860", "localhost.evil.example", "127.0.0.1.evil.example",
        "localhost.", "evil@127.0.0.1", "127.0.0.1@evil.example", "127.0.0.1/evil", "192.0.2.1",
        "0.0.0.0:80", "[::1", "[::2]", "127.1", "", "127.0.0.1 evil", "127.0.0.1:x",
    ],
)  # fmt: skip
def test_another_name_gets_no_answer(visitor, host):
    """Also where it points to this machine."""
    for path, method in (("/", "GET"), ("/gradio_api/upload", "POST"), ("/assets/x", "GET")):
        answer = visitor().ask(path, method, Host=host)
        assert answer.status in (400, 403), path
        assert "Set-Cookie" not in answer.headers
        assert len(answer.content) < 200


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]", "[0:0::1]"])
def test_the_page_answers_by_the_names_of_this_machine(visitor, running, host):
    for name in (host, f"{host}:{running.port}", f"{host}:80"):
        assert visitor().ask("/", Host=name, Origin=f"http://{name}").status == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "", "http://127.0.0.1", "http://127.0.0.1:1",
               "file://", "http://127.0.0.1:{port}.evil.example", "http://localhost:{port}",
               "ftp://127.0.0.1:{port}", "http://127.0.0.1:{port}/"],
)  # fmt: skip
def test_scripts_of_other_pages_get_no_answer(visitor, running, sample, origin):
    origin = origin.format(port=running.port)
    stranger = visitor()
    answers = [
        stranger.ask("/", Origin=origin),
        stranger.upload(sample, Origin=origin),
        stranger.ask("/gradio_api/queue/data?session_hash=a", Origin=origin),
        stranger.ask("/gradio_api/file=happiness.jpg", Origin=origin),
        stranger.ask("/", "OPTIONS", Origin=origin, Access_Control_Request_Method="POST"),
    ]
    for answer in answers:
        assert answer.status == 403
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Set-Cookie" not in answer.headers


def test_the_secret_of_a_visitor_is_not_given_to_scripts_and_other_pages(visitor):
    cookie = visitor().ask("/").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    asker = visitor()
    given = [asker.ask("/").headers["Set-Cookie"] for _ in range(2)]
    assert given[1] is None
    assert visitor().ask("/", Cookie="expressions-1=x").headers["Set-Cookie"] not in given


EVERYWHERE = "0.0.0.0"  # noqa: S104 - compared, not bound


def ask_door(bound: str, here: str, host: str, *more: str) -> int:
    """Ask a door that is bound to `bound` at its address `here`; return the answer's status."""
    statuses = []

    async def page(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def note(message):
        statuses.extend([message["status"]] if "status" in message else [])

    scope = {"type": "http", "headers": [(b"host", host.encode())], "server": (here, 7860)}
    asyncio.run(Door(page, names_of(bound, more))(scope, None, note))
    return statuses[0]


@pytest.mark.parametrize(
    ("bound", "here", "host", "answers"),
    [
        (EVERYWHERE, "192.168.1.5", "192.168.1.5:7860", True),
        (EVERYWHERE, "192.168.1.5", "192.168.1.6:7860", False),
        (EVERYWHERE, "192.168.1.5", socket.gethostname(), True),
        (EVERYWHERE, "192.168.1.5", f"{socket.gethostname().partition('.')[0]}.local:7860", True),
        (EVERYWHERE, "192.168.1.5", f"{EVERYWHERE}:7860", False),
        (EVERYWHERE, "192.168.1.5", "proxy.example.org", True),
        (EVERYWHERE, "192.168.1.5", "example.org", False),
        ("::", "::ffff:192.168.1.5", "192.168.1.5:7860", True),
        ("::", "fe80::1", "[fe80:0::1]:7860", True),
        ("192.168.1.5", "192.168.1.5", "192.168.1.5", True),
        ("192.168.1.5", "192.168.1.5", socket.gethostname(), False),
        ("workstation", "192.168.1.5", "Workstation:7860", True),
    ],
)
def test_on_the_network_the_page_answers_by_its_own_names_and_those_allowed(
    bound, here, host, answers
):
    status = ask_door(bound, here, host, "proxy.example.org")
    assert status == (200 if answers else 403)

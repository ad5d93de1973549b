"""How the page begins and ends, and what it does with connections that say nothing."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).parent / "expressions"


def start(*options: str, **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [PROGRAM, "app", "--no-open", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | environment,
    )  # fmt: skip


def test_a_port_in_use_is_one_line(model, running):
    with start("--model", model, "--port", str(running.port)) as process:
        told = process.communicate(timeout=120)
    assert process.returncode == 1
    advice = f"Take another one with --port, such as {running.port + 1}."
    assert told == ("", f"error: port {running.port} is in use. {advice}\n")


def test_an_address_of_another_machine_is_one_line(model):
    with start("--model", model, "--host", "192.0.2.1") as process:
        told = process.communicate(timeout=120)
    assert process.returncode == 1
    assert told == (
        "", "error: 192.0.2.1 is no address of this machine. Give one of its own with --host.\n"
    )  # fmt: skip


def test_a_proxy_does_not_matter_and_ctrl_c_ends_the_page_also_while_it_answers(model, free_port):
    names = ("http_proxy", "https_proxy", "all_proxy")
    proxies = dict.fromkeys([*names, *map(str.upper, names)], "http://127.0.0.1:9")
    with start("--model", model, "--port", str(free_port), **proxies) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said == f"http://127.0.0.1:{free_port} shows the page until Ctrl-C.\n"
        # What was announced answers at once.
        with socket.create_connection(("127.0.0.1", free_port), timeout=60) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(12) == b"HTTP/1.1 200"
            process.send_signal(signal.SIGINT)
            told = process.communicate(timeout=60)
    assert process.returncode == 0
    assert told == ("", "")


def test_connections_that_say_nothing_are_closed_and_others_answered(running, visitor):
    begun = [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: "]
    idle = [socket.create_connection(("127.0.0.1", running.port), timeout=60) for _ in begun]
    for connection, words in zip(idle, begun, strict=True):
        connection.sendall(words)
    # One that has asked before, and begins to ask again.
    again = socket.create_connection(("127.0.0.1", running.port), timeout=60)
    again.sendall(b"HEAD /favicon.ico HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert again.recv(9) == b"HTTP/1.1 "
    time.sleep(0.5)
    again.sendall(b"GET / HT")
    assert visitor().ask("/").status == 200
    for connection in (*idle, again):
        while connection.recv(4096):
            pass
        connection.close()


@pytest.mark.parametrize("request_line", [b"\x16\x03\x01\x02\x00", b"GET / HTTP/9\r\n\r\n",
                                          b"GET /\r\n\r\n", b"x" * 100_000])  # fmt: skip
def test_what_is_no_request_is_refused(running, visitor, request_line):
    with socket.create_connection(("127.0.0.1", running.port), timeout=60) as connection:
        connection.sendall(request_line + b"\r\n\r\n")
        told = connection.recv(4096)
        assert told == b"" or told.startswith(b"HTTP/1.1 400")
    assert visitor().ask("/").status == 200

"""The server of the page: listens, says where once it answers, and ends with Ctrl-C."""

import asyncio
import contextlib
import errno
import os
import socket
import threading
import webbrowser
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from expressions.errors import InputError
from expressions.prediction.page.door import names_of

if TYPE_CHECKING:
    from expressions.prediction.recognizer import Recognizer

_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound

MOST_CONNECTIONS = 200
# Seconds in which a request's head has to come, and in which answers end after Ctrl-C.
_SLOWEST_HEAD, _LAST_ANSWERS = 10, 1


def listen(host: str, port: int) -> socket.socket:
    """Take a port; nobody is answered yet.

    Args:
        host: an address of this machine, or a name of it; `0.0.0.0` and `::` are all.
        port: of that address.

    Raises:
        InputError: this machine has no such address, or the port is in use or not allowed.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        everywhere = host == "::" and socket.has_dualstack_ipv6()
        return socket.create_server((host, port), family=family, dualstack_ipv6=everywhere)
    except OSError as error:
        raise InputError(_problem(error, host, port)) from None


def serve(
    recognizer: "Recognizer",
    listener: socket.socket,
    host: str,
    allowed_hosts: Iterable[str],
    open_browser: bool,
) -> None:
    """Serve the page until Ctrl-C.

    Args:
        recognizer: finds the faces.
        listener: what `listen` gave for `host`.
        host: as `listen` took it.
        allowed_hosts: names that the page answers to besides those of this machine.
        open_browser: whether the page is opened in the browser once it answers.
    """
    # Gradio takes seconds; that a port is in use is known before.
    from expressions.prediction.page.application import application  # noqa: PLC0415

    address = f"http://{_shown(host)}:{listener.getsockname()[1]}"

    def announce() -> None:
        print(f"{address} shows the page until Ctrl-C.", flush=True)
        if open_browser:
            threading.Thread(target=webbrowser.open, args=[address], daemon=True).start()

    config = uvicorn.Config(
        application(recognizer, names_of(host, allowed_hosts)),
        http=_Protocol,
        ws="none",
        lifespan="on",
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=_LAST_ANSWERS,
    )
    with contextlib.suppress(KeyboardInterrupt):
        _Server(config, announce).run([listener])


class _Server(uvicorn.Server):
    """Calls `announce` once it answers."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        self._announce()


class _Protocol(H11Protocol):
    """Closes a connection on which no request has come whole within some seconds.

    Uvicorn waits for ever for the first one, and for the rest of one that has begun.
    """

    _deadline: asyncio.TimerHandle

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._expect_request()

    def handle_events(self) -> None:
        """Stop to wait once a request has begun."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._deadline.cancel()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        self._expect_request()
        super().on_response_complete()

    def _expect_request(self) -> None:
        self._deadline = self.loop.call_later(_SLOWEST_HEAD, self.transport.close)


def _problem(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use. Take another one with --port, such as {port + 1}."
    if error.errno == errno.EACCES:
        return f"port {port} is not yours to use. Take one from 1024 on with --port."
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this machine. Give one of its own with --host."
    return f"the page cannot listen on {host}, port {port}: {os.strerror(error.errno or 0)}."


def _shown(host: str) -> str:
    if host in _EVERYWHERE:
        return "localhost"
    return f"[{host}]" if ":" in host else host

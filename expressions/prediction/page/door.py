"""The door of the page: whom it answers, and how it tells one visitor from another.

A page of another site can have its name point to this machine (DNS rebinding) and then speak to the
page as if it were its own; it is known by the name that the browser asked for. It can also send
requests from where it is; they are known by their origin.
"""

import ipaddress
import re
import secrets
import socket
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([\w.-]+))(?::\d+)?")
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")

PROGRAM = ("/assets/", "/static/")
"""Where the scripts of the page lie, which a browser may keep."""

# The page loads nothing from elsewhere and is shown in no other page.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'; object-src 'none'; base-uri 'self'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def names_of(bound: str, more: Iterable[str] = ()) -> frozenset[str]:
    """Return the names by which a page that is bound to a host or address may be asked for.

    Args:
        bound: what the page listens on; `0.0.0.0` and `::` are all addresses of this machine, which
            is then known by its own name, too.
        more: names that are added, such as that of a proxy before the page.
    """
    names = {*_LOOPBACK, bound, *more}
    if bound in _EVERYWHERE:
        own = socket.gethostname()
        names |= {own, own.partition(".")[0], f"{own.partition('.')[0]}.local"}
    return frozenset(_address(name.strip("[]")) for name in names) - set(_EVERYWHERE)


class Door:
    """Answers browsers that asked for the page by one of its names, and scripts of its own alone.

    Besides `names` it is known by the address at which the request arrived: no other site can take
    on an address.
    """

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self._app, self._names = app, names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer with one line why not."""
        refusal = None if scope["type"] == "lifespan" else self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse(refusal, 403)(scope, receive, send)

    def _refusal(self, scope: Scope) -> str | None:
        headers = Headers(scope=scope)
        host = headers.get("Host", "").lower()
        asked = _HOST.fullmatch(host)
        here = _address(scope["server"][0])
        if asked is None or _address(asked[1] or asked[2]) not in {*self._names, here}:
            return (
                "The page does not answer to this name. If it is its own, start it with "
                "--allow-host NAME."
            )
        own = (f"http://{host}", f"https://{host}")
        if any(origin.lower() not in own for origin in headers.getlist("Origin")):
            return "The page does not answer scripts of other pages."
        return None


class Visitors:
    """Gives each visitor a secret in a cookie, and each answer headers that keep it here.

    The secret is in `request.state.visitor`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its visitor's secret, a new one if there is none."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        # A cookie is of all ports of a host.
        name = f"expressions-{scope['server'][1]}"
        given = Request(scope).cookies.get(name, "")
        known = _SECRET.fullmatch(given) is not None
        visitor = given if known else secrets.token_urlsafe()
        scope.setdefault("state", {})["visitor"] = visitor

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                if not scope["path"].startswith(PROGRAM):
                    headers["Cache-Control"] = "no-store"
                if not known:
                    cookie = f"{name}={visitor}; Path=/; HttpOnly; SameSite=Strict"
                    headers.append("Set-Cookie", cookie)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _address(name: str) -> str:
    """Return an IP address in its one form, and any other name in lower case."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name.lower()
    return str(getattr(address, "ipv4_mapped", None) or address)

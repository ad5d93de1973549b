"""What may be asked of the page: its own scripts, an upload, and a look at a picture; no more.

Gradio has dozens of addresses more, for files, other pages and figures. They are not there.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, cast

import gradio.routes
from PIL import Image
from pydantic import BaseModel, Field, StrictInt, TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from expressions.pictures.kinds import HEAD, kind_of
from expressions.prediction.page.door import Door, Visitors
from expressions.prediction.page.elements import FILE, Elements, build, theme
from expressions.prediction.page.uploads import LARGEST_FILE, Uploads
from expressions.prediction.recognizer import Recognizer

_LARGEST_JSON, _SLOWEST_JSON = 16 * 1024, 10

_SESSION = r"^[A-Za-z0-9_-]{1,64}$"


class _Wish(BaseModel):
    """What the page's script sends to the queue; all else in it is left out."""

    fn_index: StrictInt
    session_hash: str = Field(pattern=_SESSION)
    data: list[Any] = Field(min_length=1, max_length=1)


class _Given(BaseModel):
    path: str = Field(max_length=255)


_PICTURE: TypeAdapter[_Given | None] = TypeAdapter(_Given | None)
_SESSION_NAME: TypeAdapter[str] = TypeAdapter(Annotated[str, Field(pattern=_SESSION)])


def application(recognizer: Recognizer, names: frozenset[str]) -> Starlette:
    """Return the page as an ASGI application that answers to `names`, see `door.names_of`."""
    uploads = Uploads()
    # Gradio makes folders for what is turned off here, also where it may not.
    with TemporaryDirectory(prefix="expressions-") as unused:
        gradio.routes.DEFAULT_TEMP_DIR = unused  # type: ignore[attr-defined]
        elements = build(recognizer, uploads)
        inner = _mounted(elements)
    page = _Page(inner, elements, uploads)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with inner.router.lifespan_context(inner):
            yield

    routes = [
        Route("/", inner, methods=["GET", "HEAD"]),
        Route("/assets/{path:path}", inner, methods=["GET"]),
        Route("/static/{path:path}", inner, methods=["GET"]),
        Route("/theme.css", inner, methods=["GET"]),
        Route("/favicon.ico", inner, methods=["GET"]),
        Route("/gradio_api/upload", page.upload, methods=["POST"]),
        Route(FILE + "{token}", page.show, methods=["GET"]),
        Route("/gradio_api/queue/join", page.join, methods=["POST"]),
        Route("/gradio_api/queue/data", page.answer, methods=["GET"]),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Door, names=names), Middleware(Visitors)],
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app


class _Page:
    """The addresses that do something; each knows its visitor."""

    def __init__(self, inner: ASGIApp, elements: Elements, uploads: Uploads) -> None:
        self._inner, self._elements, self._uploads = inner, elements, uploads

    async def upload(self, request: Request) -> Response:
        """Keep a picture for its visitor, and answer with its token in place of Gradio's path."""
        return JSONResponse([await self._uploads.receive(request, request.state.visitor)])

    async def show(self, request: Request) -> Response:
        """Give a picture back to who uploaded it, or a sample to everybody."""
        content = self._picture(request.path_params["token"], request.state.visitor)
        if content is None:
            raise HTTPException(404)
        return Response(content, media_type=_media_type(content))

    async def join(self, request: Request) -> ASGIApp:
        """Pass a wish on to Gradio's queue, made anew from what was understood of it."""
        visitor = request.state.visitor
        try:
            wish = _Wish.model_validate_json(await _read_short(request))
            data = self._checked(wish, visitor)
        except ValidationError:
            raise HTTPException(400, "The page does not understand this.") from None
        session = _private(wish.session_hash, visitor)
        body = {"data": [data], "fn_index": wish.fn_index, "session_hash": session}
        return _passed_on(self._inner, body=json.dumps(body).encode())

    async def answer(self, request: Request) -> ASGIApp:
        """Pass on what Gradio's queue has for a session of this visitor."""
        try:
            name = _SESSION_NAME.validate_python(request.query_params.get("session_hash"))
        except ValidationError:
            raise HTTPException(400, "The page does not understand this.") from None
        session = _private(name, request.state.visitor)
        if not self._elements.knows(session):
            raise HTTPException(404)
        return _passed_on(self._inner, query=f"session_hash={session}")

    def _checked(self, wish: _Wish, visitor: str) -> Any:
        (value,) = wish.data
        if wish.fn_index == self._elements.choose:
            return self._index(value)
        if wish.fn_index != self._elements.look:
            raise HTTPException(404)
        given = _PICTURE.validate_python(value)
        if given is None:
            return None
        if self._picture(given.path, visitor) is None:
            raise HTTPException(403, "Only pictures that were uploaded here are looked at.")
        return {"path": given.path}

    def _index(self, value: Any) -> int:
        if type(value) is not int or not 0 <= value < len(self._elements.samples):
            raise HTTPException(403, "There is no such sample.")
        return value

    def _picture(self, token: str, visitor: str) -> bytes | None:
        return self._elements.samples.get(token) or self._uploads.read_own(token, visitor)


def _mounted(elements: Elements) -> Starlette:
    inner = Starlette()
    gradio.mount_gradio_app(
        # FastAPI's, it says; what it uses of it is Starlette's.
        cast("Any", inner),
        elements.blocks,
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=LARGEST_FILE,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        theme=theme(),
        css_paths=Path(__file__).with_name("page.css"),
    )
    return inner


def _private(session: str, visitor: str) -> str:
    """Return the name of a visitor's session, which no other visitor can name."""
    return hashlib.sha256(f"{visitor} {session}".encode()).hexdigest()


def _media_type(content: bytes) -> str:
    kind = kind_of(content[:HEAD])
    return Image.MIME.get(kind.name if kind else "", "application/octet-stream")


async def _read_short(request: Request) -> bytes:
    body = b""
    try:
        async with asyncio.timeout(_SLOWEST_JSON):
            async for chunk in request.stream():
                body += chunk
                if len(body) > _LARGEST_JSON:
                    raise HTTPException(413)
    except (TimeoutError, ClientDisconnect):
        raise HTTPException(408) from None
    return body


def _passed_on(inner: ASGIApp, body: bytes = b"", query: str = "") -> ASGIApp:
    """Return an answer that `inner` gives to the same request with this body and query."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        waiting: list[Message] = [{"type": "http.request", "body": body}]

        async def receive_body() -> Message:
            return waiting.pop() if waiting else await receive()

        headers = [pair for pair in scope["headers"] if pair[0] in (b"host", b"accept-encoding")]
        headers += [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        changes = {"query_string": query.encode(), "headers": headers}
        await inner({**scope, **changes}, receive_body, send)

    return answer

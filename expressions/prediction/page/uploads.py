"""Pictures that visitors upload: in memory alone, for a while, and each for its visitor alone.

No file is written, so none is left behind when the page is killed, and no path is ever opened: a
picture is known by a token, which nobody can guess.
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, AsyncIterator
from typing import NamedTuple

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

# It warns of what is no form; who sent it is told here.
logging.getLogger("python_multipart").setLevel(logging.ERROR)

LARGEST_FILE = 15 * 1024**2
"""Bytes."""

KEEP_FOR = 120
"""Seconds: the browser asks for a picture by its address while it is shown."""

MOST_BYTES = 256 * 1024**2
"""Of all pictures that are kept or on their way."""

MOST_EACH = 4
"""Pictures of one visitor; the oldest make room."""

_SLOWEST = 60
# Bytes of a form around its file.
_FORM = 4096
# Bytes that a picture counts for beside its own, so that tiny ones are not kept without end.
_EACH_TAKES = 64 * 1024

_ONE_FILE = "A form with one file is expected."
_FULL = "The page holds as many pictures as it may. Try again in two minutes."


class _InMemory(MultiPartParser):
    """Starlette's parser, which writes what is larger than this to a temporary file."""

    spool_max_size = LARGEST_FILE + _FORM


class _Upload(NamedTuple):
    visitor: str
    content: bytes


class Uploads:
    """Keeps what visitors upload.

    Args:
        keep_for: seconds.
        most_bytes: of all pictures together; more are refused until some are gone.
        slowest: seconds in which an upload has to be complete.
    """

    def __init__(
        self, keep_for: float = KEEP_FOR, most_bytes: int = MOST_BYTES, slowest: float = _SLOWEST
    ) -> None:
        self._keep_for, self._most_bytes, self._slowest = keep_for, most_bytes, slowest
        self._uploads: dict[str, _Upload] = {}
        self._bytes = 0
        """Of pictures that are kept, and of those on their way."""

    def __len__(self) -> int:
        """Return how many pictures are kept."""
        return len(self._uploads)

    async def receive(self, request: Request, visitor: str) -> str:
        """Read the one file of a form and keep it; return its token.

        Raises:
            HTTPException: it is no such form, too large, too slow, or there is no room.
        """
        if not request.headers.get("Content-Type", "").startswith("multipart/form-data"):
            raise HTTPException(400, _ONE_FILE)
        stream = self._counted(request.stream())
        try:
            async with asyncio.timeout(self._slowest):
                form = await _InMemory(request.headers, stream, max_files=1, max_fields=0).parse()
        except TimeoutError:
            raise HTTPException(
                408, f"The upload took more than {self._slowest:g} seconds."
            ) from None
        except (MultiPartException, ClientDisconnect):
            raise HTTPException(400, _ONE_FILE) from None
        content = [await file.read() for file in form.values() if isinstance(file, UploadFile)]
        await form.close()
        if len(content) != 1:
            raise HTTPException(400, _ONE_FILE)
        return self.keep(content[0], visitor)

    def keep(self, content: bytes, visitor: str) -> str:
        """Keep a picture for its visitor, in place of the oldest of too many; return its token.

        Raises:
            HTTPException: there is no room.
        """
        own = [token for token, upload in self._uploads.items() if upload.visitor == visitor]
        for token in own[: max(0, len(own) + 1 - MOST_EACH)]:
            self._drop(token)
        self._count(len(content) + _EACH_TAKES)
        token = secrets.token_urlsafe()
        self._uploads[token] = _Upload(visitor, content)
        asyncio.get_running_loop().call_later(self._keep_for, self._drop, token)
        return token

    def read(self, token: str) -> bytes | None:
        """Return a picture; None if there is none, or none any longer."""
        upload = self._uploads.get(token)
        return upload and upload.content

    def read_own(self, token: str, visitor: str) -> bytes | None:
        """Return a picture if this visitor uploaded it, else None."""
        upload = self._uploads.get(token)
        return upload.content if upload and upload.visitor == visitor else None

    async def _counted(self, stream: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
        received = 0
        try:
            async for chunk in stream:
                self._count(len(chunk))
                received += len(chunk)
                if received > LARGEST_FILE + _FORM:
                    raise HTTPException(413, f"The file has more than {LARGEST_FILE >> 20} MB.")
                yield chunk
        finally:
            self._bytes -= received

    def _count(self, more: int) -> None:
        if self._bytes + more > self._most_bytes:
            raise HTTPException(503, _FULL)
        self._bytes += more

    def _drop(self, token: str) -> None:
        upload = self._uploads.pop(token, None)
        if upload is not None:
            self._bytes -= len(upload.content) + _EACH_TAKES

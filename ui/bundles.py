"""Streamlit's own scripts and styles, from memory and compressed.

A browser's first visit asks for sixty of them, 2.1 MB. Streamlit reads each from the disk again and sends it as it is; here each is compressed once,
and costs less time and a quarter of the bytes from then on. Only what is said never to change is kept: its name has a hash of its content in it.
"""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST = 48_000_000
"""Bytes that are kept at most; all of Streamlit's files are less."""
_SMALL = 512
_TEXT = ("text/", "application/javascript", "application/json", "image/svg")


@dataclass(frozen=True)
class _File:
    """A file as it is sent: its headers but for those of the encoding, its bytes, and its bytes compressed, where that makes it smaller."""

    headers: tuple[tuple[bytes, bytes], ...]
    raw: bytes
    squeezed: bytes | None


class Bundles:
    """Answers requests for files that never change.

    Parameters
    ----------
    app:
        What has the files.
    base:
        The server's base path, without slashes at its ends.
    """

    def __init__(self, app: ASGIApp, base: str) -> None:
        self._app = app
        self._folder = f"/{base}/static/" if base else "/static/"
        self._files: dict[str, _File] = {}
        self._size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not self._mine(scope):
            await self._app(scope, receive, send)
            return
        file = self._files.get(scope["path"])
        if file is None:
            messages: list[Message] = []

            async def keep(message: Message) -> None:
                messages.append(message)

            await self._app(scope, receive, keep)
            file = await asyncio.to_thread(_read, messages)
            if file is None:
                for message in messages:
                    await send(message)
                return
            size = len(file.raw) + len(file.squeezed or b"")
            if self._size + size <= MOST and scope["path"] not in self._files:
                self._files[scope["path"]] = file
                self._size += size
        await _send(file, dict(scope["headers"]).get(b"accept-encoding", b""), send)

    def _mine(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["query_string"] or not scope["path"].startswith(self._folder):
            return False
        asked = {name for name, _ in scope["headers"]}
        return not asked & {b"range", b"if-none-match", b"if-modified-since"}


def _read(messages: list[Message]) -> _File | None:
    """Return what an answer says, where it is a whole file that never changes and is not compressed yet."""
    start = messages[0] if messages else {}
    headers = dict(start.get("headers", ()))
    if start.get("status") != 200 or b"immutable" not in headers.get(b"cache-control", b"") or b"content-encoding" in headers:
        return None
    raw = b"".join(message.get("body", b"") for message in messages[1:])
    if headers.get(b"content-length", b"").decode() != str(len(raw)):
        return None
    squeezed = None
    if len(raw) > _SMALL and headers.get(b"content-type", b"").decode().startswith(_TEXT):
        squeezed = gzip.compress(raw, 9, mtime=0)
    kept = tuple((name, value) for name, value in start["headers"] if name not in (b"content-length", b"vary"))
    return _File((*kept, (b"vary", b"Accept-Encoding")), raw, squeezed)


async def _send(file: _File, accepted: bytes, send: Send) -> None:
    body = file.raw
    encoding: tuple[tuple[bytes, bytes], ...] = ()
    if file.squeezed is not None and b"gzip" in accepted:
        body, encoding = file.squeezed, ((b"content-encoding", b"gzip"),)
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [*file.headers, *encoding, length]})
    await send({"type": "http.response.body", "body": body})

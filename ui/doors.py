"""Who is let in, and for what: the names that the lab is called by, whose pages open its sockets, how long a question may be, what is not answered.

``LAB_HOSTS`` lists the names. Where it is not set every name does, since a lab of one's own is reached by many and has nothing to give away; a
lab site sets it, and then a page of somewhere else that makes its own name mean this server's address (DNS rebinding) finds the door shut.
docs/security.md says what each of these keeps out, and which test shows it.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime

from core.datasets.uploads.limits import BYTES
from core.errors import InvalidInput
from core.pace import Bucket
from ui.headers import LABEL

VARIABLE = "LAB_HOSTS"
LONGEST = 16_384
"""Bytes of an address; a link of the lab has 8192 at most."""
MESSAGES_PER_SECOND, MESSAGES_AT_ONCE = 30.0, 200.0
"""What one page may send to Streamlit: a key that is held down sends 10 a second."""
POLICY, FULL = 1008, 1013
"""Codes with which sockets are closed: against the rules of the lab; no room, try again later."""

_HOME = ("localhost", "127.0.0.1", "[::1]")  # no name of somewhere else can be made to be one of these
_NAME = re.compile(rf"(?:\*\.)?{LABEL}(?:\.{LABEL})*", re.IGNORECASE)
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_.-]+?)\.?(?::\d{1,5})?", re.IGNORECASE)
_HEALTH, _STREAM = "_stcore/health", "_stcore/stream"
# Streamlit's for what the lab does not have: programs as visitors, logins.
_CLOSED = re.compile(r"(?:_stcore/(?:agent|script-health-check)|auth|oauth2callback)(?:/.*)?", re.DOTALL)
_UPLOAD = re.compile(r"_stcore/upload_file/([A-Za-z0-9-]{1,64})/([A-Za-z0-9-]{1,64})")
_UPLOADS = re.compile(r"_stcore/upload_file(?:/.*)?", re.DOTALL)
FILES_HELD, FILES_ARRIVING = 3, 16
"""Files that a visitor may leave on the server, which reads each and lets go of it; and that may be under way at once, of all visitors."""
_MARGIN = 65_536  # of an upload's message around the file
_METRICS = re.compile(r"_stcore/metrics/*")


class Doors:
    """ASGI middleware: a request that is none of the lab's gets a sentence and no further.

    Parameters
    ----------
    app:
        What answers the others.
    hosts:
        The names that the lab is called by, as `hosts` returns them; none: any.
    base:
        The base path of the server, without slashes at its ends.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = (), base: str = "") -> None:
        self._app = app
        self._hosts = tuple(hosts)
        self._base = base
        self._arriving: Counter[str] = Counter()  # files on their way, by session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        place = below(scope, self._base)
        refusal = self._refusal(scope, place or "")
        if refusal is not None:
            await _refuse(scope, receive, send, *refusal)
        elif scope["type"] == "websocket":
            metered = _Metered(receive, send)
            streamlits = place == _STREAM
            await self._app(_named(scope), metered.receive if streamlits else receive, metered.send if streamlits else send)
        elif (upload := _UPLOAD.fullmatch(place or "")) is not None and scope["method"] == "PUT":
            await self._arrive(scope, receive, send, upload[1])
        else:
            await self._app(scope, receive, send)

    async def _arrive(self, scope: Scope, receive: Receive, send: Send, session: str) -> None:
        """Take a visitor's file in, where there are not too many of them here or on their way."""
        if self._arriving.total() >= FILES_ARRIVING:
            await _refuse(scope, receive, send, 503, "Others are uploading. Try again in a moment.")
            return
        if held(session) + self._arriving[session] >= FILES_HELD:
            await _refuse(scope, receive, send, 429, f"At most {FILES_HELD} files at once. Load the page again.")
            return
        self._arriving[session] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._arriving[session] -= 1
            if not self._arriving[session]:
                del self._arriving[session]

    def _refusal(self, scope: Scope, place: str) -> tuple[int, str] | None:
        """Return a status and a sentence for a request that is not let in."""
        if len(scope.get("raw_path") or scope["path"].encode()) + len(scope["query_string"]) > LONGEST:
            return 414, f"This address is longer than any link of the lab: at most {LONGEST} bytes. Copy the link again."
        # Whoever asks for the health knows the server by its number.
        if self._hosts and place != _HEALTH and not is_named(_header(scope, b"host"), (*self._hosts, *_HOME)):
            return 421, f"The lab does not go by this name here. Open it by the address you were given. (Its operator lists names in {VARIABLE}.)"
        if scope["type"] == "websocket" and _header(scope, b"origin") and not same_host(scope):
            return 403, "Only a page of the lab may open this."
        if _UPLOADS.fullmatch(place):
            if not _UPLOAD.fullmatch(place) or scope["method"] not in ("PUT", "DELETE"):
                return 404, "There is nothing here."
            length = _header(scope, b"content-length")
            # A file whose length is not said is counted by Streamlit while it comes.
            if length and not (length.isascii() and length.isdigit() and len(length) < 12 and int(length) <= BYTES + _MARGIN):
                return 413, f"A file of at most {BYTES // 2**20} MB can be taken. Take a sample of its rows."
        if _CLOSED.fullmatch(place) or (_METRICS.fullmatch(place) and not _from_here(scope)):
            return 404, "There is nothing here."
        return None


def held(session: str) -> int:
    """Return how many files a visitor has left with Streamlit."""
    if not runtime.exists():
        return 0
    files: Any = runtime.get_instance().uploaded_file_mgr
    return len(files.file_storage.get(session, ()))


class _Metered:
    """What one page sends to Streamlit: who sends more than a hand can is shown out."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._allowance = Bucket(MESSAGES_PER_SECOND, MESSAGES_AT_ONCE)
        self._over = False

    async def receive(self) -> Message:
        message = await self._receive()
        # Streamlit speaks bytes; text would end in a traceback in the log.
        if message["type"] == "websocket.receive" and (message.get("bytes") is None or not self._allowance.allows()):
            self._over = True
            await self._send({"type": "websocket.close", "code": POLICY})
            return {"type": "websocket.disconnect", "code": POLICY}
        return message

    async def send(self, message: Message) -> None:
        if not self._over:
            await self._send(message)


def below(scope: Scope, base: str) -> str | None:
    """Return the part of a request's path below the server's base path; None where it is not below it."""
    root = f"/{base}/" if base else "/"
    return str(scope["path"]).removeprefix(root) if scope["path"].startswith(root) else None


def hosts(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return the names that the lab is called by; none where any will do.

    Parameters
    ----------
    environment:
        Where the setting is looked up.

    Raises
    ------
    InvalidInput
        Where it is set to anything but names and addresses without scheme, port and path.
    """
    wanted = environment.get(VARIABLE, "").lower().split()
    if wanted == ["*"]:
        return ()
    for each in wanted:
        if not (_NAME.fullmatch(each) or _is_bracketed(each)):
            raise InvalidInput(
                f"{VARIABLE}: {each!r}",
                "names such as lab.example.org or *.example.org, addresses such as 192.0.2.7 or [2001:db8::7], with blanks between them; or * alone",
                "Write the host alone, without scheme, port and path.",
            )
    return tuple(wanted)


def is_named(host: str, names: Iterable[str]) -> bool:
    """Return whether a ``Host`` header, with or without a port, is one of some names; ``*.`` before a name stands for any labels there."""
    found = _HOST.fullmatch(host)
    name = found[1].lower() if found else ""
    return bool(name) and any(name == each or (each.startswith("*.") and name.endswith(each[1:])) for each in names)


def same_host(scope: Scope) -> bool:
    """Return whether a page of our own asks for a socket; browsers let any page open one to anywhere, and Starlette leaves the question to us."""
    origin = urlsplit(_header(scope, b"origin")).netloc.lower()
    # What a proxy was asked for, where it asks by another name. No page can say this of a socket that it opens.
    forwarded = _header(scope, b"x-forwarded-host").split(",")[0].strip().lower()
    return bool(origin) and origin in (_header(scope, b"host").lower(), forwarded)


def _named(scope: Scope) -> Scope:
    """Return a socket's scope with the host by which the browser knows us.

    Streamlit compares the two as well, knows nothing of proxies, and where they differ first asks the internet for this server's own address.
    """
    origin = urlsplit(_header(scope, b"origin")).netloc
    if not origin or origin == _header(scope, b"host"):
        return scope
    return {**scope, "headers": [each for each in scope["headers"] if each[0] != b"host"] + [(b"host", origin.encode("latin-1"))]}


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def _is_bracketed(text: str) -> bool:
    try:
        return text[:1] + text[-1:] == "[]" and ipaddress.ip_address(text[1:-1]).version == 6
    except ValueError:
        return False


def _from_here(scope: Scope) -> bool:
    """Return whether a program on this machine asks, and no proxy for somebody else."""
    for_another = any(_header(scope, name) for name in (b"x-forwarded-for", b"forwarded", b"via"))
    peer = scope.get("client")
    return peer is not None and peer[0] in ("127.0.0.1", "::1") and not for_another


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, sentence: str) -> None:
    if scope["type"] == "http":
        # Nothing of the request's body is read: the connection ends with the answer.
        await PlainTextResponse(sentence, status, {"Connection": "close", "Cache-Control": "no-store"})(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": POLICY})  # before it is accepted: 403

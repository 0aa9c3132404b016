"""Who finds a place: a process has so many, and whoever comes when they are taken waits on a page that says so and lets them in when there is room.

A place is a session's open websocket, or a page that is on its way to open one. Every visitor's browser keeps a random number in a cookie:
``lab/place`` tells a number that waits how far it is in the line, and holds a place for the first of them as soon as one is free. Nobody who is
inside loses theirs: a place is held for a moment for whoever loads the page again, and a session that reconnects gets in beyond the limit, up to
what the process can bear.

``LAB_PLACES`` is how many there are, 120 unless told otherwise and as many as may come with 0; docs/scaling.md says what one costs.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import InvalidInput
from ui.doors import FULL, below

VARIABLE = "LAB_PLACES"
PLACES = 120
COMING_SECONDS = 20.0
"""How long a place is held for a page that was sent, until its session opens."""
SILENT_SECONDS = 20.0
"""A visitor who waits and asks no more for so long has gone; the page asks every three seconds."""
RETURN_SECONDS = 5.0
"""How long a place is held for a visitor whose session has closed, who may be loading the page again."""
MOST_WAITING = 5000
TICKET = "lab_ticket"

_PAGE = Path(__file__).resolve().parent.parent / "assets" / "full.html"
_NUMBER = re.compile(r"[0-9a-f]{16,64}")
# What is no page of the lab, below its root.
_PARTS = ("_stcore/", "static/", "lab/", "media/", "component/", "bidi-components/", "favicon")


class Line:
    """The places of one process, and who waits for one.

    Parameters
    ----------
    places:
        How many there are; 0: as many as may come.
    clock:
        Seconds, of a clock that never goes back.
    """

    def __init__(self, places: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.places = places
        self.open = 0
        self._clock = clock
        self._coming: deque[float] = deque()  # until when a place is held for a page that was sent
        self._waiting: OrderedDict[str, float] = OrderedDict()  # number -> when it asked last
        self._called: dict[str, float] = {}  # number -> until when a place is held for it

    @property
    def most(self) -> int:
        """Return how many sessions the process bears, those that come back included."""
        return self.places + self.places // 4 + 8

    @property
    def free(self) -> int:
        """Return how many places nobody has and nobody is held."""
        self._tidy()
        return self.places - self.open - len(self._coming) - len(self._called)

    @property
    def waiting(self) -> int:
        """Return how many wait."""
        self._tidy()
        return len(self._waiting)

    def admits(self, number: str = "") -> bool:
        """Say whether a page is sent to a visitor, who may have waited under a number; a place is held for it."""
        if not self.places:
            return True
        self._tidy()
        # Those who were there first go first.
        if self._called.pop(number, None) is None and self.free <= len(self._waiting):
            return False
        self._waiting.pop(number, None)
        self._coming.append(self._clock() + COMING_SECONDS)
        return True

    def ask(self, number: str) -> tuple[int, int]:
        """Return a waiting visitor's place in the line, 0 where one inside is held for it, and how many wait."""
        self._tidy()
        if number not in self._called:
            if number in self._waiting or len(self._waiting) < MOST_WAITING:
                self._waiting[number] = self._clock()
            while self._waiting and self.free > 0:
                first, _ = self._waiting.popitem(last=False)
                self._called[first] = self._clock() + COMING_SECONDS
        if number in self._called or not self.places:
            return 0, len(self._waiting)
        order = list(self._waiting)
        return (order.index(number) if number in self._waiting else len(order)) + 1, len(order)

    def enter(self) -> bool:
        """Take a place for a session that opens; False where the process cannot bear it."""
        self._tidy()
        if self.places and self.open >= self.most:
            return False
        if self._coming:
            self._coming.popleft()
        self.open += 1
        return True

    def leave(self, number: str = "") -> None:
        """Give a session's place back; it is held for a moment for the number that had it."""
        self.open -= 1
        if self.places and number:
            self._called.setdefault(number, self._clock() + RETURN_SECONDS)

    def _tidy(self) -> None:
        now = self._clock()
        while self._coming and self._coming[0] < now:
            self._coming.popleft()
        for number in [each for each, until in self._called.items() if until < now]:
            del self._called[number]
        for number in [each for each, asked in self._waiting.items() if asked + SILENT_SECONDS < now]:
            del self._waiting[number]


class Admission:
    """ASGI middleware: a visitor for whom there is no place gets the page that waits.

    Parameters
    ----------
    app:
        What answers the others.
    line:
        The places.
    base:
        The base path of the server, without slashes at its ends.
    script:
        The address of the script that waits, relative to the lab's root.
    """

    def __init__(self, app: ASGIApp, line: Line, base: str = "", script: str = "lab/full.js") -> None:
        self._app = app
        self._line = line
        self._base = base
        self._text = _PAGE.read_text(encoding="utf-8").replace("{script}", script)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        place = below(scope, self._base) if scope["type"] in ("http", "websocket") else None
        if scope["type"] == "websocket" and place == "_stcore/stream":
            if not self._line.enter():
                await receive()
                await send({"type": "websocket.close", "code": FULL})
                return
            try:
                await self._app(scope, receive, send)
            finally:
                self._line.leave(_number(scope))
        elif scope["type"] == "http" and self._line.places and self._asks_for_page(scope, place):
            number = _number(scope)
            answers = self._app if self._line.admits(number) else self._full()
            await answers(scope, receive, send if number else _numbered(scope, send))
        else:
            await self._app(scope, receive, send)

    def _asks_for_page(self, scope: Scope, place: str | None) -> bool:
        if place is None or scope["method"] != "GET" or place.startswith(_PARTS):
            return False
        return "text/html" in HTTPConnection(scope).headers.get("accept", "")

    def _full(self) -> Response:
        said = {"{places}": str(self._line.places), "{waiting}": _waiting(self._line.waiting)}
        text = self._text
        for word, value in said.items():
            text = text.replace(word, value)
        return HTMLResponse(text, 503, {"Retry-After": "5", "Cache-Control": "no-store"})


def _numbered(scope: Scope, send: Send) -> Send:
    """Return a way to send that gives the visitor a number along with the page."""
    # No path: it is the lab's root then, whatever prefix a proxy has taken off. A page in another site's frame keeps it where that is allowed.
    kept = (
        "Secure; SameSite=None"
        if scope.get("scheme") == "https" or HTTPConnection(scope).headers.get("x-forwarded-proto") == "https"
        else "SameSite=Lax"
    )

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).append("Set-Cookie", f"{TICKET}={secrets.token_hex(16)}; HttpOnly; {kept}")
        await send(message)

    return sent


def route(root: str, line: Line) -> Route:
    """Return the route where a page that waits asks for its place, below the address ``root``."""

    async def place(request: Request) -> Response:
        if not (number := _number(request.scope)):
            return JSONResponse({"error": "no number: this browser keeps no cookie of the lab"}, 400)
        at, waiting = line.ask(number)
        return JSONResponse({"place": at, "waiting": waiting, "places": line.places}, headers={"Cache-Control": "no-store"})

    return Route(f"{root}/place", place)


def places(environment: Mapping[str, str] = os.environ) -> int:
    """Return how many places the process has.

    Raises
    ------
    InvalidInput
        Where the setting is no whole number from 0 to 100000.
    """
    said = environment.get(VARIABLE, "").strip()
    if not said:
        return PLACES
    if not said.isdecimal() or not said.isascii() or int(said) > 100_000:
        raise InvalidInput(f"{VARIABLE}: {said!r}", "a whole number from 0 (no limit) to 100000", "Say how many visitors one web process takes.")
    return int(said)


def _number(scope: Scope) -> str:
    said = HTTPConnection(scope).cookies.get(TICKET, "")
    return said if _NUMBER.fullmatch(said) else ""


def _waiting(count: int) -> str:
    match count:
        case 0:
            return "Nobody is waiting before you."
        case 1:
            return "One visitor is waiting before you."
    return f"{count} visitors are waiting before you."

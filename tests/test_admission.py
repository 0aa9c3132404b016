"""A process has so many places: who is let in, who waits, in what order, and what is held for whom."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from core.errors import InvalidInput
from ui.admission import COMING_SECONDS, MOST_WAITING, PLACES, RETURN_SECONDS, SILENT_SECONDS, Admission, Line, places, route
from ui.doors import FULL

A, B, C = ("a" * 32, "b" * 32, "c" * 32)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def full_line(count: int) -> tuple[Line, Clock]:
    clock = Clock()
    line = Line(count, clock)
    for _ in range(count):
        assert line.admits()
        assert line.enter()
    return line, clock


def test_a_place_is_held_for_a_page_that_was_sent_until_its_session_opens_or_does_not():
    clock = Clock()
    line = Line(2, clock)
    assert line.admits()
    assert line.admits()
    assert not line.admits()
    assert line.enter()
    assert line.free == 0
    clock.now = COMING_SECONDS + 1
    assert line.free == 1, "one never came"
    assert line.admits()


def test_those_who_wait_get_in_in_their_order_and_nobody_passes_them():
    line, clock = full_line(2)
    assert [line.ask(A), line.ask(B), line.ask(C), line.ask(B)] == [(1, 1), (2, 2), (3, 3), (2, 3)]
    line.leave()
    assert not line.admits(), "the place is for the first of those who wait"
    assert line.ask(B) == (1, 2), "the first is called, whoever asked"
    assert line.ask(A) == (0, 2)
    assert not line.admits()
    assert not line.admits(B)
    assert line.admits(A)
    assert line.enter()
    assert line.free == 0
    clock.now += 1.0
    line.leave()
    line.leave()
    assert line.ask(C)[0] == 0
    assert line.ask(B)[0] == 0


def test_whoever_asks_no_more_leaves_the_line_and_whoever_is_called_and_does_not_come_loses_the_place():
    line, clock = full_line(1)
    line.ask(A)
    clock.now = SILENT_SECONDS - 1
    line.ask(B)
    clock.now = SILENT_SECONDS + 1
    assert line.ask(B) == (1, 1), "the first has closed the page"
    line.leave()
    assert line.ask(B)[0] == 0
    clock.now += COMING_SECONDS + 1
    assert line.free == 1
    assert line.admits(), "whoever was called has not come"


def test_who_reconnects_gets_in_beyond_the_limit_up_to_what_the_process_bears():
    line, _ = full_line(4)
    extra = 0
    while line.enter():
        extra += 1
    assert 4 + extra == line.most == 13
    assert line.free < 0
    for _ in range(extra):
        line.leave()
    assert line.free == 0


def test_whoever_loads_the_page_again_keeps_the_place():
    line, clock = full_line(1)
    line.ask(B)
    line.leave(A)
    assert line.ask(B) == (1, 1)
    clock.now += 1.0
    assert line.admits(A)
    assert line.enter()
    line.leave(A)
    clock.now += RETURN_SECONDS + 0.1
    assert line.ask(B)[0] == 0, "closed, and not come back"


def test_the_line_itself_has_an_end():
    line, _ = full_line(1)
    for i in range(MOST_WAITING):
        line.ask(f"{i:032x}")
    assert line.ask(A) == (MOST_WAITING + 1, MOST_WAITING)
    assert line.waiting == MOST_WAITING


def test_with_no_limit_everybody_is_let_in():
    line = Line(0)
    assert all(line.admits() and line.enter() for _ in range(500))
    assert line.ask(A)[0] == 0


@given(st.lists(st.tuples(st.sampled_from(["page", "open", "close", "ask", "tick"]), st.integers(0, 9)), max_size=120), st.integers(1, 5))
def test_whatever_happens_pages_are_sent_for_free_places_alone_and_a_line_moves(events, count):
    clock = Clock()
    line, opened, sent = Line(count, clock), 0, 0
    for event, who in events:
        number = f"{who:032x}"
        if event == "page":
            free = line.free
            called = number in line._called
            if line.admits(number):
                assert called or free > 0
                sent += 1
        elif event == "open" and sent:
            sent -= 1
            opened += line.enter()
        elif event == "close" and opened:
            line.leave()
            opened -= 1
        elif event == "ask":
            at, waiting = line.ask(number)
            assert 0 <= at <= waiting
        elif event == "tick":
            clock.now += 7.0
        assert line.open == opened
    clock.now += 100.0
    while line.open:
        line.leave()
    line.ask(A)
    assert line.ask(A)[0] == 0, "an empty lab has a place"


def test_the_setting_is_a_whole_number():
    assert places({}) == PLACES
    assert places({"LAB_PLACES": " 0 "}) == 0
    for wrong in ("-1", "many", "1.5", "1000000", "²"):
        with pytest.raises(InvalidInput, match="LAB_PLACES"):
            places({"LAB_PLACES": wrong})


# --------------------------------------------------------------------------------------------------------------- over HTTP


class Lab:
    """A lab with a line before it, spoken to as a server speaks to an app."""

    def __init__(self, line: Line, base: str = "") -> None:
        self.root = f"/{base}" if base else ""

        async def stream(socket: WebSocket) -> None:
            await socket.accept()
            while (await socket.receive())["type"] != "websocket.disconnect":
                pass

        async def page(_request: Request) -> HTMLResponse:
            return HTMLResponse("the lab")

        async def script(_request: Request) -> PlainTextResponse:
            return PlainTextResponse("script")

        routes = [
            WebSocketRoute(f"{self.root}/_stcore/stream", stream),
            route(f"{self.root}/lab", line),
            Route(f"{self.root}/static/a.js", script),
            Route(f"{self.root}/{{rest:path}}", page),
        ]
        self.app = Starlette(routes=routes, middleware=[Middleware(Admission, line, base, "lab/full.js?v=1")])

    async def get(self, path: str, query: str = "", **headers: str) -> tuple[int, dict[str, str], str]:
        """Return the status, the headers and the body of an address."""
        said = {"accept": "text/html"} | headers
        scope = {"type": "http", "method": "GET", "path": f"{self.root}{path}", "query_string": query.encode(), "http_version": "1.1"}
        scope |= {"headers": [(name.encode(), value.encode()) for name, value in said.items()]}
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], found, b"".join(message.get("body", b"") for message in sent[1:]).decode()

    async def session(self, leave: asyncio.Event, sent: list[Any]) -> None:
        """Hold a session's socket open until it is to leave."""
        words = iter([{"type": "websocket.connect"}])

        async def receive() -> dict[str, Any]:
            if (word := next(words, None)) is None:
                await leave.wait()
                return {"type": "websocket.disconnect", "code": 1001}
            return word

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "websocket", "path": f"{self.root}/_stcore/stream", "query_string": b"", "headers": [], "subprotocols": []}
        await self.app(scope, receive, send)


@pytest.mark.parametrize("base", ["", "class/lab"])
def test_a_full_lab_says_so_and_serves_those_who_are_in(base):
    async def go() -> None:
        line = Line(1)
        lab, leave, sent = Lab(line, base), asyncio.Event(), []
        _, headers, text = await lab.get("/training", "tn_lam=0.1")
        assert text == "the lab"
        assert re.fullmatch(r"lab_ticket=[0-9a-f]{32}; HttpOnly; SameSite=Lax", headers["set-cookie"])
        inside = asyncio.create_task(lab.session(leave, sent))
        await asyncio.sleep(0)
        while not sent:
            await asyncio.sleep(0.01)
        assert line.open == 1
        status, headers, text = await lab.get("/training", "tn_lam=0.1")
        assert status == 503
        assert "The lab is full" in text
        assert "All 1 places" in text
        assert 'src="lab/full.js?v=1"' in text
        assert headers["cache-control"] == "no-store"
        assert int(headers["retry-after"]) > 0
        assert (await lab.get("/static/a.js"))[2] == "script", "those who are in go on"
        assert json.loads((await lab.get("/lab/place", cookie=f"lab_ticket={A}"))[2]) == {"place": 1, "waiting": 1, "places": 1}
        leave.set()
        await inside
        assert line.open == 0
        assert json.loads((await lab.get("/lab/place", cookie=f"lab_ticket={A}"))[2])["place"] == 0
        assert (await lab.get("/training"))[0] == 503, "the place is held for somebody"
        _, headers, text = await lab.get("/training", cookie=f"lab_ticket={A}")
        assert text == "the lab"
        assert "set-cookie" not in headers, "one has a number"
        framed = await lab.get("/", **{"x-forwarded-proto": "https"})
        assert "Secure; SameSite=None" in framed[1]["set-cookie"]

    asyncio.run(go())


@pytest.mark.parametrize("number", ["", "x" * 32, "a" * 8, "a" * 65, "drop table"])
def test_a_number_is_what_the_lab_gave(number):
    assert asyncio.run(Lab(Line(1)).get("/lab/place", cookie=f"lab_ticket={number}"))[0] == 400


def test_a_session_that_nobody_can_bear_is_closed_before_it_is_accepted():
    line, sent = Line(1), []
    line.open = line.most
    asyncio.run(Lab(line).session(asyncio.Event(), sent))
    assert sent == [{"type": "websocket.close", "code": FULL}]
    assert line.open == line.most


def test_a_place_comes_back_however_a_session_ends():
    line = Line(3)

    async def breaks(_scope: Any, _receive: Any, _send: Any) -> None:
        raise RuntimeError("in the middle")

    async def go() -> None:
        with pytest.raises(RuntimeError):
            await Admission(breaks, line)({"type": "websocket", "path": "/_stcore/stream", "headers": []}, None, None)  # type: ignore[arg-type]

    asyncio.run(go())
    assert line.open == 0

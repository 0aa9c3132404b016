"""One student without a browser: loads a page as one does, keeps a session over Streamlit's own protocol, moves its controls, trains, leaves.

What a browser draws is left out; what it asks of the server is not: the page and its scripts come over HTTP, the script runs over the session's
websocket with the state of every widget on the page, a scrub sends its commit when it is let go, and a run of the engine is watched over its stream.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from core import wire
from ui.serving import address

PATIENCE = 60.0
"""Seconds after which an answer that has not come is an error."""
STOPS = 5
"""Of a slider's range students mostly try so many places, so that they meet."""
RETRY_SECONDS = 0.5
MOVED = ("slider", "selectbox", "checkbox", "button_group", "radio")
"""Widgets that a student moves, besides scrubs and the presets' buttons."""
PRESET = re.compile(r"-preset-\d+$")


@dataclass
class Seen:
    """What a crowd has met with.

    Attributes
    ----------
    opened, moved, first:
        Seconds until a page's script had run for the first time, until it had run after a control was moved, and until that answer's first word.
    trained:
        Seconds from the asking for a training until it was done.
    errors:
        What went wrong, and how often.
    full:
        How often a page said that there is no room.
    """

    opened: list[float] = field(default_factory=list)
    moved: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    trained: list[float] = field(default_factory=list)
    by_page: dict[str, list[float]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    full: int = 0
    received: int = 0


class Full(Exception):
    """The page said that there is no room."""


@dataclass
class Control:
    """A control that the page shows: a widget's element, or a scrub with so many places, and the fragment that runs alone when it is moved."""

    kind: str
    id: str
    element: Any = None
    places: int = 0
    axis: str = ""
    fragment: str = ""


class Student:
    """A visitor of the lab.

    Parameters
    ----------
    url:
        The lab's address, without a slash at the end.
    seen:
        Where what it meets with is put down.
    seed:
        Of what it does.
    """

    def __init__(self, url: str, seen: Seen, seed: int) -> None:
        self.url, self.seen, self.random = url, seen, random.Random(seed)
        self.cookies: dict[str, str] = {}
        self.page, self.query = "", ""
        self.controls: dict[str, Control] = {}
        self.values: dict[str, WidgetState] = {}
        self.films: dict[str, dict[str, Any]] = {}
        self.states: list[str] = []
        self.heard: dict[str, Heard] = {}
        self.gone: set[str] = set()
        self.component = ""
        self.said: dict[tuple[int, ...], bytes] = {}  # where something stands on the page -> the message that put it there
        self._socket: ClientConnection | None = None
        self._streams: dict[str, asyncio.Task[None]] = {}
        self._hash, self._commits = "", 0
        self._shown: set[str] = set()
        self._cached: dict[str, None] = {}

    # ----------------------------------------------------------------------------------------------------------- coming and going

    async def open(self, page: str = "", query: str = "", assets: bool = True) -> None:
        """Load a page and run its script for the first time."""
        start = time.monotonic()
        status, body = await self.fetch(f"/{page}")
        if status == 503:
            self.seen.full += 1
            raise Full
        if status != 200:
            raise ConnectionError(f"{page or 'home'}: {status}")
        if assets:
            # What a browser that has never been here asks for at once; the rest of Streamlit's bundles come as they are needed.
            named = re.findall(r'(?:src|href)="\./(static/[^"]+\.(?:js|css))"', body.decode())
            for name in [*named, address("plot/mount.js"), address("plotly.min.js")]:
                await self.fetch(f"/{name}", accept_encoding="gzip")
        await self.join()
        await self.run(page, query)
        self.seen.opened.append(time.monotonic() - start)

    async def join(self) -> None:
        """Open the session's websocket."""
        place = urlsplit(self.url)
        self._socket = await connect(
            f"ws://{place.netloc}{place.path}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            origin=Origin(f"{place.scheme}://{place.netloc}"),
            additional_headers=self._headers(),
            max_size=None,
            proxy=None,
            open_timeout=PATIENCE,
            close_timeout=1,
            compression=None,
        )

    async def leave(self) -> None:
        """Close everything, as a tab does."""
        for stream in self._streams.values():
            stream.cancel()
        await asyncio.gather(*self._streams.values(), return_exceptions=True)
        self._streams.clear()
        if self._socket is not None:
            await self._socket.close()
            self._socket = None

    async def drop(self) -> None:
        """Lose the connection without a farewell."""
        if self._socket is not None:
            self._socket.transport.abort()
        await self.leave()

    async def fetch(self, path: str, **headers: str) -> tuple[int, bytes]:
        """Return the status and the body of an address, and keep its cookies."""
        place = urlsplit(self.url)
        reader, writer = await asyncio.wait_for(asyncio.open_connection(place.hostname, place.port or 80, limit=1 << 20), PATIENCE)
        try:
            said = {"Host": place.netloc, "Connection": "close", "Accept": "text/html,*/*"} | self._headers()
            said |= {name.replace("_", "-"): value for name, value in headers.items()}
            head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
            writer.write(f"GET {place.path}{path} HTTP/1.1\r\n{head}\r\n".encode())
            raw = await asyncio.wait_for(reader.read(-1), PATIENCE)
        finally:
            writer.close()
        head, _, body = raw.decode("latin-1").partition("\r\n\r\n")
        for line in head.split("\r\n")[1:]:
            name, _, value = line.partition(": ")
            if name.lower() == "set-cookie":
                crumb, _, worth = value.partition(";")[0].partition("=")
                self.cookies[crumb] = worth
        status = int(head.split(" ", 2)[1]) if " " in head else 0
        if "transfer-encoding: chunked" in head.lower():
            body = "".join(body.split("\r\n")[1::2])
        return status, body.encode("latin-1")

    def _headers(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}

    # ------------------------------------------------------------------------------------------------------------ what it does

    async def run(self, page: str, query: str = "", changed: Iterable[WidgetState] = (), fragment: str = "") -> float:
        """Run the script, or a fragment of it, with the state of every widget; return the seconds until its first word."""
        if self._socket is None:
            raise ConnectionError("no session")
        ask = BackMsg()
        if page != self.page:
            self.values.clear()
            ask.rerun_script.page_name = page
        else:
            ask.rerun_script.page_script_hash = self._hash
        self.page, self.query = page, query
        ask.rerun_script.query_string = query
        ask.rerun_script.widget_states.widgets.extend(self.values.values())
        ask.rerun_script.widget_states.widgets.extend(changed)
        ask.rerun_script.cached_message_hashes.extend(self._cached)
        ask.rerun_script.context_info.url = f"{self.url}/{page}"
        ask.rerun_script.fragment_id = fragment
        start, first = time.monotonic(), 0.0
        await self._socket.send(ask.SerializeToString())
        if not fragment:
            self.controls, self.films, self.said, self._shown = {}, {}, {}, set()
        while True:
            data = await asyncio.wait_for(self._socket.recv(), PATIENCE)
            self.seen.received += len(data)
            message = ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode())
            kind = message.WhichOneof("type")
            if kind in ("delta", "ref_hash"):
                first = first or time.monotonic() - start
                self.said[tuple(message.metadata.delta_path)] = data if isinstance(data, bytes) else data.encode()
            if message.metadata.cacheable and message.hash:
                self._cached[message.hash] = None
            if kind == "delta" and message.delta.HasField("new_element"):
                self._take(message.delta.new_element, message.delta.fragment_id)
            elif kind == "navigation":
                self._hash = message.navigation.page_script_hash
            elif kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                self.controls, self.films, self.said, self._shown = {}, {}, {}, set()  # the whole page runs instead
            elif kind == "script_finished":
                # What is not on the page any more has no state, in a browser too.
                self.values = {name: state for name, state in self.values.items() if name in self._shown}
                for component, film in self.films.items():
                    self._watch(film, component)
                return first

    def _take(self, element: Element, fragment: str) -> None:
        """Put down what an element is, and the value that a widget begins with."""
        kind = str(element.WhichOneof("type"))
        body = getattr(element, kind)
        if kind == "exception":
            self.seen.errors[f"traceback on {self.page}"] += 1
        elif kind == "alert" and "could not" in body.body:
            self.seen.errors[f"notice on {self.page}: {body.body[:60]}"] += 1
        elif kind == "bidi_component":
            head = wire.header(body.bytes) if body.bytes else {}
            if head.get("kind") == "scrub" and not head.get("locked") and not head.get("hidden"):
                places = len(wire.unpack(body.bytes)["axis"]["values"])
                self.controls[body.id] = Control("scrub", body.id, None, places, head["axis"]["name"], fragment)
            elif head.get("kind") in ("film", "progress"):
                self.films[body.id] = head
        elif kind in (*MOVED, "number_input", "text_input", "button"):
            self._value(kind, body)
            if (kind in MOVED and not body.disabled) or kind == "button":
                self.controls[body.id] = Control(kind, body.id, body)

    def _value(self, kind: str, body: Any) -> None:  # noqa: ANN401 - one of Streamlit's elements
        self._shown.add(body.id)
        if kind == "button" or (body.id in self.values and not getattr(body, "set_value", False)):
            return
        state = WidgetState(id=body.id)
        given = getattr(body, "set_value", False)
        if kind == "slider":
            if body.options:
                index = [int(i) for i in body.default]
                state.string_array_value.data.extend(body.raw_value if given else [body.options[i] for i in index])
            else:
                state.double_array_value.data.extend(body.value if given else body.default)
        elif kind in ("selectbox", "radio"):
            state.string_value = body.raw_value if given else body.options[body.default]
        elif kind == "checkbox":
            state.bool_value = body.value if given else body.default
        elif kind == "button_group":
            names = [each.content for each in body.options]
            state.string_array_value.data.extend(body.raw_values if given else [names[i] for i in body.default])
        elif kind == "number_input":
            state.double_value = body.value if given else body.default
        else:
            state.string_value = body.value if given else body.default
        self.values[body.id] = state

    async def move(self, scrubs_share: float = 0.6) -> None:
        """Move one control: a scrub in ``scrubs_share`` of the cases, another one else."""
        scrubs = [each for each in self.controls.values() if each.kind == "scrub" and each.places > 1]
        others = [each for each in self.controls.values() if each.kind in MOVED or PRESET.search(each.id)]
        if not scrubs and not others:
            return
        fragment = ""
        if scrubs and (not others or self.random.random() < scrubs_share):
            chosen = self.random.choice(scrubs)
            changed, fragment = self._commit(chosen), chosen.fragment
        else:
            changed = self._changed(self.random.choice(others))
        start = time.monotonic()
        first = await self.run(self.page, self.query, changed, fragment)
        took = time.monotonic() - start
        self.seen.moved.append(took)
        self.seen.first.append(first)
        self.seen.by_page.setdefault(self.page, []).append(took)

    async def press(self, label: str) -> None:
        """Press a button."""
        button = next(each for each in self.controls.values() if each.kind == "button" and each.element.label == label)
        start = time.monotonic()
        await self.run(self.page, self.query, [WidgetState(id=button.id, trigger_value=True)])
        self.seen.moved.append(time.monotonic() - start)

    def _commit(self, scrub: Control) -> list[WidgetState]:
        self._commits += 1
        value = {"axis": scrub.axis, "index": self.random.randrange(scrub.places), "count": self._commits}
        sent = WidgetState(id=f"$$STREAMLIT_INTERNAL_KEY_{scrub.id}__events", json_trigger_value=json.dumps([{"event": "commit", "value": value}]))
        return [sent]

    def _changed(self, control: Control) -> list[WidgetState]:
        """Change a widget's value in place, or return that a button is pressed."""
        if control.kind == "button":
            return [WidgetState(id=control.id, trigger_value=True)]
        state, body = self.values[control.id], control.element
        if control.kind == "checkbox":
            state.bool_value = not state.bool_value
        elif control.kind == "slider" and not body.options:
            steps = round((body.max - body.min) / body.step)
            stop = round(self.random.randrange(STOPS) * steps / (STOPS - 1))
            state.double_array_value.data[:] = [min(body.max, body.min + stop * body.step)]
        else:
            options = [each.content for each in body.options] if control.kind == "button_group" else list(body.options)
            stops = [options[round(i * (len(options) - 1) / (STOPS - 1))] for i in range(STOPS)] if control.kind == "slider" else options
            chosen = self.random.choice(stops)
            if control.kind in ("selectbox", "radio"):
                state.string_value = chosen
            else:
                state.string_array_value.data[:] = [chosen]
        return []

    # ------------------------------------------------------------------------------------------------------------ its trainings

    def _watch(self, shown: dict[str, Any], component: str) -> None:
        """Open the stream of a run or a study that the page shows, as the component does, and close those that the page has left."""
        run = str(shown.get("run") or shown.get("study"))
        self.component = component
        for other in [name for name in self._streams if name not in self.watched()]:
            self._streams.pop(other).cancel()
        if run not in self._streams or self._streams[run].done():
            self._streams[run] = asyncio.create_task(self._stream(run, shown))

    def watched(self) -> set[str]:
        """Return the runs and studies that the page shows."""
        return {str(each.get("run") or each.get("study")) for each in self.films.values()}

    async def _stream(self, run: str, shown: dict[str, Any]) -> None:
        """Hear how a run goes until it is over; where the line breaks, open it again, and where the server does not know the run, start it again."""
        place, start = urlsplit(self.url), time.monotonic()
        origin = Origin(f"{place.scheme}://{place.netloc}")
        film = self.heard.setdefault(run, Heard())
        while True:
            target = f"ws://{place.netloc}{place.path}/lab/run/{run}?viewer={shown['viewer']}&n={len(film.messages)}"
            with suppress(OSError, websockets.WebSocketException, TimeoutError):
                async with connect(target, origin=origin, additional_headers=self._headers(), max_size=None, proxy=None, close_timeout=1) as socket:
                    if "epochs" in shown:
                        await socket.send(json.dumps({"want": shown["epochs"], "at": 0}))
                    async for message in socket:
                        self.seen.received += len(message)
                        if isinstance(message, bytes):
                            film.messages.append(message)
                            continue
                        film.states.append(str(json.loads(message).get("state", "")))
                        self.states.append(film.states[-1])
                        if film.states[-1] == "done" and film.states.count("done") == 1:
                            self.seen.trained.append(time.monotonic() - start)
                        if film.states[-1] == "failed":
                            self.seen.errors[f"training failed: {message[:120]}"] += 1
                        if film.states[-1] == "gone":
                            break
                    if film.states[-1:] == ["done"]:
                        return
            await asyncio.sleep(RETRY_SECONDS)
            if film.states[-1:] == ["gone"]:
                self.gone.add(run)
                return

    @property
    def connected(self) -> bool:
        """Say whether the session's websocket is open."""
        return self._socket is not None and self._socket.state is websockets.State.OPEN

    async def again(self) -> None:
        """Ask for runs again that the server does not know any more, as the page does by itself."""
        for run in sorted(self.gone & self.watched()):
            value = [{"event": "gone", "value": {"run": run}}]
            sent = WidgetState(id=f"$$STREAMLIT_INTERNAL_KEY_{self.component}__events", json_trigger_value=json.dumps(value))
            await self.run(self.page, self.query, [sent])
        self.gone.clear()

    async def recover(self, seconds: float = PATIENCE) -> float:
        """Come back after the connection was lost, as Streamlit's page does: try until a session runs the page; return the seconds it took."""
        start = time.monotonic()
        while True:
            try:
                if self._socket is not None:
                    self._socket.transport.abort()
                await self.join()
                await self.run(self.page, self.query)
            except (OSError, TimeoutError, websockets.WebSocketException):
                if time.monotonic() - start > seconds:
                    raise
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return time.monotonic() - start


@dataclass
class Heard:
    """What has come over the stream of a run: how it was said to be, and the messages of its film."""

    states: list[str] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)

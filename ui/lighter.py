"""What a run of a script costs Streamlit itself, made less, in three places of the pinned version.

Each text and number box asks for a copy of everything that the session holds, to see whether its own value is None. With 75 keys, and components that
present their values, eight boxes took 12 % of the script of a small page and 31 % of that of a large one. Here they get a view that looks up what
they ask for.

Each of a run's hundred messages wakes the server's loop twice, by calls of the system in which a thread gives up the interpreter and has to wait
for it again. Here the loop is woken once for all that wait.

An answer is many small messages. asyncio sends each at once over connections that say they are TCP's; Streamlit's listener, and uvicorn's, name no
protocol, so theirs were held back until the browser had acknowledged the one before, which browsers put off for 40 ms. Here all are sent at once.
"""

from __future__ import annotations

import asyncio
import socket
from asyncio import base_events
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from streamlit.runtime.app_session import AppSession
from streamlit.runtime.runtime import Runtime
from streamlit.runtime.state.safe_session_state import SafeSessionState

_COPY = SafeSessionState.filtered_state.fget  # type: ignore[attr-defined]


class View(Mapping[str, Any]):
    """A session's state by its users' keys; made into a copy only where all of it is asked for."""

    def __init__(self, state: SafeSessionState) -> None:
        self._state = state

    # As for the copy, the state behind the guard is asked: the guard's own questions are places where a run may be stopped.

    def __contains__(self, key: object) -> bool:
        """Say whether the session holds a key."""
        with self._state._lock:
            return isinstance(key, str) and key in self._state._state

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - whatever a session holds
        """Return what a session holds by a key."""
        with self._state._lock:
            return self._state._state[key]

    def __iter__(self) -> Iterator[str]:
        """Go through the keys."""
        return iter(_COPY(self._state))

    def __len__(self) -> int:
        """Return how many keys there are."""
        return len(_COPY(self._state))


class Errands:
    """What threads want done on a session's loop, in their order: the loop is woken once for all that wait."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: deque[Callable[[], None]] = deque()
        self._woken = False

    def add(self, errand: Callable[[], None]) -> None:
        """Have one done; dropped where the loop is closed, as Streamlit does."""
        self._waiting.append(errand)
        if self._woken:
            return
        self._woken = True
        try:
            self._loop.call_soon_threadsafe(self._run)
        except RuntimeError:
            if not self._loop.is_closed():
                raise

    def _run(self) -> None:
        # First, so that whoever adds one from here on wakes the loop again: at worst for nothing.
        self._woken = False
        with suppress(IndexError):
            while True:
                errand = self._waiting.popleft()
                try:
                    errand()
                except Exception as problem:  # noqa: BLE001 - one that fails keeps none of the others from being done
                    self._loop.call_exception_handler({"message": "what a session wanted done has failed", "exception": problem})


def _add(session: AppSession, errand: Callable[[], None]) -> None:
    errands: Errands | None = session.__dict__.get(_ERRANDS)
    if errands is None:
        errands = session.__dict__.setdefault(_ERRANDS, Errands(session._event_loop))  # in one step, should two threads come at once
    errands.add(errand)


def _enqueued(runtime: Runtime) -> None:
    # Asked from the loop itself, which forgets that it was told before it looks at what there is to send.
    parts = runtime._get_async_objs()
    if not parts.need_send_data.is_set():
        parts.eventloop.call_soon_threadsafe(parts.need_send_data.set)


_ERRANDS = "lab_errands"


def _at_once(connection: socket.socket) -> None:
    if connection.family in (socket.AF_INET, socket.AF_INET6) and connection.type == socket.SOCK_STREAM:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def lighten() -> None:
    """Have boxes look at the view, the loop woken once for all that waits, and messages sent at once."""
    base_events._set_nodelay = _at_once  # type: ignore[attr-defined]
    Runtime._enqueued_some_message = _enqueued  # type: ignore[assignment, method-assign]
    SafeSessionState.filtered_state = property(View)  # type: ignore[assignment, method-assign]
    AppSession._call_soon_on_event_loop = _add  # type: ignore[assignment, method-assign]

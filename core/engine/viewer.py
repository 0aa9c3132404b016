"""One who watches a run: what is still to be sent, and what is wanted.

A viewer lives in two threads. The engine's loop computes; the server's loop asks for the `next` thing to send when the line is free for it, so a slow
line holds up nobody and nothing piles up: states and frames are replaced by newer ones, and the film is the run's own.
"""

from __future__ import annotations

import asyncio
import json
from bisect import bisect_left
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from core.engine import words
from core.engine.film import Film

if TYPE_CHECKING:
    from core.engine.run import Run

State = dict[str, Any]


class Viewer:
    """What `core.engine.runs.subscribe` returns. The film is sent as far as it is wanted, with the link that the wish ends in.

    Parameters
    ----------
    token:
        Who watches: the viewer of a `Ticket`.
    n:
        How many messages of the film the viewer has already.
    post:
        Runs a function in the engine's loop.
    """

    def __init__(self, token: str, n: int, post: Callable[..., object]) -> None:
        self.token = token
        self.wanted = 0
        self.at = -1
        self.run: Run | None = None
        self.on_want: Callable[[Viewer, int], None] | None = None
        self.on_exact: Callable[[Viewer, int], None] | None = None
        self.on_close: Callable[[Viewer], None] | None = None
        self._film = Film()
        self._sent = max(0, n)
        self._post = post
        self._state: State | None = None
        self._told: State | None = None
        self._frame: bytes | None = None
        self._over = False
        self._loop = asyncio.get_running_loop()
        self._awake = asyncio.Event()

    # -------------------------------------------------------------------------------------------- called by the server's loop

    def want(self, epoch: int) -> None:
        """Ask for the film up to an epoch at least."""
        self._post(lambda: self.on_want and self.on_want(self, epoch))

    def exact(self, epoch: int) -> None:
        """Ask for the frame of exactly this epoch, and for no other any longer."""
        self._post(lambda: self.on_exact and self.on_exact(self, epoch))

    def stand(self, epoch: int) -> None:
        """Say where the playhead stands: an edit goes on from there."""
        self.at = epoch

    def close(self) -> None:
        """Stop watching."""
        self._post(lambda: self.on_close and self.on_close(self))

    async def next(self, ahead: int = 0, words: bool = False) -> str | bytes | None:
        """Return the next thing to send, as soon as there is one: text for a state, bytes for a message; None when there will be no more.

        Parameters
        ----------
        ahead:
            Where more bytes than these wait (0: however many), messages before the last one come without their frames.
        words:
            Whether to return states alone, and wait with the rest.
        """
        while True:
            if self._state is not self._told:
                self._told = self._state
                return json.dumps(self._told, ensure_ascii=False)
            if not words:
                frame, self._frame = self._frame, None
                if frame is not None:
                    return frame
                if self._due() > self._sent:
                    return self._next_message(ahead)
                if self._over:
                    return None
            self._awake.clear()
            if not self._has_news(words):
                await self._awake.wait()

    def _due(self) -> int:
        """Return how many messages there are that show anything of what is wanted: the rest would fill the line before its time."""
        there, run = len(self._film.messages), self.run
        if run is None or there < 2:
            return there
        return min(there, 1 + bisect_left(run.chain, self.wanted, key=lambda link: link.first))

    def _next_message(self, ahead: int) -> bytes:
        waiting = self._film.messages[self._sent : self._due()]
        self._sent += 1
        behind = ahead and len(waiting) > 1 and sum(len(each.raw) for each in waiting) > ahead
        return waiting[0].lean if behind else waiting[0].raw

    def _has_news(self, words: bool) -> bool:
        film = self._frame is not None or self._sent < self._due() or self._over
        return self._state is not self._told or (film and not words)

    # --------------------------------------------------------------------------------------------- called by the engine's loop

    def watch(self, run: Run) -> None:
        """Begin with a run."""
        self.run = run
        self._film = run.film
        self.wake()

    def tell(self, state: State) -> None:
        """Say how the run is."""
        if state != self._state:
            self._state = state
            self.wake()

    def show(self, frame: bytes) -> None:
        """Send a frame that was asked for."""
        self._frame = frame
        self.wake()

    def dismiss(self, state: State) -> None:
        """Say how the run is, and that this was the last word."""
        self._state = state
        self._over = True
        self.wake()

    def wake(self) -> None:
        """Let the server's loop look again."""
        with suppress(RuntimeError):  # its loop has ended
            self._loop.call_soon_threadsafe(self._awake.set)


def gone() -> State:
    """Return the state of a run that is not held here."""
    return {"state": "gone", "place": 0, "computed": 0, "sentence": words.GONE}

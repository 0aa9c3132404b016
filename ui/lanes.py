"""Who runs when many want to: scripts one after the other instead of all at once, and what takes long beside them.

A session's script has a thread of its own. With sixty of them at once each gets a sixtieth of the interpreter, the loop that sends what they say
gets another, and every change of hands costs: half of a class then waited more than 13 s for an answer. So as many scripts run as there is work for,
in the order in which they came, and the others wait where waiting is free. A script that has to compute, or only waits, leaves its place to the next
meanwhile.

Nobody waits for ever: a script goes on without a place after a while, as it would without lanes, so no two of them can hold each other up.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Lane:
    """A number of places that are given in the order of asking.

    Parameters
    ----------
    places:
        How many may be taken at once.
    patience:
        Seconds after which one goes on without a place.
    """

    def __init__(self, places: int, patience: float) -> None:
        self._places, self._free, self._patience = places, places, patience
        self._queue: deque[threading.Lock] = deque()
        self._guard = threading.Lock()

    def enter(self, *, first: bool = False) -> bool:
        """Wait for a place, ``first``: before all others; return whether there is one, which then must be left."""
        with self._guard:
            if self._free > 0:
                self._free -= 1
                return True
            turn = threading.Lock()
            turn.acquire()
            (self._queue.appendleft if first else self._queue.append)(turn)
        if turn.acquire(timeout=self._patience):
            return True
        with self._guard:
            if turn in self._queue:
                self._queue.remove(turn)
                return False
        return True  # given in the last moment

    @property
    def free(self) -> bool:
        """Say whether nobody is in it."""
        return self._free == self._places

    def leave(self) -> None:
        """Give a place to the next."""
        with self._guard:
            if self._queue:
                self._queue.popleft().release()
            else:
                self._free += 1


# Two: while one script waits for a file or a lock, another runs; and a machine for a lab has two cores at least.
_DRAWING, _COMPUTING = Lane(2, 3.0), Lane(2, 10.0)


class _Mine(threading.local):
    """What the thread that asks has: whether it draws a page, with a place or without, and whether it computes."""

    draws = False
    place = False
    computes = False


_mine = _Mine()


def idle() -> bool:
    """Say whether no script is at work."""
    return _DRAWING.free and _COMPUTING.free


@contextmanager
def drawing() -> Iterator[None]:
    """Run a page's script in its turn."""
    _mine.place, _mine.draws = _DRAWING.enter(), True
    try:
        yield
    finally:
        _mine.draws = False
        if _mine.place:
            _mine.place = False
            _DRAWING.leave()


@contextmanager
def aside() -> Iterator[None]:
    """Leave the place of a script that waits, and take one again before all that begin later."""
    if not _mine.draws or _mine.computes:
        yield
        return
    if _mine.place:
        _DRAWING.leave()
    _mine.place = False
    try:
        yield
    finally:
        _mine.place = _DRAWING.enter(first=True)


@contextmanager
def computing() -> Iterator[None]:
    """Compute beside the scripts that only draw; a computation within another is part of it."""
    if not _mine.draws or _mine.computes:
        yield
        return
    with aside():
        place = _COMPUTING.enter()
        _mine.computes = True
        try:
            yield
        finally:
            _mine.computes = False
            if place:
                _COMPUTING.leave()

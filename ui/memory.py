"""Memory that is free goes back to the system.

Each session's script has a thread, glibc gives threads heaps of their own, and keeps in each what has been freed there: of 447 MB that a process held
after all that it had computed was dropped, 240 went back only when glibc was asked for them. Here all threads share two heaps, and what is free in
them is handed back now and then.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import threading
import time
from functools import cache
from typing import Any

from streamlit import runtime

EVERY = 10.0
"""Seconds between two looks; one takes some milliseconds, in which Python goes on."""
_ARENA_MAX, _HEAPS = -8, 2  # of malloc.h


@cache
def _libc() -> ctypes.CDLL | None:
    try:
        found = ctypes.CDLL("libc.so.6")
    except OSError:
        return None
    return found if hasattr(found, "malloc_trim") else None  # another C library: it has ways of its own


def frugal() -> None:
    """Have all threads share two heaps; before there are others."""
    if (libc := _libc()) is not None:
        libc.mallopt(_ARENA_MAX, _HEAPS)


def hand_back() -> None:
    """Give the system what is free."""
    if (libc := _libc()) is not None:
        libc.malloc_trim(0)


async def end_visits() -> None:
    """Let go of visits that nobody has come back to, in the server's loop: Streamlit looks at the clock only when another visitor comes or goes."""
    while True:
        await asyncio.sleep(EVERY)
        if ended():
            # A visit's state is a ring of references; nothing else may be left of somebody's own data.
            await asyncio.to_thread(gc.collect)


def ended() -> int:
    """Let go of visits whose time to come back is over; return how many there were."""
    if not runtime.exists():
        return 0
    # Private names of the pinned version; a test holds them.
    visits: Any = runtime.get_instance()._session_mgr
    with visits._storage_lock:
        gone = visits._session_storage._cache.expire()
    return len(gone)


def begin() -> None:
    """Hand back what is free from now on."""

    def work() -> None:
        while True:
            time.sleep(EVERY)
            hand_back()

    if _libc() is not None:
        threading.Thread(target=work, name="memory", daemon=True).start()

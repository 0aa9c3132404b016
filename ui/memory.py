"""Memory that is free goes back to the system.

Each session's script has a thread, glibc gives threads heaps of their own, and keeps in each what has been freed there: of 447 MB that a process held
after all that it had computed was dropped, 240 went back only when glibc was asked for them. Here all threads share two heaps, and what is free in
them is handed back now and then.
"""

from __future__ import annotations

import ctypes
import threading
import time
from functools import cache

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


def begin() -> None:
    """Hand back what is free from now on."""

    def work() -> None:
        while True:
            time.sleep(EVERY)
            hand_back()

    if _libc() is not None:
        threading.Thread(target=work, name="memory", daemon=True).start()

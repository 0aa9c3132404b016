"""How much of something there may be in a time."""

from __future__ import annotations

import time
from collections.abc import Callable


class Bucket:
    """So much a second, and up to ``burst`` at once; what is larger than that goes into debt.

    Parameters
    ----------
    rate:
        What flows in, a second.
    burst:
        What it holds, and holds at first.
    clock:
        Seconds, from anywhere.
    """

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._level = burst
        self._clock = clock
        self._at = clock()

    def take(self, amount: float) -> float:
        """Take an amount; return the seconds until the debt that there is now is paid, 0 where there is none."""
        self._flow()
        self._level -= amount
        return max(0.0, -self._level / self._rate)

    def allows(self, amount: float = 1.0) -> bool:
        """Take an amount if it is there; return whether it was."""
        self._flow()
        if self._level < amount:
            return False
        self._level -= amount
        return True

    @property
    def full(self) -> bool:
        """Whether nothing has been taken that has not flowed in again."""
        self._flow()
        return self._level >= self._burst

    def _flow(self) -> None:
        now = self._clock()
        self._level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now

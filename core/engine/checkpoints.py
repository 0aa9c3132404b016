"""States of a run, from which any epoch of it can be reached again."""

from __future__ import annotations

CHECKPOINT_BYTES = 8 << 20
"""What the checkpoints of one run may take besides the newest one."""


class Checkpoints:
    """The state after some of the links: after all of them while they are small, thinned evenly when they are not, after the newest one always.

    Attributes
    ----------
    size:
        Bytes that they take.
    """

    def __init__(self, states: dict[int, bytes] | None = None, budget: int | None = None) -> None:
        self._states: dict[int, bytes] = dict(states or {})
        self._budget = CHECKPOINT_BYTES if budget is None else budget
        self._step = 1
        self.size = sum(map(len, self._states.values()))
        self._thin()

    def __getitem__(self, link: int) -> bytes | None:
        """Return the state after a link, None where it is not held; -1 is before the first link."""
        return self._states.get(link)

    def keep(self, link: int, state: bytes) -> None:
        """Keep the state after a link."""
        self.size += len(state) - len(self._states.get(link, b""))
        self._states[link] = state
        self._thin()

    def nearest(self, link: int) -> int:
        """Return the last link up to ``link`` whose state is held, -1 where there is none."""
        return max((each for each in self._states if each <= link), default=-1)

    def upto(self, link: int) -> dict[int, bytes]:
        """Return those up to a link."""
        return {each: state for each, state in self._states.items() if each <= link}

    def _thin(self) -> None:
        newest = max(self._states, default=-1)
        self._drop(newest)
        while len(self._states) > 1 and self.size - len(self._states[newest]) > self._budget:
            self._step *= 2
            self._drop(newest)

    def _drop(self, newest: int) -> None:
        for link in [each for each in self._states if each != newest and (each + 1) % self._step]:
            self.size -= len(self._states.pop(link))

"""A scrub that is let go moves its own place and the address, and on most pages nothing else: then that is all that runs.

A page of a hundred elements costs the server 60 to 150 ms each time its script runs, and most of what a class does is to drag. So a scrub is a
fragment of its own, with the boxes that keep its settings in the address, wherever the rest of the page is the same before and after. Where it is
not, the whole page runs: a scrub says so where its page depends on it (``whole``), and what is on the screen only now and then says so for the run
(`hold`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import streamlit as st

_KEY = "lab-quick"


class Follower(Protocol):
    """The controls of a page, as a scrub needs them."""

    def keeps(self, names: Sequence[str]) -> bool:
        """Return whether only the address shows these knobs, and a change of them changes no other control."""

    def boxes(self, names: Sequence[str], *, again: bool) -> None:
        """Render the boxes that keep these knobs in the address; ``again``: after they have been set, and nothing else runs."""


@dataclass
class _Run:
    """What a run of a page has said so far."""

    follower: Follower | None = None
    held: bool = False


def begin() -> None:
    """Forget what the run before has said."""
    st.session_state[_KEY] = _Run()


def follow(follower: Follower) -> None:
    """Name the controls of the page that runs."""
    if (run := _run()) is not None:
        run.follower = follower


def hold() -> None:
    """Have the whole page run whatever is let go of: something is on the screen that depends on all of it."""
    if (run := _run()) is not None:
        run.held = True


def follower(names: Sequence[str]) -> Follower | None:
    """Return the controls that go with a scrub where it is all that has to run; None where the whole page does."""
    run = _run()
    if run is None or run.held or run.follower is None or not run.follower.keeps(names):
        return None
    return run.follower


def _run() -> _Run | None:
    run = st.session_state.get(_KEY)
    return run if isinstance(run, _Run) else None

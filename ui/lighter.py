"""What Streamlit's own text and number boxes cost, made less.

Each of them asks for a copy of everything that the session holds, to see whether its own value is None. With 75 keys, and components that
present their values, eight boxes took 12 % of the script of a small page and 31 % of that of a large one. Here they get a view that looks up what
they ask for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

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


def lighten() -> None:
    """Have boxes look at the view."""
    SafeSessionState.filtered_state = property(View)  # type: ignore[assignment, method-assign]

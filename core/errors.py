"""The one exception that the core raises for input it cannot accept."""

from __future__ import annotations


class InvalidInput(ValueError):
    """Input that the core refuses; a page shows the message as it stands.

    The message has three parts, always in this order: what was given, what is allowed, and what to do about it.

    Parameters
    ----------
    what:
        The offending value and where it came from, e.g. ``"budget = -1"``.
    allowed:
        The allowed range or shape, e.g. ``"any number >= 0"``.
    remedy:
        What to do, as an imperative sentence, e.g. ``"Pass a budget of 0 or more."``.
    place:
        Of a text, the characters that are meant: the first, counted from 0, and how many. None for anything else.
    """

    def __init__(self, what: str, allowed: str, remedy: str, place: tuple[int, int] | None = None) -> None:
        super().__init__(f"{what}: allowed is {allowed}. {remedy}")
        self.what = what
        self.allowed = allowed
        self.remedy = remedy
        self.place = place

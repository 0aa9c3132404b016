"""Axis titles and short names that several figures share."""

from __future__ import annotations

from core.path_events import ZeroEvent
from core.wording import SUBSCRIPTS

__all__ = ["SUBSCRIPTS", "axis_symbol", "event_label", "weight_titles"]

# What happens at an event along growing lambda, and along a growing budget, which runs the other way.
_WORDS = {
    "lam": {"vanishes": "becomes 0", "returns": "leaves 0", "crosses": "crosses 0"},
    "budget": {"vanishes": "leaves 0", "returns": "becomes 0", "crosses": "crosses 0"},
}


def weight_titles(names: tuple[str, str]) -> tuple[str, str]:
    """Return the titles of the two weights' axes, with the features they belong to where there are any."""
    first, second = names
    return (f"w₁ ({first})" if first else "w₁", f"w₂ ({second})" if second else "w₂")


def axis_symbol(axis: str) -> str:
    """Return the symbol of a scrub axis."""
    return {"lam": "λ", "budget": "budget"}[axis]


def event_label(event: ZeroEvent, axis: str) -> str:
    """Return what an event is called along a scrub axis, e.g. ``w₁ becomes 0``."""
    return f"w{SUBSCRIPTS[event.index]} {_WORDS[axis][event.kind]}"

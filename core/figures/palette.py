"""The colour law: each idea keeps its colour in charts, prose and legends, in light and dark.

The hues are Okabe and Ito's, safe for colour-blind eyes, darkened or lightened until text in them has a contrast of at least
4.5 to 1 on both backgrounds. Every colour comes with a second cue, the dash, so that nothing hangs on hue alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Ink:
    """A colour of the law: its hex value on light and on dark, and its dash (a Plotly dash name)."""

    light: str
    dark: str
    dash: str = "solid"


PALETTE: Mapping[str, Ink] = MappingProxyType(
    {
        "loss": Ink("#1B2733", "#E8EDF2"),
        "l1": Ink("#B84A00", "#FF8F4A"),
        "l2": Ink("#0067A3", "#5AB4E5", "dash"),
        "elastic_net": Ink("#9C3F7C", "#E09AC4", "dashdot"),
        "dropout": Ink("#007A59", "#2BC79A", "dot"),
        "muted": Ink("#5B6875", "#9AA8B5"),
        "grid": Ink("#DDE3E8", "#2A3643"),
        "axis": Ink("#9AA5B0", "#5B6875"),
        "paper": Ink("#FFFFFF", "#11171E"),
        "w1": Ink("#6A4C00", "#E5C252"),
        "w2": Ink("#00707A", "#4FD0DC", "dash"),
    }
)

BACKGROUNDS: Mapping[str, tuple[str, str]] = MappingProxyType({"light": ("#FFFFFF", "#F3F5F7"), "dark": ("#11171E", "#1B242E")})


def colour(name: str) -> str:
    """Return the light value of a colour; the chart component swaps in the dark one where the theme is dark."""
    return PALETTE[name].light


def dark_values() -> dict[str, str]:
    """Light value -> dark value, for the chart component."""
    return {ink.light: ink.dark for ink in PALETTE.values()}


def stylesheet() -> str:
    """Return CSS that gives prose and legends the colours of the charts, as ``--law-<name>`` and ``.law-<name>``.

    ``light-dark`` follows the colour scheme that the app's theme sets on the page.
    """
    properties = "".join(f"--law-{name}:light-dark({ink.light},{ink.dark});" for name, ink in PALETTE.items())
    classes = "".join(f".law-{name}{{color:var(--law-{name});font-weight:600}}" for name in PALETTE)
    return f":root{{{properties}}}{classes}"

"""The colour law: each idea keeps its colour in charts, prose and legends, in light and dark.

The hues are Okabe and Ito's, safe for colour-blind eyes, darkened or lightened until text in them has a contrast of at least
4.5 to 1 on both backgrounds. Every colour comes with a second cue, the dash, so that nothing hangs on hue alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
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
        # The rules of the race. Eight hues are more than eyes without full colour vision tell apart: dash, head and a name at the head go with each.
        "sgd": Ink("#3D4B5A", "#C3CDD6"),
        "momentum": Ink("#8A6100", "#E8B93C", "dash"),
        "nesterov": Ink("#4F6F00", "#A9CE3F", "dashdot"),
        "rmsprop": Ink("#006B8F", "#45C4E8", "dot"),
        "adagrad": Ink("#A3257E", "#F08AC8", "dash"),
        "adam": Ink("#C21F3A", "#FF7A86"),
        "adamw": Ink("#4B46C6", "#A6A2FF", "dashdot"),
        "fista": Ink("#00703C", "#46CF86", "dot"),
        # Networks with batch normalisation; those without have the colour of the loss.
        "batch_norm": Ink("#86269B", "#DFA0F0"),
        # Networks that differ in the size of their batches.
        "batch": Ink("#7D4A22", "#DDAA80", "dashdot"),
        # Ways to search for settings.
        "grid_search": Ink("#53606B", "#B7C4CF", "dot"),
        "one_at_a_time": Ink("#8A5A00", "#F0B84D", "dashdot"),
        "random_search": Ink("#0B6B57", "#58CFB4", "dash"),
        "bayesian": Ink("#7A3B8F", "#D7A3EA"),
        # The two parts of the data.
        "train": Ink("#00666F", "#46D3E0"),
        "validation": Ink("#A8003F", "#FF85A8", "dash"),
        # What a fit's error is made of.
        "bias": Ink("#965A05", "#F0B65C"),
        "variance": Ink("#2C56B4", "#95B5FF", "dash"),
        # Classes of points and the fields between them: for at most ten, after Tol's muted scheme, each with a symbol of its own.
        "class0": Ink("#8A5A00", "#F0B84D"),
        "class1": Ink("#2F3FA6", "#9FB0FF"),
        "class2": Ink("#0B6B57", "#58CFB4"),
        "class3": Ink("#9C2F5B", "#F59BBE"),
        "class4": Ink("#4A6B00", "#B4D95A"),
        "class5": Ink("#7A3B8F", "#D7A3EA"),
        "class6": Ink("#006C9E", "#5FC3F2"),
        "class7": Ink("#A03A1E", "#FFA081"),
        "class8": Ink("#5C5F00", "#D6DA4F"),
        "class9": Ink("#53606B", "#B7C4CF"),
        # A quantity from low to high, in nine parts: what two of them differ in is lightness as well.
        "value0": Ink("#2A2F7F", "#C9D0FF"),
        "value1": Ink("#2E4A93", "#AFC0FA"),
        "value2": Ink("#2D66A0", "#93B0EE"),
        "value3": Ink("#2F80A3", "#7E9FD9"),
        "value4": Ink("#6A8A83", "#8F9AA8"),
        "value5": Ink("#9A8A4F", "#C0A06A"),
        "value6": Ink("#BB8A2B", "#DDAE55"),
        "value7": Ink("#D08A1A", "#F0BF55"),
        "value8": Ink("#E39A0C", "#FFD77A"),
        # What a prior and the data make of each other; the prior has its penalty's colour, the likelihood that of the loss.
        "posterior": Ink("#2F6B00", "#9BD65A"),
        # Three ways of L1 at zero: the proximal one is what L1 means, so it has L1's own colour.
        "subgradient": Ink("#6A3FB5", "#BFA3FF", "dot"),
        "proximal": Ink("#B84A00", "#FF8F4A"),
        "clamped": Ink("#5B6875", "#9AA8B5", "dash"),
    }
)

BACKGROUNDS: Mapping[str, tuple[str, str]] = MappingProxyType({"light": ("#FFFFFF", "#F3F5F7"), "dark": ("#11171E", "#1B242E")})


def colour(name: str) -> str:
    """Return the light value of a colour; the chart component swaps in the dark one where the theme is dark."""
    return PALETTE[name].light


def dark_values() -> dict[str, str]:
    """Light value -> dark value, for the chart component."""
    return {ink.light: ink.dark for ink in PALETTE.values()}


STRONG = 7.0
"""The least contrast of text in front of a class: WCAG's level AAA."""


@cache
def strong() -> tuple[dict[str, str], dict[str, str]]:
    """Return the colours for the back of a room: light value -> the ink on pure white, and on pure black, of a contrast of 7 to 1.

    Grids and axes, which are no text, keep theirs.
    """
    light: dict[str, str] = {}
    dark: dict[str, str] = {}
    for name, ink in PALETTE.items():
        if name == "paper":
            light[ink.light], dark[ink.light] = "#FFFFFF", "#000000"
        elif name in ("grid", "axis"):
            light[ink.light], dark[ink.light] = ink.light, ink.dark
        else:
            light[ink.light], dark[ink.light] = _away_from(1.0, ink.light), _away_from(0.0, ink.dark)
    return light, dark


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21, as WCAG 2 defines it."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _away_from(paper: float, colour: str) -> str:
    """Return a colour, mixed with black on white paper and with white on black, as little as a contrast of `STRONG` needs."""
    ground, ink = ("#FFFFFF", 0) if paper else ("#000000", 255)
    for part in range(101):
        mixed = "#" + "".join(f"{round(channel + (ink - channel) * part / 100):02X}" for channel in _channels(colour))
        if contrast(mixed, ground) >= STRONG:
            return mixed
    return f"#{ink:02X}{ink:02X}{ink:02X}"


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (channel / 255 for channel in _channels(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def stylesheet(*, present: bool = False) -> str:
    """Return CSS that gives prose and legends the colours of the charts, as ``--law-<name>`` and ``.law-<name>``.

    ``light-dark`` follows the colour scheme that the app's theme sets on the page. With ``present`` they are those of `strong`.
    """
    if present:
        light, dark = strong()
        properties = "".join(f"--law-{name}:light-dark({light[ink.light]},{dark[ink.light]});" for name, ink in PALETTE.items())
    else:
        properties = "".join(f"--law-{name}:light-dark({ink.light},{ink.dark});" for name, ink in PALETTE.items())
    classes = "".join(f".law-{name}{{color:var(--law-{name});font-weight:600}}" for name in PALETTE)
    return f":root{{{properties}}}{classes}"

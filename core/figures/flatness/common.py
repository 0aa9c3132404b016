"""What the lab's figures share: the colour and the symbol of each kind of setting, places for what is not there, axes that hold all there is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core._validate import Floats
from core.figures.palette import colour
from core.flatness.families import AXES, Families, settings

INKS: Mapping[str, str] = MappingProxyType({"lam": "l2", "dropout": "dropout", "batch": "batch", "norm": "batch_norm", "none": "loss"})
"""Kind of setting -> palette name; "none" is the network that all others differ from."""
SYMBOLS: Mapping[str, Any] = MappingProxyType({"lam": "circle", "dropout": "diamond", "batch": "square", "norm": "triangle", "none": "star"})
LABELS: Mapping[str, str] = MappingProxyType({**AXES, "lam": "λ of L2", "dropout": "p of dropout", "batch": "batch size", "none": "nothing added"})
_PLOTLY = {"circle": "circle", "diamond": "diamond", "square": "square", "triangle": "triangle-up", "star": "star"}
NOWHERE = (1e-30, -1e9)
"""Where a point stands that there is nothing to say of: outside of every window, on a logarithmic axis as well."""


def kind_of(families: Families) -> tuple[str, ...]:
    """Return (n,) the kind of each member."""
    plain = settings().index(next(each for each in settings() if each.axis == "lam" and each.value == 0.0))
    return tuple("none" if own == plain else axis for own, axis in zip(families.of.tolist(), families.axis, strict=True))


def classes(kinds: tuple[str, ...]) -> NDArray[np.uint8]:
    """Return (n,) the number of each member's kind."""
    order = list(INKS)
    return np.array([order.index(kind) for kind in kinds], dtype=np.uint8)


def legend() -> list[dict[str, Any]]:
    """Return invisible traces that make Plotly list the kinds."""
    return [
        {
            "type": "scatter",
            "x": [None],
            "y": [None],
            "mode": "markers",
            "name": LABELS[kind],
            "marker": {"symbol": _PLOTLY[SYMBOLS[kind]], "color": colour(ink), "size": 9},
            "hoverinfo": "skip",
        }
        for kind, ink in INKS.items()
    ]


LEGEND: dict[str, Any] = {"showlegend": True, "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}}}


def placed(x: Floats, y: Floats) -> Floats:
    """Return points (..., 2); what is no number stands `NOWHERE`."""
    there = np.isfinite(x) & np.isfinite(y)
    found: Floats = np.stack([np.where(there, x, NOWHERE[0]), np.where(there, y, NOWHERE[1])], axis=-1)
    return found


def decades(values: Floats, room: float = 0.12) -> list[float]:
    """Return the ends of a logarithmic axis, in powers of ten, that hold all positive values."""
    kept = values[np.isfinite(values) & (values > 0.0)]
    if kept.size == 0:
        return [-1.0, 1.0]
    low, high = float(np.log10(kept.min())), float(np.log10(kept.max()))
    pad = room * max(high - low, 0.3)
    return [low - pad, high + pad]


def span(values: Floats, room: float = 0.08) -> list[float]:
    """Return the ends of a linear axis that hold all values."""
    kept = values[np.isfinite(values)]
    if kept.size == 0:
        return [0.0, 1.0]
    low, high = float(kept.min()), float(kept.max())
    pad = room * max(high - low, 1e-3)
    return [low - pad, high + pad]

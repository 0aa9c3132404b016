"""Parts of figures: what a family of runs leaves on a plane and beside it. In: iterates (k, T + 1, 2) or heights (k, T + 1), by rule. Out: marks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.figures.palette import PALETTE, colour
from core.figures.scene import Mark
from core.figures.template import plane
from core.optimizers import RULES
from core.surfaces import Surface

Floats = NDArray[np.float64]
HEADS: Mapping[str, Any] = {
    "sgd": "circle",
    "momentum": "diamond",
    "nesterov": "diamond",
    "rmsprop": "cross",
    "adagrad": "cross",
    "adam": "circle",
    "adamw": "star",
    "fista": "ring",
}
"""Rule -> the symbol at its head, the cue beside colour and dash."""


def surface_plane(surface: Surface, *traces: Any) -> dict[str, Any]:  # noqa: ANN401 - plotly's own
    """Return an empty plane over a surface's window."""
    (x, y) = ((float(low), float(high)) for low, high in surface.bounds)
    return plane("w₁", "w₂", (x, y), *traces)


def path_mark(key: str, x: Floats, axes: tuple[str, ...] = ("lam",), name: str = "") -> Mark:
    """Return a rule's path on the plane, growing with the axis "step": x (k, T + 1, 2)."""
    return Mark(
        "path",
        x,
        key,
        name or RULES[key].label,
        axes=axes,
        until="step",
        ghost=0.22,
        head=HEADS[key],
        width=2.4,
        dash=PALETTE[key].dash,
        size=6.0,
        text=name or RULES[key].label,
    )


def curve_mark(key: str, heights: Floats, axes: tuple[str, ...] = ("lam",), name: str = "") -> Mark:
    """Return a rule's curve over steps, growing with the axis "step": heights (k, T + 1)."""
    steps = np.arange(heights.shape[-1], dtype=np.float64)
    return Mark(
        "path",
        heights,
        key,
        name or RULES[key].label,
        axes=axes,
        until="step",
        ghost=0.3,
        head=HEADS[key],
        width=2.2,
        dash=PALETTE[key].dash,
        size=5.0,
        text=name or RULES[key].label,
        abscissa=steps,
    )


def legend(keys: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return invisible traces that make Plotly list the rules, for pictures where heads crowd."""
    return [
        {
            "type": "scatter",
            "x": [None],
            "y": [None],
            "mode": "lines",
            "name": RULES[key].label,
            "line": {"color": colour(key), "dash": PALETTE[key].dash, "width": 2.4},
            "hoverinfo": "skip",
        }
        for key in keys
    ]

"""What the lab's charts against p share: the axis of its scrub, an empty chart over p, lines and bands in it."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.figures.palette import PALETTE, colour
from core.figures.scene import FamilyAxis, Mark
from core.figures.template import axis, canvas
from core.specs.dropout import STAGES, USUAL, rates

Floats = NDArray[np.float64]
Symbol = Literal["circle", "cross", "diamond", "ring", "star"]


def rate_axis() -> FamilyAxis:
    """Return the axis of p, with the rates that courses recommend, one click away."""
    p = rates()
    marks = tuple((int(np.abs(p - usual).argmin()), label) for usual, label in USUAL)
    return FamilyAxis("p", p, "Drag p, the probability of dropping", "p =", marks=marks)


def batch_axis(batches: int) -> FamilyAxis:
    """Return the axis of the batches, which is played."""
    return FamilyAxis("batch", np.arange(1.0, batches + 1.0), "A new mask each batch", "batch", pace=3.0)


def stage_axis() -> FamilyAxis:
    """Return the axis of one batch's way forward and back."""
    return FamilyAxis("stage", np.arange(len(STAGES), dtype=np.float64), "One batch, forward and back", names=STAGES, pace=1.3)


def over_p(title: str, window: tuple[float, float], *traces: dict[str, Any], wide: float = 1.0, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - plotly's own
    """Return an empty chart over p. ``options`` are plotly's, of the upright axis; ``wide`` is where the axis of p ends, room for labels included."""
    x = axis("p, probability of dropping", range=[-0.02, wide], zeroline=False, tickvals=[0, 0.2, 0.4, 0.6, 0.8, 1])
    return canvas(*traces, xaxis=x, yaxis=axis(title, range=list(window), **options))


def cursor() -> Mark:
    """Return the upright line at p."""
    return Mark("cursor", rates(), "muted", "p", axes=("p",), width=1.4)


def line(heights: Floats, ink: str, name: str, p: Floats | None = None, axes: tuple[str, ...] = (), **options: Any) -> Mark:  # noqa: ANN401 - a mark's own
    """Return a line over p: heights (..., k) at ``p`` (k,), or at all of the lab's; further family axes are named by ``axes``."""
    settings: dict[str, Any] = {"width": 2.3, "dash": PALETTE[ink].dash, "text": name, "side": "free"} | options
    return Mark("path", heights, ink, name, axes=axes, abscissa=rates() if p is None else p, **settings)


def bars(x: Floats, middle: Floats, half: Floats | tuple[Floats, Floats], ink: str, name: str, symbol: str = "circle") -> dict[str, Any]:
    """Return points with error bars, as a trace: half the length of each bar, or how far it goes up and down."""
    up, down = half if isinstance(half, tuple) else (half, half)
    error = {"type": "data", "symmetric": False, "array": up, "arrayminus": down, "color": colour(ink), "thickness": 1.4, "width": 3}
    return {
        "type": "scatter",
        "x": x,
        "y": middle,
        "mode": "markers",
        "name": name,
        "marker": {"color": colour(ink), "size": 7, "symbol": symbol},
        "error_y": error,
        "hovertemplate": "p = %{x:.3g}: %{y:.4g}<extra>" + name + "</extra>",
    }


def direct(*named: tuple[float, float, str, str]) -> list[dict[str, Any]]:
    """Return direct labels as a figure's annotations: (x, y, text, ink), in the axes' own units."""
    return [
        {"x": x, "y": y, "text": text, "showarrow": False, "xanchor": "left", "font": {"color": colour(ink), "size": 12.5}}
        for x, y, text, ink in named
    ]

"""Figure: weights against the step. In: lines over a shared axis of steps. Out: lines that are drawn up to the step in focus, named at their ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.figures.number_line import Symbol, room
from core.figures.palette import PALETTE, colour
from core.figures.scene import Mark
from core.figures.template import axis, canvas

Floats = NDArray[np.float64]
_GAP = 0.062  # of the chart's height: names at the ends stay this far apart
_NAMES = 74  # px for them


@dataclass(frozen=True)
class Line:
    """One line: its palette name, its heights (k,), the name at its end, and whether it stands still.

    ``rings`` are members at which something happens, with its words.
    """

    colour: str
    heights: Floats
    name: str
    symbol: Symbol = "circle"
    still: bool = False
    rings: tuple[tuple[int, str], ...] = ()


def against_step(
    steps: Floats, lines: Sequence[Line], title: str, revision: str, floor: float | None = None
) -> tuple[dict[str, Any], tuple[Mark, ...]]:
    """Return the figure and its moving marks, which follow the axis "step".

    Parameters
    ----------
    steps:
        (k,) numbers of steps, ascending.
    lines:
        What is drawn over them.
    title:
        Of the vertical axis.
    revision:
        While it stays the same, a reader's zoom survives.
    floor:
        Where given, the vertical axis is logarithmic and begins here; what is smaller leaves the chart at its lower edge.
    """
    shown = [line.heights if floor is None else np.maximum(line.heights, floor / 10) for line in lines]
    limits = room(shown) if floor is None else [float(np.log10(floor)), float(np.log10(max(height.max() for height in shown)) + 0.2)]
    traces: list[dict[str, Any]] = []
    marks = [Mark("cursor", steps, "muted", "cursor", axes=("step",), width=1.4)]
    for line, heights in zip(lines, shown, strict=True):
        ink = PALETTE[line.colour]
        # Drawn twice, very faintly here: this trace answers the pointer, the moving layer draws what has happened so far.
        style = {"color": ink.light, "width": 1.6 if line.still else 1, "dash": "dot" if line.still else ink.dash}
        traces.append(
            {
                "type": "scatter",
                "x": steps,
                "y": heights,
                "mode": "lines",
                "name": line.name,
                "line": style,
                "opacity": 0.9 if line.still else 0.35,
                "hovertemplate": "step %{x}: %{y:.5g}<extra>" + line.name + "</extra>",
            }
        )
        if not line.still:
            column = np.column_stack([steps, heights])
            marks.append(Mark("path", column, line.colour, line.name, axes=(), width=2.4, dash=ink.dash, until="step", head=line.symbol, size=5.5))
        if line.rings:
            traces.append(_rings(steps, heights, line))
    ends = [float(heights[-1]) if floor is None else float(np.log10(heights[-1])) for heights in shown]
    figure = canvas(
        *traces,
        uirevision=revision,
        margin={"l": 52, "r": _NAMES, "t": 12, "b": 46},
        annotations=_names(lines, ends, limits),
        xaxis=axis("step", range=[float(steps[0]), float(steps[-1])], zeroline=False, **({"dtick": 1} if len(steps) <= 13 else {})),
        yaxis=axis(title, range=limits, **({} if floor is None else {"type": "log", "exponentformat": "power", "dtick": 1})),
    )
    return figure, tuple(marks)


def _rings(steps: Floats, heights: Floats, line: Line) -> dict[str, Any]:
    ink = PALETTE[line.colour].light
    members = [member for member, _ in line.rings]
    return {
        "type": "scatter",
        "x": steps[members],
        "y": heights[members],
        "mode": "markers",
        "marker": {"symbol": "circle-open", "size": 13, "color": ink, "line": {"width": 2, "color": ink}},
        "customdata": [words for _, words in line.rings],
        "hovertemplate": "step %{x}: %{customdata}<extra></extra>",
        "cliponaxis": False,
    }


def _names(lines: Sequence[Line], ends: Sequence[float], limits: Sequence[float]) -> list[dict[str, Any]]:
    """Return the lines' names beside their last points, moved apart where those lie close."""
    low, high = limits
    places = spread([(end - low) / (high - low) for end in ends], _GAP)
    return [
        {
            "xref": "paper",
            "x": 1.0,
            "xanchor": "left",
            "xshift": 8,
            "yref": "paper",
            "y": place,
            "yanchor": "middle",
            "text": line.name,
            "showarrow": False,
            "font": {"color": PALETTE[line.colour].light, "size": 12},
        }
        for line, place in zip(lines, places, strict=True)
    ]


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Return places on [0, 1], in the given order, moved as little as needed to lie ``gap`` apart and inside."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    gap = min(gap, 1.0 / max(len(places) - 1, 1))
    moved = list(places)
    floor = 0.0
    for i in order:
        moved[i] = max(min(moved[i], 1.0), floor)
        floor = moved[i] + gap
    ceiling = 1.0
    for i in reversed(order):
        moved[i] = min(moved[i], ceiling)
        ceiling = moved[i] - gap
    return moved


def level(title: str, height: float) -> dict[str, Any]:
    """Return a horizontal line with a name, as a shape of a figure's layout."""
    ink = colour("muted")
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": height,
        "y1": height,
        "line": {"color": ink, "width": 1.2, "dash": "dash"},
        "label": {"text": title, "textposition": "end", "font": {"color": ink, "size": 12}, "yanchor": "bottom"},
    }

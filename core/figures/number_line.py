"""Figure: a number line. In: rows of weights, step by step. Out: a row a rule, each weight a point that draws its trail behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.figures.palette import PALETTE, colour
from core.figures.scene import Mark
from core.figures.template import axis, canvas

Floats = NDArray[np.float64]
Symbol = Literal["circle", "cross", "diamond", "ring", "star"]
_APART = 0.13  # of a row: two weights of one rule pass each other without hiding their trails


@dataclass(frozen=True)
class Track:
    """One weight's way.

    Attributes
    ----------
    row: which row of the line it runs on.
    colour: a name of the palette.
    w: (k,) where it is.
    name: of the mark.
    label: at its head.
    symbol: of its head.
    lift: -1, 0 or 1: below, on or above the middle of its row.
    missed: (step, w) where a step would have led that was cut short.
    """

    row: int
    colour: str
    w: Floats
    name: str
    label: str = ""
    symbol: Symbol = "circle"
    lift: int = 0
    missed: tuple[tuple[int, float], ...] = ()


def room(values: Sequence[Floats], share: float = 0.08) -> list[float]:
    """Return a range that holds zero and all values with room to spare, of a width that is never zero."""
    every = np.concatenate([np.zeros(1), *(np.ravel(value) for value in values)])
    low, high = float(every.min()), float(every.max())
    width = high - low
    return [low - share * width, high + share * width] if width > 1e-9 else [low - 1.0, high + 1.0]


def number_line(rows: Sequence[str], tracks: Sequence[Track], title: str, revision: str) -> tuple[dict[str, Any], tuple[Mark, ...]]:
    """Return the figure and its moving marks; the first row is on top, and marks follow the axis "step".

    Parameters
    ----------
    rows:
        Names of the rows.
    tracks:
        The weights.
    title:
        Of the horizontal axis.
    revision:
        While it stays the same, a reader's zoom survives.
    """
    traces: list[dict[str, Any]] = []
    marks = []
    for track in tracks:
        y = len(rows) - 1 - track.row + _APART * track.lift
        ink = PALETTE[track.colour]
        height = np.full(len(track.w), y)
        traces.append(_stops(track.w, height, ink.light))
        if track.missed:
            traces.append(_missed(track, y))
        marks.append(
            Mark(
                "path",
                np.column_stack([track.w, height]),
                track.colour,
                track.name,
                axes=(),
                width=2.6,
                until="step",
                ghost=0.14,
                head=track.symbol,
                size=7.0,
                text=track.label,
                side="below" if track.lift < 0 else "above",
            )
        )
    low, high = room([track.w for track in tracks] + [np.array([at for _, at in track.missed]) for track in tracks])
    figure = canvas(
        *traces,
        uirevision=revision,
        xaxis=axis(title, range=[low, high], zerolinewidth=2.5, zerolinecolor=colour("muted")),
        yaxis=axis(
            "",
            range=[-0.62, len(rows) - 0.38],
            tickvals=list(range(len(rows))),
            ticktext=list(reversed(rows)),
            zeroline=False,
            ticks="",
            fixedrange=True,
        ),
    )
    return figure, tuple(marks)


def _stops(w: Floats, height: Floats, ink: str) -> dict[str, Any]:
    """Return small strokes where a weight stops: their spacing is the length of its steps."""
    return {
        "type": "scatter",
        "x": w,
        "y": height,
        "mode": "markers",
        "marker": {"symbol": "line-ns-open", "size": 7, "color": ink, "line": {"width": 1.2, "color": ink}},
        "opacity": 0.55,
        "customdata": np.arange(len(w)),
        "hovertemplate": "step %{customdata}: %{x:.6g}<extra></extra>",
    }


def _missed(track: Track, y: float) -> dict[str, Any]:
    ink = PALETTE[track.colour].light
    return {
        "type": "scatter",
        "x": [at for _, at in track.missed],
        "y": [y] * len(track.missed),
        "mode": "markers",
        "marker": {"symbol": "x-thin-open", "size": 9, "color": ink, "line": {"width": 2, "color": ink}},
        "customdata": [step for step, _ in track.missed],
        "hovertemplate": "step %{customdata} led to %{x:.6g} and was cut at 0<extra></extra>",
    }

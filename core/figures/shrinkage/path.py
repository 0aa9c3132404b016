"""Figure: the weights over lambda. In: a Shrinkage. Out: a line a column with every entry and exit ringed, named at its low end; points at lambda."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.figures.palette import colour
from core.figures.scene import Mark, Scene
from core.figures.shrinkage.common import beside, choices, cursor, inks, line, named, over_lam
from core.statistics.shrinkage import Shrinkage
from core.statistics.shrinkage.words import path_sentences

_ROOM = 0.27  # of the axis, for names
_GAP = 0.058
_SHORT = 9  # letters of a name that has room beside the numbers of the axis
_DOES = {"enters": "leaves 0 as λ falls", "leaves": "is back at 0 as λ falls"}


def coefficient_path(result: Shrinkage) -> Scene:
    """Return the weights over lambda as a scene."""
    w, names = result.path.w, result.design.names
    chosen, dashes, front = inks(result)
    low, high = float(min(w.min(), 0.0)), float(max(w.max(), 0.0))
    room = 0.07 * (high - low or 1.0)
    low, high = low - room, high + room
    order = [j for j in range(len(names)) if j not in front] + front  # those with a name of their own lie on top
    traces = [line(result.lam, w[:, j], names[j], chosen[j], dashes[j], 2.2 if j in front else 1.0) for j in order]
    traces += [_rings(result, kind, chosen) for kind in ("enters", "leaves") if any(event.kind == kind for event in result.path.events)]
    marks = [cursor(result)]
    for j in front:
        column = np.column_stack([result.lam, w[:, j]])
        marks.append(Mark("point", column, chosen[j], names[j], axes=("lam",), size=4.5))
    figure = over_lam(result, "weight", (low, high), *traces, room=_ROOM)
    if max(len(names[j]) for j in front) > _SHORT:
        # Long names need the left margin, so the numbers stand on the right.
        figure["layout"]["yaxis"] |= {"side": "right"}
        figure["layout"]["margin"] |= {"l": 74, "r": 44}
    shapes, choice_names = choices(result)
    figure["layout"]["shapes"] = shapes
    figure["layout"]["annotations"] = _names(result, chosen, front, low, high) + choice_names
    alt = (
        f"{result.spec.label}: the weights of {len(names)} columns over λ; rings mark where one leaves zero as λ falls, crosses where one is back "
        "at zero. Dashed upright lines are the two choices of cross-validation."
    )
    return Scene(
        figure,
        alt,
        tuple(marks),
        captions=tuple(path_sentences(result)),
        caption_axes=("lam",),
        aspect=0.72,
        table={"lambda": result.lam, **{name: w[:, j] for j, name in enumerate(names)}},
    )


def _rings(result: Shrinkage, kind: str, chosen: list[str]) -> dict[str, Any]:
    events = [event for event in result.path.events if event.kind == kind]
    tint = [colour(chosen[event.index]) for event in events]
    symbol = {"symbol": "circle-open", "size": 9} if kind == "enters" else {"symbol": "x-thin", "size": 9}
    return {
        "type": "scatter",
        "x": [event.lam for event in events],
        "y": [0.0] * len(events),
        "mode": "markers",
        "name": kind,
        "marker": symbol | {"color": tint, "line": {"width": 2.0, "color": tint}},
        "customdata": [f"{result.design.names[event.index]} {_DOES[kind]}" for event in events],
        "hovertemplate": "%{customdata}, at λ = %{x:.6g}<extra></extra>",
        "cliponaxis": False,
    }


def _names(result: Shrinkage, chosen: list[str], front: list[int], low: float, high: float) -> list[dict[str, Any]]:
    """Return the columns' names beside the low ends of their lines, moved apart where those lie close."""
    ends = [float((result.path.w[0, j] - low) / (high - low)) for j in front]
    at = float(np.log10(result.lam[0])) - 0.012
    places = beside(ends, _GAP)
    labels = [(at, low + place * (high - low), result.design.names[j], chosen[j]) for j, place in zip(front, places, strict=True)]
    return named(*labels, anchor="right", size=12)

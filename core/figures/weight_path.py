"""Figure: both weights along the scrub. In: a DiamondCircle. Out: two lines, the points where a weight becomes zero, a cursor."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.diamond_circle import DiamondCircle
from core.figures.labels import SUBSCRIPTS, axis_symbol, event_label
from core.figures.palette import PALETTE, colour
from core.figures.scene import NOTHING, Mark, Scene
from core.figures.template import axis, canvas


def weight_path(result: DiamondCircle) -> Scene:
    """Return the path of w1 and w2 over lambda (or the budget) as a scene."""
    log = result.spec.spacing == "log"
    x = result.axis
    symbol = axis_symbol(result.spec.axis)
    traces: list[dict[str, Any]] = []
    for key, (penalty, solution) in result.others.items():
        for i in range(2):
            traces.append(_line(x, solution.w[:, i], f"{penalty.label}, w{SUBSCRIPTS[i]}", colour(key), PALETTE[key].dash, 1.2, log))
    for i in range(2):
        ink = PALETTE[f"w{i + 1}"]
        traces.append(_line(x, result.solution.w[:, i], f"w{SUBSCRIPTS[i]}", ink.light, ink.dash, 2.6, log))
    marks = [Mark("cursor", x, "muted", "cursor", width=1.4)]
    for i in range(2):
        column = np.stack([x, result.solution.w[:, i]], axis=-1)
        marks.append(Mark("point", column, f"w{i + 1}", f"w{i + 1}", size=5.5, text=f"w{SUBSCRIPTS[i]}", side="right" if i == 0 else "above"))
    sides = [_first_side(result, i) for i in range(2)]
    for event, member in zip(result.events, result.event_members, strict=True):
        if member >= 0:
            where = event.lam if result.spec.axis == "lam" else event.budget
            # Above or below the line by weight, and in turns to the left and right, so that events close together stay legible.
            position = f"{('bottom', 'top')[event.index]} {sides[event.index]}"
            sides[event.index] = "right" if sides[event.index] == "left" else "left"
            traces.append(_event(where, event_label(event, result.spec.axis), event.index, position, symbol))
    for key, i in [(key, i) for key in result.others for i in range(2)]:
        marks.append(Mark("path", NOTHING[:, 0], key, f"held-{key}-{i}", axes=(), abscissa=x, width=1.2, dash=PALETTE[key].dash))
    for i in range(2):
        ink = PALETTE[f"w{i + 1}"]
        marks.append(Mark("path", NOTHING[:, 0], f"w{i + 1}", f"held-{result.spec.penalty}-{i}", axes=(), abscissa=x, width=2.6, dash=ink.dash))
    alt = f"Both weights under {result.penalty.label} along {result.spec.axis}; rings mark where a weight becomes zero, leaves zero or crosses it."
    figure = canvas(
        *traces,
        xaxis=axis(symbol, type="log" if log else "linear", exponentformat="power", range=_range(x, log)),
        yaxis=axis("weight", range=frame(result)),
    )
    return Scene(figure, alt, tuple(marks), aspect=0.72, yields=tuple(range(len(traces))))


def _line(x: np.ndarray, y: np.ndarray, name: str, ink: str, dash: str, width: float, log: bool) -> dict[str, Any]:
    keep = slice(1, None) if log else slice(None)  # zero has no place on a logarithmic axis
    return {
        "type": "scatter",
        "x": x[keep],
        "y": y[keep],
        "mode": "lines",
        "name": name,
        "line": {"color": ink, "width": width, "dash": dash},
        "hovertemplate": "%{x:.4g}: %{y:.4g}<extra>" + name + "</extra>",
    }


def _event(where: float, label: str, index: int, position: str, symbol: str) -> dict[str, Any]:
    ink = PALETTE[f"w{index + 1}"].light
    return {
        "type": "scatter",
        "x": [where],
        "y": [0.0],
        "mode": "markers+text",
        "text": [label],
        "textposition": position,
        "textfont": {"color": ink, "size": 12},
        "marker": {"symbol": "circle-open", "size": 12, "color": ink, "line": {"width": 2.4}},
        "hovertemplate": f"{label} at {symbol} %{{x:.5g}}<extra></extra>",
        "cliponaxis": False,
    }


def _first_side(result: DiamondCircle, index: int) -> str:
    """Return where the label of a weight's first event goes: not out of the frame."""
    first = [member for event, member in zip(result.events, result.event_members, strict=True) if event.index == index and member >= 0]
    return "right" if first and min(first) < len(result.axis) // 3 else "left"


def _range(x: np.ndarray, log: bool) -> list[float]:
    return [float(np.log10(x[1])), float(np.log10(x[-1]))] if log else [float(x[0]), float(x[-1])]


def frame(result: DiamondCircle) -> tuple[float, float]:
    """Return the weights that the chart shows, (low, high)."""
    every = np.concatenate([result.solution.w, *(solution.w for _, solution in result.others.values()), np.zeros((1, 2))])
    low, high = float(every.min()), float(every.max())
    room = 0.16 * max(high - low, 1e-9)
    return low - room, high + room

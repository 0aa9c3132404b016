"""Figure: where the minima are, over lambda. In: a Smoothing. Out: a curve a branch, a cross where it vanishes, a ring where it appears, a cursor."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.figures.minima_marks import branch_runs
from core.figures.palette import colour
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas
from core.smoothing import Smoothing

_MANY = 24  # more branches than this are drawn thin


def bifurcation(result: Smoothing) -> Scene:
    """Return the first weight of every minimum over lambda as a scene over the axis "lam"."""
    minima, lam, key = result.minima, result.lam, result.penalty.key
    count = minima.w.shape[1]
    traces: list[dict[str, Any]] = []
    gone: list[tuple[float, float]] = []
    came: list[tuple[float, float]] = []
    for b in range(count):
        for part in branch_runs(minima.exists[:, b]):
            x, y = lam[part], minima.w[part, b, 0]
            if minima.born_how[b] == "appears":
                came.append((float(minima.born[b]), float(y[0])))
            if minima.ends_how[b] == "vanishes":
                gone.append((float(minima.ends[b]), float(y[-1])))
                x, y = np.append(x, minima.ends[b]), np.append(y, y[-1])
            traces.append(_curve(x, y, key, 2.2 if count <= _MANY else 1.0))
    traces.append(_ends(gone, "x-thin", "loss", "vanishes"))
    traces.append(_ends(came, "circle-open", "loss", "appears"))
    low, high = (float(each) for each in result.surface.bounds[0])
    marks = [Mark("cursor", lam, "muted", "lambda", axes=("lam",), width=1.4)]
    if result.found.any():
        y = np.where(result.found, result.minimum[:, 0], high + 100.0 * (high - low))
        marks.append(Mark("point", np.stack([lam, y], axis=-1), key, "lowest", axes=("lam",), size=6, text="lowest", side="above"))
    figure = canvas(*traces, xaxis=axis("λ", range=[0.0, float(lam[-1])]), yaxis=axis("w₁ of each minimum", range=[low, high]))
    alt = "The first weight of every minimum over lambda: a line for each, a cross where it vanishes, a ring where one appears."
    table = {"lambda": lam, "minima": minima.counts} | {f"w{i + 1}_of_lowest": result.minimum[:, i] for i in range(2)}
    return Scene(figure, alt, tuple(marks), table=table, aspect=0.62)


def _curve(x: np.ndarray, y: np.ndarray, ink: str, width: float) -> dict[str, Any]:
    return {"type": "scatter", "x": x, "y": y, "mode": "lines", "line": {"color": colour(ink), "width": width}, "hoverinfo": "skip"}


def _ends(points: list[tuple[float, float]], symbol: str, ink: str, word: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [x for x, _ in points],
        "y": [y for _, y in points],
        "mode": "markers",
        "marker": {"symbol": symbol, "size": 9, "color": colour(ink), "line": {"width": 2.2, "color": colour(ink)}},
        "hovertemplate": f"{word} at λ = %{{x:.4g}}<extra></extra>",
    }

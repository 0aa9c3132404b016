"""Figure: eigenvalues over lambda. In: a Smoothing. Out: those at the chosen point, which slide, and those at the minimum, which moves."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.figures.palette import colour
from core.figures.scene import NOTHING, Mark, Scene
from core.figures.smoothing_hand import SIZES
from core.figures.template import axis, canvas
from core.smoothing import Smoothing
from core.smoothing_words import shift_sentences


def eigenvalue_lines(result: Smoothing) -> Scene:
    """Return both pairs of eigenvalues as a scene over the axis "lam"."""
    lam, key = result.lam, result.penalty.key
    at_point, at_minimum = result.at_point.eigenvalues, result.at_minimum
    traces: list[dict[str, Any]] = []
    marks = [Mark("cursor", lam, "muted", "lambda", axes=("lam",), width=1.4)]
    at_rest = []
    for i, name in enumerate(SIZES):
        at_rest.append(len(traces))
        marks.append(Mark("path", NOTHING[:, 0], "dropout", f"held-{name}", axes=(), abscissa=lam, width=2.0, dash="dot"))
        traces.append(_line(lam, at_point[:, i], "dropout", "dot", f"{name} at the point"))
        for part in result.stretches:
            traces.append(_line(lam[part], at_minimum[part, i], key, "solid", f"{name} at the minimum"))
            traces.append(_line(lam[part], result.own[part, i], "loss", "dash", f"{name} at the minimum, the loss's own"))
        marks.append(Mark("point", np.stack([lam, at_point[:, i]], axis=-1), "dropout", f"{name} at the point", axes=("lam",), symbol="ring", size=5))
        shown = np.where(result.found, at_minimum[:, i], at_point[:, i])
        label = ["minimum" if each else "" for each in result.found]
        marks.append(Mark("point", np.stack([lam, shown], axis=-1), key, f"{name} at the minimum", axes=("lam",), size=5.5, text=label, side="above"))
    figure = canvas(*traces, xaxis=axis("λ", range=[0.0, float(lam[-1])]), yaxis=axis("eigenvalues", range=frame(result)))
    alt = "Eigenvalues of the Hessian over lambda: at the chosen point, at the lowest minimum, and the loss's own part there."
    table = {"lambda": lam, "at_point": at_point, "at_minimum": at_minimum, "own_at_minimum": result.own}
    captions = tuple(shift_sentences(result))
    return Scene(figure, alt, tuple(marks), captions=captions, table=_flat(table), caption_axes=("lam",), aspect=0.62, yields=tuple(at_rest))


def frame(result: Smoothing) -> tuple[float, float]:
    """Return the eigenvalues that the chart shows, (low, high)."""
    at_point, at_minimum = result.at_point.eigenvalues, result.at_minimum
    every = np.concatenate([at_point.ravel(), at_minimum[result.found].ravel(), result.own[result.found].ravel(), [0.0]])
    low, high = float(every.min()), float(every.max())
    # A kink's curvature is beyond any picture: what there is to see is at the point.
    if high > 1e3 * max(float(np.abs(at_point).max()), 1e-9):
        low, high = float(min(at_point.min(), 0.0)), float(at_point.max())
    room = 0.08 * max(high - low, 1e-9)
    return low - room, high + room


def _flat(table: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return pairs as two columns each."""
    flat: dict[str, np.ndarray] = {}
    for name, column in table.items():
        flat |= {name: column} if column.ndim == 1 else {f"{name}_{i + 1}": column[:, i] for i in range(column.shape[1])}
    return flat


def _line(x: np.ndarray, y: np.ndarray, ink: str, dash: str, name: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        "mode": "lines",
        "name": name,
        "line": {"color": colour(ink), "dash": dash, "width": 2.0},
        "hovertemplate": "%{x:.4g}: %{y:.4g}<extra>" + name + "</extra>",
    }

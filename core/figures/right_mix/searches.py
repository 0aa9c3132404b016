"""Figures: how methods search. In: a SearchResult. Out: the lowest loss so far over trials, by method; what winners promise and deliver."""

from __future__ import annotations

from typing import Any

import numpy as np

from core._validate import Floats
from core.figures.palette import PALETTE, colour
from core.figures.scene import FamilyAxis, Mark, Scene
from core.figures.template import axis, canvas
from core.right_mix.methods import LABELS, METHODS
from core.right_mix.search import SearchResult
from core.right_mix.words import promise_sentence, race_sentences, race_verdict
from core.wording import plain

INKS = {"grid": "grid_search", "single": "one_at_a_time", "random": "random_search", "bayesian": "bayesian"}
HEADS = {"grid": "square", "single": "diamond", "random": "triangle", "bayesian": "circle"}
_POINT = {"grid": "ring", "single": "diamond", "random": "cross", "bayesian": "circle"}


def trials_axis(result: SearchResult) -> FamilyAxis:
    """Return the axis of the number of trials, which can be played."""
    budget = result.study.budget
    return FamilyAxis("n", np.arange(1.0, budget + 1.0), "Trials so far", "trial", pace=8.0)


def best_so_far(result: SearchResult) -> Scene:
    """Return the lowest loss so far of each method, median and range over its searches, as a scene over the axis "n"."""
    budget = result.study.budget
    x = np.arange(1.0, budget + 1.0)
    low, high = loss_window(result)
    traces: list[dict[str, Any]] = []
    marks = [Mark("cursor", x, "muted", "n", axes=("n",), width=1.4)]
    table: dict[str, Floats] = {"trials": x}
    for i, key in enumerate(METHODS):
        best = np.clip(result.best[i], low, high)
        there = np.isfinite(best).all(axis=0)
        n = int(there.sum()) if there[0] else 0
        if not n:
            continue
        middle, ends = np.median(best[:, :n], axis=0), (best[:, :n].min(axis=0), best[:, :n].max(axis=0))
        traces.append(_band(x[:n], *ends, INKS[key]))
        traces.append(_line(x[:n], middle, INKS[key], LABELS[key]))
        held = middle[np.minimum(np.arange(budget), n - 1)]
        at = np.stack([np.minimum(x, float(n)), held], axis=-1)
        marks.append(Mark("point", at, INKS[key], LABELS[key], axes=("n",), symbol=_POINT[key], size=6, text=LABELS[key], side="free"))  # type: ignore[arg-type]
        table[LABELS[key]] = held
    ticks = loss_ticks(low, high)
    figure = canvas(
        *traces,
        xaxis=axis("trials", range=[0.0, 1.22 * budget], zeroline=False),
        yaxis=axis(
            "lowest validation loss so far",
            type="log",
            range=[float(np.log10(low)) - 0.01, float(np.log10(high))],
            tickvals=ticks,
            ticktext=[plain(tick) for tick in ticks],
        ),
    )
    alt = f"The lowest validation loss so far over trials, a line a method with the range over its searches. {race_verdict(result)}"
    return Scene(figure, alt, tuple(marks), captions=tuple(race_sentences(result)), caption_axes=("n",), table=table, aspect=0.62)


def loss_window(result: SearchResult) -> tuple[float, float]:
    """Return the losses between which the charts of searches run: from the best one to where half of what is first seen lies below."""
    first = result.best[..., 0]
    least = float(np.nanmin(result.value)) if np.isfinite(result.value).any() else 0.1
    start = float(np.nanmedian(first)) if np.isfinite(first).any() else 1.0
    return max(least * 0.96, 1e-4), max(1.15 * start, 1.4 * least, 2e-4)


def loss_ticks(low: float, high: float) -> list[float]:
    """Return round losses within a window."""
    every = [digit * 10.0**power for power in range(-5, 4) for digit in (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0, 7.0, 8.0, 9.0)]
    found = [float(f"{tick:.3g}") for tick in every if low <= tick <= high]
    return found[:: max(1, len(found) // 6)] or [float(f"{low:.2g}")]


def winners(result: SearchResult) -> Scene:
    """Return what the winner of each search promised and what networks with fresh seeds came to."""
    promised, delivered = result.promised, result.delivered
    searches = result.study.searches
    traces: list[dict[str, Any]] = []
    labels, places = [], []
    for i, key in enumerate(METHODS):
        rows = -(i * (searches + 1.0) + np.arange(searches))
        labels.append(LABELS[key])
        places.append(float(rows.mean()))
        there = np.isfinite(delivered[i]) & np.isfinite(promised[i])
        ink = colour(INKS[key])
        ends = [value for j in np.flatnonzero(there) for value in (float(promised[i, j]), float(delivered[i, j]), None)]
        rungs = [value for j in np.flatnonzero(there) for value in (float(rows[j]), float(rows[j]), None)]
        traces.append({"type": "scatter", "x": ends, "y": rungs, "mode": "lines", "line": {"color": ink, "width": 1.6}, "hoverinfo": "skip"})
        for values, symbol, word in ((promised[i], "circle-open", "promised"), (delivered[i], "circle", "delivered")):
            traces.append(
                {
                    "type": "scatter",
                    "x": values[there],
                    "y": rows[there],
                    "mode": "markers",
                    "marker": {"color": ink, "size": 9, "symbol": symbol, "line": {"width": 2, "color": ink}},
                    "hovertemplate": f"{LABELS[key]}, {word}: %{{x:.4g}}<extra></extra>",
                }
            )
    every = np.concatenate([promised.ravel(), delivered.ravel()])
    every = every[np.isfinite(every)]
    low, high = (float(every.min()), float(every.max())) if every.size else (0.1, 1.0)
    room = 0.08 * max(high - low, 0.02 * high)
    figure = canvas(
        *traces,
        xaxis=axis("validation loss", range=[low - room, high + room]),
        yaxis=axis("", range=[min(places) - searches, 2.2], tickvals=places, ticktext=labels, zeroline=False, showgrid=False),
        margin={"l": 92, "r": 14, "t": 12, "b": 46},
    )
    said = promise_sentence(result)
    alt = f"For each search a ring at the loss that its winner promised and a disc at what networks with fresh seeds came to. {said}"
    table = {f"{LABELS[key]} {word}": np.nan_to_num(values[i]) for i, key in enumerate(METHODS) for word, values in _pairs(promised, delivered)}
    # The best that anyone delivered: whoever promised less promised too much.
    reached = delivered[np.isfinite(delivered)]
    least = float(reached.min() if reached.size else low)
    best = Mark("cursor", np.array(least), "muted", "best delivered", axes=(), width=1.4, dash="dash", text="best delivered" if reached.size else "")
    return Scene(figure, alt, (best,), captions=(said,), caption_axes=(), table=table, aspect=0.62)


def _pairs(promised: Floats, delivered: Floats) -> tuple[tuple[str, Floats], tuple[str, Floats]]:
    return ("promised", promised), ("delivered", delivered)


def _line(x: Floats, y: Floats, ink: str, name: str) -> dict[str, Any]:
    line = {"color": colour(ink), "width": 2.4, "dash": PALETTE[ink].dash, "shape": "hv"}
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        "mode": "lines",
        "name": name,
        "line": line,
        "hovertemplate": f"%{{x}}: %{{y:.4g}}<extra>{name}</extra>",
    }


def _band(x: Floats, low: Floats, high: Floats, ink: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": np.concatenate([x, x[::-1]]),
        "y": np.concatenate([low, high[::-1]]),
        "mode": "lines",
        "line": {"width": 0},
        "fill": "toself",
        "fillcolor": colour(ink),
        "opacity": 0.14,
        "hoverinfo": "skip",
    }

"""Figures: two settings together. In: a MapResult. Out: the map with its best cells; the loss along a row; the best place of each row."""

from __future__ import annotations

from typing import Any

import numpy as np

from core._validate import Floats
from core.datasets import DATASETS
from core.figures.palette import PALETTE, colour
from core.figures.right_mix.axes import SCRUBS, TITLES, positions, setting_axis, span
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas
from core.right_mix.maps import AXES, CELLS, MapResult
from core.right_mix.words import best_sentence, cell_sentences, decay_and_dropout, rate_and_decay
from core.wording import plain

WIDE = 1.15
"""The tint ends at so many times the loss of knowing nothing: beyond, all is equally bad."""


def mix_map(result: MapResult) -> Scene:
    """Return the map as a scene over its two axes; cells that are not trained yet stay empty."""
    kind = result.study.kind
    across, upwards = AXES[kind]
    x, y = positions(across, result.x), positions(upwards, result.y)
    low, high = _ends(result)
    shown = np.log10(np.clip(result.mean, 10.0**low, 10.0**high))
    ticks = _ticks(low, high)
    tint: dict[str, Any] = {
        "type": "heatmap",
        "x": x,
        "y": y,
        # Nothing where nothing is: a number that is none has no place in a message.
        "z": [[None if np.isnan(value) else round(float(value), 4) for value in row] for row in shown],
        "zmin": low,
        "zmax": high,
        "colorscale": [[0, colour("value8")], [0.35, colour("value5")], [0.7, colour("value2")], [1, colour("value0")]],
        "xgap": 1,
        "ygap": 1,
        "colorbar": {
            "thickness": 9,
            "outlinewidth": 0,
            "tickvals": np.log10(ticks).tolist(),
            "ticktext": [plain(tick) for tick in ticks],
            "tickfont": {"size": 11},
        },
        "customdata": [[None if np.isnan(value) else round(float(value), 4) for value in row] for row in result.mean],
        "hovertemplate": "validation loss %{customdata}<extra></extra>",
    }
    figure = canvas(
        tint,
        xaxis=setting_axis(across, result.x),
        yaxis=setting_axis(upwards, result.y),
        margin={"l": 52, "r": 4, "t": 8, "b": 46},
    )
    grid = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)
    marks = [Mark("point", grid, "loss", "here", axes=SCRUBS[kind], symbol="ring", size=9, width=3.2)]
    if result.some:
        there = np.flatnonzero(~np.isnan(result.ridge))
        ridge = np.stack([x[result.ridge[there].astype(int)], y[there]], axis=1)
        row, column = result.best
        alike = np.argwhere(result.level)
        line = Mark("path", ridge, "paper", "best of each row", axes=(), width=2.2, dash="dash")
        star = Mark("point", np.array([x[column], y[row]]), "paper", "best", axes=(), symbol="star", size=7)
        marks = [line, star, *marks]
        if len(alike) > 1:
            dots = np.stack([x[alike[:, 1]], y[alike[:, 0]]], axis=1)
            marks.insert(0, Mark("points", dots, "paper", "as good", axes=(), colours=("paper",), size=2.4))
    alt = (
        f"Map of the validation loss over {TITLES[across]} and {TITLES[upwards]}: amber where it is low, blue where it is high; a star at the best "
        f"cell, dots where cells cannot be told from it, a dashed line through the best cell of each row. {best_sentence(result)}"
    )
    table = {across: result.x} | {f"{upwards} {result.y[row]:g}": np.nan_to_num(result.mean[row]) for row in range(CELLS)}
    return Scene(figure, alt, tuple(marks), captions=(best_sentence(result),), caption_axes=(), table=table, aspect=1.08, pick=True)


def row_losses(result: MapResult) -> Scene:
    """Return the loss along the setting across, in the row chosen, as a scene over the map's two axes."""
    kind = result.study.kind
    across, upwards = AXES[kind]
    x = positions(across, result.x)
    low, high = _ends(result)
    # Single draws may lie below their mean's lowest point, and what diverged lies beyond the frame.
    low = min(low, float(np.log10(max(np.nanmin(result.drawn), 1e-4)))) if result.some else low
    high += 0.15
    bounded = np.clip(result.drawn, 10.0**low, 10.0 ** (high + 0.1))
    mean = np.clip(result.mean, 10.0**low, 10.0 ** (high + 0.1))
    along, up = SCRUBS[kind]
    marks = (
        [Mark("path", each, "validation", "a draw", axes=(up,), abscissa=x, width=0.9, dash="solid") for each in bounded] if len(bounded) > 1 else []
    )
    first = _nothing(upwards, result)
    marks += [
        Mark("path", mean[0], "muted", first, axes=(), abscissa=x, width=2.0, dash="dot", text=first, side="free"),
        Mark("path", mean, "validation", "mean", axes=(up,), abscissa=x, width=2.8, dash="solid", text="mean", side="free"),
        Mark("cursor", x, "muted", across, axes=(along,), width=1.4),
        Mark("point", np.stack([np.broadcast_to(x[:, None], mean.T.shape), mean.T], axis=-1), "validation", "here", axes=(along, up), size=6),
    ]
    ticks = _ticks(low, high)
    left, right = span(across, result.x)
    figure = canvas(
        xaxis=setting_axis(across, result.x, range=[left, right + 0.12 * (right - left)]),
        yaxis=axis("validation loss", type="log", range=[low - 0.04, high + 0.04], tickvals=ticks, ticktext=[plain(tick) for tick in ticks]),
    )
    alt = f"Validation loss along {TITLES[across]} in the row chosen: a thin line for each draw of the data, a thick one for their mean."
    shape = (CELLS, CELLS)
    return Scene(figure, alt, tuple(marks), captions=tuple(cell_sentences(result)), caption_axes=(up, along), caption_shape=shape, aspect=0.62)


def row_optima(result: MapResult) -> Scene:
    """Return the best place across in each row, with its interval, as a scene over the axis upwards."""
    kind = result.study.kind
    across, upwards = AXES[kind]
    x, y = positions(across, result.x), positions(upwards, result.y)
    there = np.flatnonzero(~np.isnan(result.ridge))
    best = _at(x, result.ridge[there])
    traces: list[dict[str, Any]] = []
    n = len(result.ridges)
    if n > 1:
        for i, each in enumerate(result.ridges):
            shift = 0.3 * (y[1] - y[0]) * ((i + 0.5) / n - 0.5)
            traces.append(_dots(y[there] + shift, _at(x, each[there])))
        ends = np.stack([_at(x, result.spread[there, side]) for side in (0, 1)])
        error = {"type": "data", "symmetric": False, "array": ends[1] - best, "arrayminus": best - ends[0], "thickness": 1.6, "width": 3}
    else:
        error = {"visible": False}
    ink = colour(result.study.penalty) if across == "lam" else colour(result.study.rule)
    traces.append(
        {
            "type": "scatter",
            "x": y[there],
            "y": best,
            "mode": "lines+markers",
            "line": {"color": ink, "width": 2.2, "dash": PALETTE[result.study.penalty if across == "lam" else result.study.rule].dash},
            "marker": {"color": ink, "size": 8},
            "error_y": error | {"color": ink},
            "hoverinfo": "skip",
        }
    )
    figure = canvas(*traces, xaxis=setting_axis(upwards, result.y), yaxis=setting_axis(across, result.x, title=f"best {TITLES[across]}"))
    said = decay_and_dropout(result) if kind == "lam_p" else rate_and_decay(result)
    alt = f"The best {TITLES[across]} at each {TITLES[upwards]}, with 95 % intervals over draws of the data, each draw's own as a dot. {said}"
    marks = (Mark("cursor", y, "muted", upwards, axes=(SCRUBS[kind][1],), width=1.4),)
    table = {upwards: result.y[there], f"best_{across}": result.x[result.ridge[there].astype(int)]}
    return Scene(figure, alt, marks, captions=(said,), caption_axes=(), table=table, aspect=0.62)


def _dots(x: Floats, y: Floats) -> dict[str, Any]:
    marker = {"color": colour("muted"), "size": 4}
    return {"type": "scatter", "x": x, "y": y, "mode": "markers", "marker": marker, "opacity": 0.6, "hoverinfo": "skip"}


def _at(x: Floats, places: Floats) -> Floats:
    """Return the position of a place, which may lie between two."""
    found: Floats = np.interp(places, np.arange(len(x)), x)
    return found


def _nothing(key: str, result: MapResult) -> str:
    if result.y[0] > 0.0:
        return "lowest row"
    return "without dropout" if key == "dropout" else "without penalty"


def _ends(result: MapResult) -> tuple[float, float]:
    """Return logarithms of the losses between which the tint runs: from the lowest mean on."""
    high = float(np.log10(WIDE * DATASETS[result.study.data].ignorance))
    least = float(np.nanmin(result.mean)) if result.some else 0.1
    return min(float(np.log10(max(least, 1e-4))), high - 0.3), high


def _ticks(low: float, high: float) -> list[float]:
    """Return round losses within a range of logarithms."""
    every = [digit * 10.0**power for power in range(-5, 3) for digit in (1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0)]
    found = [tick for tick in every if 10.0**low <= tick <= 10.0**high]
    return found[:: max(1, len(found) // 6)]

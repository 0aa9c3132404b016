"""Figures: learning rate and initial scale together. In: a MapResult. Out: a map for each kind of network on one scale, and a cell's loss curves."""

from __future__ import annotations

from typing import Any

import numpy as np

from core._validate import Floats
from core.batch_norm.rates import MapResult
from core.batch_norm.words import NAMES, cell_sentences, map_sentence
from core.figures.batch_norm.pairs import BOTH, INKS, bounded, log_axis, median, middle, seeds
from core.figures.palette import colour
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas

FLOOR = 1e-3
AXES = ("map_rate", "map_scale")


def scale_map(result: MapResult, which: int) -> Scene:
    """Return one network's map as a scene over the axes "map_rate" and "map_scale"; a cell that does not train is crossed out."""
    final = median(result.final[..., which], 2)
    # One scale for both kinds of networks.
    floor = max(FLOOR, float(median(result.final, 2).min()))
    high = 2.0 * result.study.ignorance
    tint: dict[str, Any] = {
        "type": "heatmap",
        "x": result.rates,
        "y": result.scales,
        "z": np.log10(bounded(final, floor, high)).T,
        "customdata": bounded(final, 0.0, 1e6).T,
        "zmin": float(np.log10(floor)),
        "zmax": float(np.log10(high)),
        "colorscale": [[0, colour("value8")], [0.35, colour("value5")], [0.7, colour("value2")], [1, colour("value0")]],
        "xgap": 1,
        "ygap": 1,
        "colorbar": {
            "thickness": 9,
            "outlinewidth": 0,
            "tickvals": [-3, -2, -1, 0],
            "ticktext": ["0.001", "0.01", "0.1", "1"],
            "tickfont": {"size": 11},
        },
        "hovertemplate": "rate %{x:.3g}, weights × %{y:.3g}<br>last loss %{customdata:.3g}<extra></extra>",
    }
    figure = canvas(
        tint,
        xaxis=log_axis("learning rate", *_ends(result.rates)),
        yaxis=log_axis("initial weights, times", *_ends(result.scales)),
        margin={"l": 48, "r": 4, "t": 8, "b": 46},
    )
    lost = np.argwhere(~(final < result.threshold))
    crosses = np.stack([result.rates[lost[:, 0]], result.scales[lost[:, 1]]], axis=1) if len(lost) else np.zeros((0, 2))
    grid = np.stack(np.meshgrid(result.rates, result.scales, indexing="ij"), axis=-1)
    marks = []
    if len(crosses):
        marks.append(Mark("points", crosses, "paper", "does not train", axes=(), symbols=("cross",), colours=("paper",), size=3.5))
    marks.append(Mark("point", grid, INKS[which], "here", axes=AXES, symbol="ring", size=9, width=3.0))
    alt = (
        f"Map of the last training loss over learning rate and initial scale, {NAMES[which]}: amber where the loss is low and blue where it is "
        f"high, crossed where the median network does not train. {map_sentence(result, which)}"
    )
    table = {"rate": result.rates, "last_loss": bounded(final, 0.0, 1e9)}
    return Scene(figure, alt, tuple(marks), captions=(map_sentence(result, which),), caption_axes=(), table=table, aspect=0.8, pick=True)


def _ends(values: Floats) -> tuple[float, float]:
    """Return the outer edges of the first and the last cell."""
    half = (values[1] / values[0]) ** 0.5
    return float(values[0] / half), float(values[-1] * half)


def cell_losses(result: MapResult) -> Scene:
    """Return the loss curves of the cell chosen as a scene over the axes "map_rate" and "map_scale"."""
    low, high = FLOOR, 6.0 * result.study.ignorance
    shown = bounded(result.train, low, high)
    marks: list[Mark] = []
    for which in BOTH:
        marks += seeds(shown[:, :, :, which], result.epochs, which, AXES)
    for which in BOTH:
        marks.append(middle(bounded(median(result.train[:, :, :, which], 2), low, high), result.epochs, which, AXES))
    figure = canvas(xaxis=axis("epoch", range=[0.0, 1.15 * float(result.epochs[-1])]), yaxis=log_axis("training loss", low, high))
    alt = "Training loss over the epochs for the rate and the initial scale chosen, with and without batch norm, a thin line for each seed."
    shape = (len(result.rates), len(result.scales))
    return Scene(figure, alt, tuple(marks), captions=tuple(cell_sentences(result)), caption_axes=AXES, caption_shape=shape, aspect=0.42)

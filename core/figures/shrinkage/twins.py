"""Figures: twins. In: a Twins. Out: who is kept, both weights of every sample, and a weight's variance, along the correlation."""

from __future__ import annotations

from typing import Any

import numpy as np

from core._validate import Floats
from core.figures.palette import PALETTE, colour
from core.figures.scene import Mark, Scene
from core.figures.shrinkage.common import METHOD_INK, METHODS, band, line, named
from core.figures.template import axis, canvas, plane
from core.statistics.shrinkage.twins import FATES, Twins
from core.statistics.shrinkage.words import cloud_sentences, fate_sentences, variance_sentences

_BARS = ("l1", "elastic_net", "l2")
_WIDE = 0.27
_FLOOR = 1e-5  # of a variance: where λ leaves no weight in any sample it is 0, which has no place on a logarithmic axis
DRAWN = 150  # samples of the cloud: all of them would be 1.5 MB
_WINDOW = (-0.75, 1.5)
_SYMBOLS = {"l1": "cross", "elastic_net": "diamond", "l2": "circle", "plain": "square"}


def twin_fates(result: Twins) -> Scene:
    """Return how many samples keep which twin, three bars a fate: lasso, elastic net, ridge."""
    marks = []
    samples = float(result.fates["l1"][0].sum())
    for place, method in enumerate(_BARS):
        left = np.arange(len(FATES)) + (place - 1.5) * _WIDE
        edges = np.sort(np.concatenate([left, left + 0.94 * _WIDE]))
        heights = np.zeros((len(result.r), len(edges) - 1))
        heights[:, 0::2] = result.fates[method]
        marks.append(Mark("bars", heights, METHOD_INK[method], METHODS[method], axes=("r",), abscissa=edges, fill=0.8))
        # Numbers of neighbouring bars stand at different heights: equal bars would have them run into each other.
        above = result.fates[method] + 0.055 * samples * (place == 1)
        tops = np.stack([np.broadcast_to(left + 0.47 * _WIDE, above.shape), above], axis=-1)
        for fate in range(len(FATES)):
            counts = [f"{int(count)}" if count else "" for count in result.fates[method][:, fate]]
            marks.append(Mark("text", tops[:, fate], METHOD_INK[method], f"{METHODS[method]}, {FATES[fate]}", axes=("r",), text=counts, side="above"))
    figure = canvas(
        xaxis=axis("", range=[-0.6, len(FATES) - 0.4], tickmode="array", tickvals=list(range(len(FATES))), ticktext=list(FATES), zeroline=False),
        yaxis=axis(f"of {samples:.0f} samples", range=[0.0, 1.42 * samples], tickvals=[0, 100, 200, 300, 400]),
    )
    words = [("lasso", -0.5), ("elastic net", 0.55), ("ridge", 2.1)]
    figure["layout"]["annotations"] = named(*((x, 1.34 * samples, f"■ {text}", ink) for (text, x), ink in zip(words, _BARS, strict=True)))
    alt = f"Which of the twins lasso, the elastic net and ridge keep in {samples:.0f} samples, in five bars each, along the correlation of the twins."
    table = {"r": result.r, **{METHODS[method]: result.fates[method] for method in _BARS}}
    return Scene(figure, alt, tuple(marks), captions=tuple(fate_sentences(result)), caption_axes=("r",), aspect=0.66, table=table)


def twin_cloud(result: Twins) -> Scene:
    """Return both weights of every sample as a cloud a method, on a plane with equal units."""
    low, high = _WINDOW
    marks = []
    for method in ("plain", "l2", "elastic_net", "l1"):
        cloud = result.effects[method][:, :DRAWN]
        one = np.zeros(cloud.shape[1], dtype=np.uint8)
        style: dict[str, Any] = {"classes": one, "colours": (METHOD_INK[method],), "symbols": (_SYMBOLS[method],)}
        size = 2.6 if method == "plain" else 3.2
        marks.append(Mark("points", np.clip(cloud, -40.0, 40.0), METHOD_INK[method], METHODS[method], axes=("r",), size=size, **style))
    truth = np.column_stack([result.truth, result.truth])
    marks.append(Mark("point", truth, "dropout", "truth", axes=("r",), symbol="star", size=8.0, text="truth", side="right"))
    figure = plane("weight of cm", "weight of inches", ((low, high), (low, high)))
    figure["layout"]["xaxis"]["title"]["text"] += ", per deviation of height"
    rows = [("✕ lasso", "l1"), ("◆ elastic net", "elastic_net"), ("● ridge", "l2"), ("■ least squares", "loss")]
    figure["layout"]["annotations"] = named(*((0.62 * high, high - 0.1 - 0.13 * i, text, ink) for i, (text, ink) in enumerate(rows)))
    alt = f"The weights of both twins in {DRAWN} samples under four methods, with the true pair as a star, along the correlation of the twins."
    return Scene(figure, alt, tuple(marks), captions=tuple(cloud_sentences(result)), caption_axes=("r",), aspect=0.92)


def twin_variance(result: Twins) -> Scene:
    """Return the variance of the weight of centimetres over samples against the correlation, with bands of two standard errors, and the formula."""
    decided = result.r < 1.0
    traces: list[dict[str, Any]] = []
    marks: list[Mark] = [Mark("cursor", result.r, "muted", "r", axes=("r",), width=1.4)]
    for method, name in METHODS.items():
        found, error = result.variance(method)
        found = np.maximum(found, _FLOOR)
        kept = decided if not result.decided(method) else np.ones(len(result.r), dtype=bool)
        ink = METHOD_INK[method]
        floor = np.maximum(found - 2.0 * error, 0.2 * found)
        traces.append(band(result.r[kept], floor[kept], (found + 2.0 * error)[kept], ink))
        drawn = line(result.r[kept], found[kept], name, ink, PALETTE[ink].dash)
        traces.append(drawn | {"hovertemplate": "r = %{x:.3g}: %{y:.4g}<extra>" + name + "</extra>"})
        # Where a method has no answer at r = 1 its point stays behind, at the last one that it has.
        last = np.minimum(np.arange(len(result.r)), int(np.flatnonzero(kept)[-1]))
        marks.append(_follower(result.r[last], found[last], ink, name))
    every = slice(0, None, 5)
    dots = result.r[decided][every], result.formula[decided][every]
    traces.append(
        {
            "type": "scatter",
            "x": dots[0],
            "y": dots[1],
            "mode": "markers",
            "name": "formula",
            "marker": {"symbol": "circle-open", "size": 7, "color": colour("loss"), "line": {"width": 1.4, "color": colour("loss")}},
            "hovertemplate": "r = %{x:.3g}: %{y:.4g}<extra>least squares by formula</extra>",
        }
    )
    heights = np.concatenate([np.asarray(trace["y"], dtype=np.float64) for trace in traces])
    low, high = float(np.log10(heights.min())), float(np.log10(heights.max()))
    figure = canvas(
        *traces,
        xaxis=axis("correlation of the twins", range=[-0.02, 1.03], zeroline=False, tickvals=[0, 0.2, 0.4, 0.6, 0.8, 1]),
        yaxis=axis("variance of the weight of cm", type="log", range=[low - 0.1, high + 0.25], exponentformat="power", dtick=1),
    )
    figure["layout"]["annotations"] = named((0.02, high + 0.1, "rings: noise² / ((n − 4)(1 − r²))", "loss"))
    samples = result.effects["l1"].shape[1]
    alt = f"The variance of one twin's weight over {samples} samples against the correlation, for four methods; rings are least squares by formula."
    table = {"r": result.r[decided], **{name: result.variance(method)[0][decided] for method, name in METHODS.items()}}
    return Scene(figure, alt, tuple(marks), captions=tuple(variance_sentences(result)), caption_axes=("r",), aspect=0.66, table=table)


def _follower(r: Floats, heights: Floats, ink: str, name: str) -> Mark:
    return Mark("point", np.column_stack([r, heights]), ink, name, axes=("r",), size=4.5, text=name, side="free")

"""Figures: the model at lambda. In: a Shrinkage. Out: its weights beside least squares; its numbers and what other libraries call them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from core._validate import Floats
from core.figures.palette import colour
from core.figures.scene import Mark, Readout, Scene
from core.figures.shrinkage.common import named
from core.figures.template import axis, canvas
from core.statistics.shrinkage import Shrinkage
from core.statistics.shrinkage.equivalents import glmnet, scikit_learn
from core.statistics.shrinkage.words import chosen_sentences
from core.wording import number


def chosen_weights(result: Shrinkage) -> Scene:
    """Return the weights at lambda beside those of least squares, as a scene: rows in the order of the columns."""
    names, w, k = result.design.names, result.path.w, len(result.lam)
    d = len(names)
    heights = np.arange(d, dtype=np.float64)[::-1]
    ink = result.spec.penalty
    reach = _reach(result)
    plain = np.clip(result.plain, -1.06 * reach, 1.06 * reach)
    tick = {"symbol": "line-ns", "size": 9, "line": {"width": 2.4, "color": colour("loss")}}
    traces = [_rows(result.plain, plain, heights, names, "least squares", tick)]
    if result.truth is not None:
        ring = {"symbol": "circle-open", "size": 11, "color": colour("dropout"), "line": {"width": 1.8, "color": colour("dropout")}}
        on = np.flatnonzero(result.truth)
        true = result.truth[on]
        traces.append(_rows(true, true, heights[on], [names[j] for j in on.tolist()], "true weight", ring))
    ends = np.empty((k, 2 * d, 2))
    ends[:, 0::2, 0], ends[:, 1::2, 0] = plain, w
    ends[:, 0::2, 1] = ends[:, 1::2, 1] = heights
    cloud = np.stack([w, np.broadcast_to(heights, w.shape)], axis=-1)
    style: dict[str, Any] = {"classes": np.zeros(d, dtype=np.uint8), "colours": (ink,), "symbols": ("circle",)}
    marks = (
        Mark("segments", ends, "muted", "shrunk by", axes=("lam",), width=1.2),
        Mark("points", cloud, ink, result.spec.label, axes=("lam",), size=5.0 if d <= 15 else 4.0, **style),
    )
    size = 12 if d <= 15 else 10 if d <= 31 else 8
    figure = canvas(
        *traces,
        xaxis=axis("weight, in standard deviations", range=[-1.15 * reach, 1.15 * reach]),
        yaxis=axis(
            "",
            range=[-0.8, d - 0.2],
            tickmode="array",
            tickvals=heights.tolist(),
            ticktext=list(names),
            tickfont={"size": size},
            zeroline=False,
        ),
        uirevision=f"{result.spec.data} {d}",
    )
    labels = [(-1.1 * reach, 1.0, f"● {result.spec.label.lower()}", ink), (-0.35 * reach, 1.0, "| least squares", "loss")]
    if result.truth is not None:
        labels.append((0.4 * reach, 1.0, "○ truth, if not 0", "dropout"))
    figure["layout"]["annotations"] = [each | {"yref": "paper", "yanchor": "bottom"} for each in named(*labels)]
    figure["layout"]["margin"] |= {"t": 26}
    more = ", and the true ones." if result.truth is not None else "."
    alt = f"{result.spec.label} at λ beside least squares: the weights of {d} columns, a row each{more}"
    aspect = 0.72 if d <= 15 else 1.1 if d <= 31 else 1.5
    table = {"lambda": result.lam, **{name: w[:, j] for j, name in enumerate(names)}}
    return Scene(figure, alt, marks, captions=tuple(chosen_sentences(result)), caption_axes=("lam",), aspect=aspect, table=table)


def _reach(result: Shrinkage) -> float:
    """Return the half width of the chart: all of the path and of the truth, and least squares as far as it is not out of all proportion."""
    inner = max(float(np.abs(result.path.w).max()), 0.0 if result.truth is None else float(np.abs(result.truth).max()), 1e-6)
    return max(inner, min(float(np.abs(result.plain).max()), 1.6 * inner))


def _rows(values: Floats, shown: Floats, heights: Floats, names: Sequence[str], what: str, marker: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": shown,
        "y": heights,
        "mode": "markers",
        "name": what,
        "marker": {"color": colour("loss")} | marker,
        "customdata": [f"{name}: {number(float(value))}" for name, value in zip(names, values, strict=True)],
        "hovertemplate": "%{customdata}<extra>" + what + "</extra>",
    }


def chosen_numbers(result: Shrinkage) -> tuple[Readout, ...]:
    """Return the numbers of the model at lambda, its certificate, and its parameters elsewhere."""
    n, rho, axes = len(result.design.y), result.spec.mix, ("lam",)
    elsewhere = [scikit_learn(rho, lam, n) for lam in result.lam.tolist()]
    name = elsewhere[0][0]
    glm = [glmnet(rho, lam) for lam in result.lam.tolist()]
    what = "Largest violation of the optimality conditions, over the largest slope at 0 or 1."
    items = [
        Readout("weights not zero", result.path.nonzero.astype(np.float64), 4, result.spec.penalty, axes=axes),
        Readout("degrees of freedom", result.path.df, 4, result.spec.penalty, axes=axes),
        Readout("error in folds", result.validation.mean, 4, "validation", axes=axes),
        Readout("error on test rows", result.test, 4, axes=axes),
        Readout("least squares there", np.array(result.plain_test), 4, axes=(), help="Least squares on the same test rows."),
        Readout("KKT residual", [number(float(each), 2) for each in result.path.kkt], 2, axes=axes, help=what),
        Readout(f"scikit-learn {name}, alpha", np.array([each[1]["alpha"] for each in elsewhere]), 6, axes=axes),
    ]
    if name == "ElasticNet":
        items.append(Readout("its l1_ratio", np.array(elsewhere[0][1]["l1_ratio"]), 5, axes=()))
    items += [
        Readout("glmnet, lambda", np.array([each["lambda"] for each in glm]), 6, axes=axes, help="On a target of variance 1, as here."),
        Readout("its alpha", np.array(glm[0]["alpha"]), 5, axes=()),
    ]
    return tuple(items)

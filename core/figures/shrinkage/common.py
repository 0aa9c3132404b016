"""What the lab's charts share: the two scrubs' axes, an empty chart over lambda, the colours of the columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from core._validate import Floats
from core.figures.against_step import spread
from core.figures.palette import PALETTE, colour
from core.figures.scene import FamilyAxis, Mark
from core.figures.template import axis, canvas
from core.statistics.shrinkage import Shrinkage
from core.statistics.shrinkage.twins import correlations

_DASHES = ("solid", "dash", "dot")  # three, so that hues that are close to each other differ in it
_ALL_NAMED = 11  # up to so many columns each has a colour and a name
_NAMED = 8
METHODS = {"l1": "lasso", "elastic_net": "elastic net", "l2": "ridge", "plain": "least squares"}
"""Method of the twins -> what it is called beside its marks."""
METHOD_INK = {"l1": "l1", "elastic_net": "elastic_net", "l2": "l2", "plain": "loss"}


def lam_axis(result: Shrinkage) -> FamilyAxis:
    """Return the axis of lambda, with the two choices of cross-validation one click away."""
    check = result.validation
    marks = [(check.best, "least error"), (check.simplest, "one standard error")]
    if check.best == check.simplest:
        marks = [(check.best, "least error, by either rule")]
    return FamilyAxis("lam", result.lam, "Drag λ, the weight of the penalty", "λ =", marks=tuple(marks))


def correlation_axis() -> FamilyAxis:
    """Return the axis of the twins' correlation."""
    r = correlations()
    marks = tuple((int(np.abs(r - at).argmin()), text) for at, text in ((0.0, "strangers"), (0.9, "0.9"), (0.99, "0.99"), (1.0, "one column")))
    return FamilyAxis("r", r, "Drag the correlation of the twins", "r =", marks=marks)


def inks(result: Shrinkage) -> tuple[list[str], list[str], list[int]]:
    """Return a palette name and a dash for each column, and the columns that have a name of their own: those whose weights grow largest."""
    d = len(result.design.names)
    reach = np.abs(result.path.w).max(axis=0)
    named = sorted(np.argsort(-reach, kind="stable")[: d if d <= _ALL_NAMED else _NAMED].tolist())
    chosen, dashes = ["muted"] * d, ["solid"] * d
    for place, j in enumerate(named):
        chosen[j], dashes[j] = f"class{place % 10}", _DASHES[place % len(_DASHES)]
    return chosen, dashes, named


def over_lam(result: Shrinkage, title: str, window: tuple[float, float], *traces: dict[str, Any], room: float = 0.0) -> dict[str, Any]:
    """Return an empty chart over lambda; ``room`` is the share of the axis that is left free at its low end, for names."""
    low, high = (float(np.log10(result.lam[i])) for i in (0, -1))
    x = axis("λ", type="log", exponentformat="power", range=[low - room * (high - low), high + 0.04 * (high - low)], dtick=1, zeroline=False)
    return canvas(*traces, xaxis=x, yaxis=axis(title, range=list(window)), uirevision=f"{result.spec.data} {result.spec.penalty}")


def cursor(result: Shrinkage) -> Mark:
    """Return the upright line at lambda."""
    return Mark("cursor", result.lam, "muted", "λ", axes=("lam",), width=1.4)


def line(x: Floats, y: Floats, name: str, ink: str, dash: str = "", width: float = 2.2) -> dict[str, Any]:
    """Return a line that answers the pointer."""
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        "mode": "lines",
        "name": name,
        "line": {"color": colour(ink), "width": width, "dash": dash or PALETTE[ink].dash},
        "hovertemplate": "λ = %{x:.3g}: %{y:.4g}<extra>" + name + "</extra>",
    }


def band(x: Floats, low: Floats, high: Floats, ink: str) -> dict[str, Any]:
    """Return a tint between two heights."""
    red, green, blue = (int(colour(ink)[i : i + 2], 16) for i in (1, 3, 5))
    return {
        "type": "scatter",
        "x": np.concatenate([x, x[::-1]]),
        "y": np.concatenate([high, low[::-1]]),
        "mode": "none",
        "fill": "toself",
        "fillcolor": f"rgba({red},{green},{blue},0.16)",
        "hoverinfo": "skip",
    }


def named(*places: tuple[float, float, str, str], anchor: str = "left", size: float = 12.5) -> list[dict[str, Any]]:
    """Return direct labels as a figure's annotations: (x, y, text, palette name), in the axes' own units (exponents where they are logarithmic)."""
    return [
        {"x": x, "y": y, "text": text, "showarrow": False, "xanchor": anchor, "font": {"color": colour(ink), "size": size}}
        for x, y, text, ink in places
    ]


def beside(places: list[float], gap: float) -> list[float]:
    """Return places on [0, 1], moved as little as needed in the mean square to lie ``gap`` apart: neighbours that are too close part both ways."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    blocks: list[list[float]] = []  # (sum, count) of places less their ranks' share, pooled until they ascend
    for rank, i in enumerate(order):
        blocks.append([places[i] - gap * rank, 1.0])
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] > blocks[-1][0] * blocks[-2][1]:
            total, count = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += count
    level = [total / count for total, count in blocks for _ in range(int(count))]
    moved = [0.0] * len(places)
    for rank, i in enumerate(order):
        moved[i] = level[rank] + gap * rank
    return spread(moved, gap)  # and inside


def choices(result: Shrinkage) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return upright lines at the two choices of cross-validation, as shapes, and their names, as annotations."""
    check = result.validation
    picked = [(check.best, "least", 0.995), (check.simplest, "1 s.e.", 0.93)]
    if check.best == check.simplest:
        picked = [(check.best, "least, 1 s.e.", 0.995)]
    low, high = (float(np.log10(result.lam[i])) for i in (0, -1))
    shapes, names = [], []
    for member, text, height in picked:
        at = float(result.lam[member])
        style = {"color": colour("validation"), "width": 1.2, "dash": "dash"}
        shapes.append({"type": "line", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1, "line": style, "layer": "below"})
        right = np.log10(at) > high - 0.2 * (high - low)
        places = {"yref": "paper", "yanchor": "top", "xanchor": "right" if right else "left", "xshift": -3 if right else 3}
        names += [each | places for each in named((float(np.log10(at)), height, text, "validation"), size=12)]
    return shapes, names

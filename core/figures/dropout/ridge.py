"""Figures: dropout on least squares beside plain ridge. In: a LeastSquares. Out: both paths over p, and a table of each column's own lambda."""

from __future__ import annotations

from typing import Any

import numpy as np

from core._validate import Floats
from core.dropout.least_squares import LeastSquares
from core.dropout.words import ridge_sentences
from core.figures.against_step import spread
from core.figures.dropout.rates import cursor, direct, over_p
from core.figures.scene import Mark, Readout, Scene, Table
from core.wording import number

INKS = tuple(f"class{i}" for i in range(10))
_DASHES = ("solid", "dash", "dot", "dashdot")


def ridge_paths(result: LeastSquares, which: str) -> Scene:
    """Return one of the two minimisers over p, per standard deviation of each column: ``which`` is "dropout" or "plain"."""
    both = result.effects
    effects = both[0] if which == "dropout" else both[1]
    low, high = float(min(each.min() for each in both)), float(max(each.max() for each in both))
    room = 0.08 * (high - low or 1.0)
    marks: list[Mark] = [cursor()]
    for j, name in enumerate(result.names):
        ink = INKS[j % len(INKS)]
        style = {"width": 2.3, "dash": _DASHES[j % len(_DASHES)]}
        marks.append(Mark("path", effects[:, j], ink, name, axes=(), abscissa=result.p, **style))  # type: ignore[arg-type]  # a path's own
    figure = over_p("effect, in standard deviations", (low - room, high + room), wide=1.5)
    figure["layout"]["annotations"] = _names(result.names, effects, low - room, high + room)
    what = "Dropout's minimiser" if which == "dropout" else "Plain ridge with the same penalty on average"
    alt = f"{what} over p: the effect of each of {len(result.names)} columns of the diabetes data."
    said = ridge_sentences(result) if which == "dropout" else _apart(result)
    return Scene(figure, alt, tuple(marks), captions=tuple(said), caption_axes=("p",), aspect=0.7, table={"p": result.p, "effect": effects})


def _names(names: tuple[str, ...], effects: Floats, low: float, high: float) -> list[dict[str, Any]]:
    """Return the columns' names beside the chart, each near where its line begins; all lines end together at 0."""
    # In the order of the lines at p = 0.1 or so, past the first rush.
    levels = effects[min(4, len(effects) - 1)]
    places = spread([float((level - low) / (high - low)) for level in levels], 0.075)
    return direct(
        *((0.985, low + place * (high - low), name, INKS[j % len(INKS)]) for j, (name, place) in enumerate(zip(names, places, strict=True)))
    )


def _apart(result: LeastSquares) -> list[str]:
    one, other = result.effects
    said = []
    for i, p in enumerate(result.p.tolist()):
        gap = np.abs(one[i] - other[i])
        j = int(gap.argmax())
        if gap[j] < 1e-9:
            why = "nothing is dropped" if p == 0.0 else "the columns are equally long, so that the data's diagonal is a multiple of the identity"
            said.append(f"p = {p:g}: the two are the same, since {why}.")
        else:
            said.append(
                f"p = {p:g}: the two differ most in {result.names[j]}: {number(float(one[i, j]))} under dropout, {number(float(other[i, j]))} under "
                "plain ridge, whose penalty weighs a column by its unit."
            )
    return said


def lambda_table(result: LeastSquares) -> Table:
    """Return each column's own lambda and dropout's weight, a row a p."""
    columns = [("p", "loss"), ("p/(1 − p)", "loss")]
    columns += [(f"λ {name}", INKS[j % len(INKS)]) for j, name in enumerate(result.names)]
    lam: Floats = result.lam
    cells = [
        [f"{p:g}", number(float(strength)), *(number(float(each)) for each in row)]
        for p, strength, row in zip(result.p.tolist(), result.strength, lam, strict=True)
    ]
    return Table("The equivalent λ of each column: 1/(2n) |y − Xw|² + Σ λⱼ wⱼ²", tuple(columns), cells, "p")


def ridge_certificate(result: LeastSquares) -> tuple[Readout, ...]:
    """Return how well enumeration and formula agree, and how level the ground is at the minimiser."""
    d = len(result.names)
    masks = "Over all masks, at the minimiser and at another point; relative."
    return (
        Readout("masks enumerated", np.array(float(2**d)), 6, axes=()),
        Readout("mean over them, a row", result.enumerated / len(result.y), 8, "dropout", axes=("p",)),
        Readout("by formula, a row", result.formula / len(result.y), 8, "l2", axes=("p",)),
        Readout("they differ by", [number(float(gap), 2) for gap in result.gap], 2, help=masks, axes=("p",)),
        Readout("slope at the minimiser", [number(float(each), 2) for each in result.gradient], 2, help="Over the slope at 0.", axes=("p",)),
    )

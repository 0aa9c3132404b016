"""Figures: points and believed lines. In: a Beliefs. Out: the plane of x and y with lines of mode, mean and samples; clicks set points."""

from __future__ import annotations

import numpy as np

from core._validate import Floats
from core.figures.priors.common import AXES
from core.figures.priors.hand import handles
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas
from core.knobs import MOST_POINTS
from core.specs.priors import PLANE
from core.statistics.priors.posteriors import Beliefs, Posterior

LINES = 24
_ROOM = 1.08
ENDS = np.array(PLANE[0]) * _ROOM
"""Between which x lines are drawn."""


def data_plane(result: Beliefs) -> Scene:
    """Return the points with lines through the origin; a click adds a point or takes one away."""
    return _lines(result, result.line, "slope alone", pick=True)


def lines_plane(result: Beliefs) -> Scene:
    """Return the points with lines of two weights, intercept and slope."""
    return _lines(result, result.plane, "intercept and slope", pick=False)


def _lines(result: Beliefs, found: Posterior, what: str, pick: bool) -> Scene:
    mode, mean = (_through(w, ENDS) for w in (found.shown, found.mean))
    drawn = _through(found.samples[:, :LINES], ENDS)
    k = len(result.scale)
    points = result.points
    marks = [Mark("segments", drawn.reshape(k, -1, 2), "axis", "samples", axes=AXES, width=0.8)]
    if len(points):
        marks.append(Mark("points", points[None], "train", "points", axes=(), size=5.5, colours=("train",)))
    marks += [
        Mark("path", mean, "posterior", "mean", axes=AXES, width=2.2, dash="dash"),
        Mark("path", mode, found.prior.ink, "mode", axes=AXES, width=2.6),
        Mark("text", mode[:, 1] * 0.93, found.prior.ink, "mode-label", axes=AXES, text="mode", side="free"),
        Mark("text", mean[:, 0] * 0.93, "posterior", "mean-label", axes=AXES, text="mean", side="free"),
    ]
    (x_low, x_high), (y_low, y_high) = PLANE
    figure = canvas(xaxis=axis("x", range=[_ROOM * x_low, _ROOM * x_high]), yaxis=axis("y", range=[_ROOM * y_low, _ROOM * y_high]))
    count = f"{len(points)} point{'' if len(points) == 1 else 's'}"
    if pick:
        full = f"{count}, the most there can be: click one to take it away." if len(points) >= MOST_POINTS else ""
        said = full or f"{count}. Click to add one, drag it to move it, click it to take it away. Thin: lines of {LINES} samples."
    else:
        said = f"Solid: the mode's line. Dashed: the mean's. Thin: lines of {LINES} samples of intercept and slope."
    alt = f"Plane of x and y with {count} and the lines that the posterior of {what} believes in: its mode, its mean and samples."
    table = {"x": points[:, 0], "y": points[:, 1]} if pick else {}
    return Scene(
        figure, alt, tuple(marks), captions=(said,), caption_axes=(), table=table, aspect=0.78, pick=pick, handles=handles(result) if pick else ()
    )


def _through(w: Floats, x: Floats) -> Floats:
    """Return lines (..., 2, 2) from their weights (..., d), slope or intercept and slope, between two x."""
    height = w[..., -1:] * x + (w[..., :1] if w.shape[-1] == 2 else 0.0)
    return np.stack([np.broadcast_to(x, height.shape), height], axis=-1)

"""Figure: bias^2 against variance. In: a BiasVariance. Out: the path of the family, lines of equal sum, the one that the path touches."""

from __future__ import annotations

import numpy as np

from core.figures.bias_variance.panel import family_axis
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas
from core.statistics.bias_variance.experiment import BiasVariance
from core.statistics.bias_variance.words import beginning, head, rest, small

# Of the least bias^2 + variance: what is larger leaves the frame.
_WIDE = 3.2


def trade(result: BiasVariance) -> Scene:
    """Return the family as a path in the plane of bias^2 and variance."""
    name, best = family_axis(result).name, result.best
    least = max(float(result.bias[best] + result.variance[best]), 1e-9)
    side = _WIDE * least
    path = np.clip(np.column_stack([result.bias, result.variance]), -side, 4.0 * side)
    last = len(path) - 1
    marks = [_equal(each * least, 1.0, "dot") for each in (2.0, 3.0, 4.0)]
    marks += [
        _equal(least, 2.2, "dash", f"sum {small(least)}"),
        Mark("path", path, "loss", "the family", axes=(), width=2.6),
        Mark("point", path[0], "loss", "first", axes=(), symbol="ring", size=4.5, text=head(result, 0), side="above"),
        Mark("point", path[last], "loss", "last", axes=(), symbol="ring", size=4.5, text=head(result, last), side="above"),
        Mark("point", path[best], "loss", "best", axes=(), symbol="star", size=7),
        Mark("point", path, "variance", "here", axes=(name,), size=6.5),
    ]
    figure = canvas(
        xaxis=axis(rest(result), range=[-0.06 * side, side], zeroline=False), yaxis=axis("variance", range=[-0.06 * side, side], zeroline=False)
    )
    part = "bias squared" if result.known else "noise and bias squared together"
    alt = f"Variance against {part} along the family: a path, and straight lines of equal sum; the path touches the lowest of them at a star."
    return Scene(figure, alt, tuple(marks), captions=tuple(_said(result, i) for i in range(len(path))), caption_axes=(name,), aspect=0.62)


def _said(result: BiasVariance, i: int) -> str:
    reducible = result.bias + result.variance
    text = f"{beginning(result, i)}: {rest(result)} + variance is {small(float(reducible[i]))}"
    return text + (", the least of all." if i == result.best else f", {_times(float(reducible[i] / max(reducible[result.best], 1e-300)))} the least.")


def _times(ratio: float) -> str:
    return f"{ratio:.2f} times" if ratio < 100.0 else "far above"


def _equal(height: float, width: float, dash: str, text: str = "") -> Mark:
    """Return the line on which the sum is ``height``, named at its lower end."""
    ends = np.array([[0.0, height], [height, 0.0]])
    return Mark("path", ends, "muted", "equal sum", axes=(), width=width, dash=dash, text=text, side="above")

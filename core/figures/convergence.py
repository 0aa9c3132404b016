"""Figure: the distance to the minimum, as predicted and as it is. In: a Smoothing. Out: two curves over steps, logarithmic, moving with lambda."""

from __future__ import annotations

import numpy as np

from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas
from core.smoothing import STEPS, Smoothing
from core.smoothing_words import rate_sentences

_LOWEST, _HIGHEST = 1e-16, 1e6


def convergence(result: Smoothing) -> Scene:
    """Return the measured and the predicted distance as a scene over the axis "lam"."""
    steps = np.arange(STEPS + 1, dtype=np.float64)
    first = result.distance[:, :1]
    with np.errstate(under="ignore", over="ignore"):
        predicted = first * result.predicted[:, None] ** steps
    measured, expected = (np.clip(each, _LOWEST, _HIGHEST) for each in (result.distance, predicted))
    # Where nothing is predicted the line is out of sight.
    expected = np.where(result.settles[:, None], expected, _LOWEST * 1e-3)
    scale = float(np.log10(np.median(first)))
    marks = (
        Mark("path", expected, "muted", "predicted", axes=("lam",), width=2.2, dash="dash", abscissa=steps),
        Mark("path", measured, result.spec.rule, "measured", axes=("lam",), width=2.6, abscissa=steps),
    )
    figure = canvas(
        xaxis=axis("steps", range=[0.0, float(STEPS)]),
        yaxis=axis("distance to the minimum", type="log", range=[scale - 10.0, scale + 1.5], exponentformat="power"),
    )
    alt = "Distance to the lowest minimum over steps: a dashed line as the curvature predicts, a solid one as the run has it."
    return Scene(figure, alt, marks, captions=tuple(rate_sentences(result)), caption_axes=("lam",), aspect=0.62)

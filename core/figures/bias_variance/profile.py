"""Figure: where along x the error comes from. In: a BiasVariance. Out: bias^2, variance, noise and their sum over x, following the scrub."""

from __future__ import annotations

import numpy as np

from core.figures.bias_variance.panel import curve, family_axis, within, x_of
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas
from core.statistics.bias_variance.experiment import BiasVariance, places
from core.statistics.bias_variance.words import sum_sentences

# Of the best member's highest sum: what is higher leaves the frame.
_TALL = 4.0


def profile(result: BiasVariance) -> Scene:
    """Return the parts of the expected squared error at each x as a scene."""
    name = family_axis(result).name
    total = result.bias_at + result.variance_at + result.noise
    top = max(min(_TALL * float(total[result.best].max()), 1.08 * float(total.max())), 1e-9)
    window = (-0.04 * top, top)
    if not result.known:
        return _variance(result, name, window)
    noise = np.full_like(result.truth, result.noise)
    marks = (
        Mark("cursor", places(), "muted", "x", axes=("place",), width=1.2, dash="dot"),
        curve(noise, "muted", "noise", (), text="noise", dash="dot"),
        curve(within(result.variance_at, window), "variance", "variance", (name,)),
        curve(within(result.bias_at, window), "bias", "bias²", (name,)),
        curve(within(total, window), "loss", "sum", (name,), width=2.8),
    )
    figure = canvas(
        xaxis=axis("x", range=[-1.04, 1.62], zeroline=False, tickvals=[-1, -0.5, 0, 0.5, 1]),
        yaxis=axis("mean squared error at x", range=list(window)),
    )
    alt = "Bias squared, variance and noise at each x, and their sum, the expected squared error of a fit at a new point there."
    table = {name: result.along, "bias2": result.bias_at, "variance": result.variance_at}
    return Scene(figure, alt, marks, captions=tuple(sum_sentences(result)), caption_axes=(name,), aspect=0.72, table=table)


def _variance(result: BiasVariance, name: str, window: tuple[float, float]) -> Scene:
    """Return the variance alone: of own data nobody knows at an x how much of the rest is bias."""
    marks = (
        Mark("cursor", places(), "muted", "x", axes=("place",), width=1.2, dash="dot"),
        curve(within(result.variance_at, window), "variance", "variance", (name,), width=2.8),
    )
    figure = canvas(xaxis=x_of(result, 1.45), yaxis=axis("variance of the fits at x", range=list(window)))
    alt = "The variance of the fits at each x. Noise and bias squared cannot be told apart at an x where the truth is not known."
    table = {name: result.along, "variance": result.variance_at}
    return Scene(figure, alt, marks, captions=tuple(sum_sentences(result)), caption_axes=(name,), aspect=0.72, table=table)

"""Figure: all fits at one x. In: a BiasVariance. Out: a histogram of 400 predictions, their mean, and the truth."""

from __future__ import annotations

import numpy as np

from core.figures.bias_variance.panel import family_axis, within
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas
from core.statistics.bias_variance.experiment import BINS, SETS, BiasVariance


def slice_at(result: BiasVariance) -> Scene:
    """Return the histogram of the fits at x as a scene over the family axis and "place"."""
    name = family_axis(result).name
    low, high = result.window
    edges = np.linspace(low, high, BINS + 1)
    shares = result.counts / SETS
    top = 1.12 * float(min(1.0, np.quantile(shares[result.best].max(axis=1), 0.6) * 1.5))
    mean, truth = within(result.mean[:, ::4], result.window), result.truth[::4]
    marks: tuple[Mark, ...] = (
        Mark("bars", shares, "variance", "fits", axes=(name, "place"), abscissa=edges, fill=0.55),
        Mark("cursor", truth, "loss", "truth", axes=("place",), width=2.2, dash="dashdot"),
        Mark("cursor", mean, "bias", "mean fit", axes=(name, "place"), width=2.6),
        Mark("text", np.column_stack([truth, np.full(len(truth), 0.96 * top)]), "loss", "truth", axes=("place",), text="truth", side="free"),
        Mark("text", np.stack([mean, np.full_like(mean, 0.86 * top)], axis=-1), "bias", "mean", axes=(name, "place"), text="mean fit", side="free"),
    )
    if not result.known:
        marks = tuple(mark for mark in marks if mark.name != "truth")
    figure = canvas(xaxis=axis("what the fits say at x", range=[low, high]), yaxis=axis("share of the 400 fits", range=[0.0, top]))
    alt = "How many of the 400 fits take which value at the chosen x, with upright lines at the truth and at the mean of the fits."
    if result.known:
        said = "The lines' distance is the bias here, the hill's width the variance. What lies beyond the frame is counted in its first and last bar."
    else:
        alt = "How many of the 400 fits take which value at the chosen x, with an upright line at the mean of the fits."
        said = "The hill's width is the variance here. What lies beyond the frame is counted in its first and last bar."
    return Scene(figure, alt, marks, captions=(said,) * len(result.lam), caption_axes=(name,), aspect=0.6)

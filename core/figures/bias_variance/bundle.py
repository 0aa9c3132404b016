"""Figure: the fits of many training sets. In: a BiasVariance, and whose points are shown. Out: a bundle of curves, their mean, the truth."""

from __future__ import annotations

import numpy as np

from core.figures.bias_variance.panel import curve, family_axis, within
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas
from core.specs.bias_variance import BUNDLE
from core.statistics.bias_variance.experiment import BiasVariance, grid, places
from core.statistics.bias_variance.truths import TRUTHS
from core.statistics.bias_variance.words import bundle_sentences


def bundle(result: BiasVariance, focus: int) -> Scene:
    """Return the bundle as a scene; ``focus``, from 0, is the training set whose points and fit stand out."""
    axes, window = (family_axis(result).name,), result.window
    fits = within(result.fits, window)
    others = (s for s in range(BUNDLE) if s != focus)
    marks = [curve(fits[s], "variance", f"fit {s + 1}", axes, width=0.8, dash="solid", text="") for s in others]
    marks += [
        Mark("cursor", places(), "muted", "x", axes=("place",), width=1.2, dash="dot"),
        curve(fits[focus], "train", "one fit", axes, text="one fit", width=1.8),
        Mark("points", np.column_stack([result.x[focus], result.y[focus]]), "train", "its points", axes=(), size=4.5),
        curve(within(result.mean, window), "bias", "mean fit", axes, text="mean", width=3.0),
        curve(result.truth, "loss", "truth", (), text="truth", width=2.2, dash="dashdot"),
    ]
    figure = canvas(xaxis=axis("x", range=[-1.04, 1.45], zeroline=False, tickvals=[-1, -0.5, 0, 0.5, 1]), yaxis=axis("y", range=list(window)))
    alt = f"{BUNDLE} fits, each of another training set, over x, their mean, the truth {TRUTHS[result.spec.truth].formula}, and one set's points."
    table = {"x": grid(), "truth": result.truth, "mean_fit": result.mean}
    return Scene(figure, alt, tuple(marks), captions=tuple(bundle_sentences(result)), caption_axes=axes, aspect=0.72, table=table)

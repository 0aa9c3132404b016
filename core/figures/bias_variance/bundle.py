"""Figure: the fits of many training sets. In: a BiasVariance, and whose points are shown. Out: a bundle of curves, their mean, the truth."""

from __future__ import annotations

import numpy as np

from core._validate import Floats
from core.figures.bias_variance.panel import curve, family_axis, within, x_of
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas
from core.specs.bias_variance import BUNDLE
from core.statistics.bias_variance.experiment import BiasVariance, Source, grid, places
from core.statistics.bias_variance.truths import TRUTHS
from core.statistics.bias_variance.words import bundle_sentences

_SHOWN = 400  # rows of somebody's own: more would be a blot


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
    ]
    if result.source is None:
        marks.append(curve(result.truth, "loss", "truth", (), text="truth", width=2.2, dash="dashdot"))
    else:
        marks.insert(0, Mark("points", _rows(result.source), "muted", "rows", axes=(), size=2.0))
    figure = canvas(xaxis=x_of(result, 1.45), yaxis=axis("y" if result.source is None else result.source.target, range=list(window)))
    truth = f"the truth {TRUTHS[result.spec.truth].formula}" if result.known else "the rows that sets are drawn from"
    alt = f"{BUNDLE} fits, each of another training set, over x, their mean, {truth}, and one set's points."
    table = {"x": grid()} | ({"truth": result.truth} if result.known else {}) | {"mean_fit": result.mean}
    return Scene(figure, alt, tuple(marks), captions=tuple(bundle_sentences(result)), caption_axes=axes, aspect=0.72, table=table)


def _rows(source: Source) -> Floats:
    """Return a few hundred of the rows that sets are drawn from, (m, 2)."""
    return np.column_stack([source.x, source.y])[:_SHOWN]

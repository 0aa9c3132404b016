"""Figures: the sum of many units with and without a fix. In: a Scaling. Out: histograms over masks that follow p; mean and variance against p."""

from __future__ import annotations

import numpy as np

from core._validate import Floats
from core.dropout.scaling import Scaling
from core.dropout.words import scaling_sentences, variance_sentences
from core.figures.dropout.rates import cursor, direct, line, over_p
from core.figures.palette import colour
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas

BINS = 90


def signal_histogram(result: Scaling) -> Scene:
    """Return the sums over all masks, without a fix and divided by 1 - p, with what a test gives."""
    top = 2.2 * result.full
    width = max(1.0, np.ceil(top / result.signal / BINS)) * result.signal  # whole counts, so that no bin is empty by arithmetic
    edges = np.arange(-0.5 * width, top + width, width)
    plain, inverted = _counted(result.plain, edges), _counted(result.inverted, edges)
    high = float(min(1.05, 1.15 * max(np.quantile(plain[2:].max(axis=1), 0.7), np.quantile(inverted[2:].max(axis=1), 0.7))))
    k = len(result.p)
    full, kept = np.full(k, result.full), result.mean
    bar = {"axes": ("p",), "abscissa": edges}
    marks = (
        Mark("bars", np.minimum(plain, 2.0), "l1", "no fix", fill=0.55, **bar),  # type: ignore[arg-type]
        Mark("bars", np.minimum(inverted, 2.0), "dropout", "divided by 1 − p", fill=0.55, **bar),  # type: ignore[arg-type]
        Mark("cursor", full, "loss", "test", axes=("p",), width=2.2, text="test, whole"),
        Mark("cursor", kept, "muted", "test × (1 − p)", axes=("p",), width=2.0, dash="dash"),
        Mark("text", np.column_stack([kept, np.full(k, 0.86 * high)]), "muted", "scaled", axes=("p",), text="test × (1 − p)", side="free"),
        Mark("text", np.column_stack([result.plain.mean(axis=1), np.full(k, 0.7 * high)]), "l1", "training", axes=("p",), text="no fix", side="free"),
        Mark(
            "text",
            np.column_stack([result.inverted.mean(axis=1), np.full(k, 0.54 * high)]),
            "dropout",
            "inverted",
            axes=("p",),
            text="÷ (1 − p)",
            side="free",
        ),
    )
    figure = canvas(xaxis=axis("signal at the next unit", range=[0.0, top]), yaxis=axis("share of the masks", range=[0.0, high]))
    alt = (
        f"How {result.units} units sum over {result.plain.shape[1]} masks: without a fix, and divided by 1 − p; upright lines are the sums of a test."
    )
    return Scene(figure, alt, marks, captions=tuple(scaling_sentences(result)), caption_axes=("p",), aspect=0.62)


def _counted(sums: Floats, edges: Floats) -> Floats:
    shares: Floats = np.stack([np.histogram(np.minimum(row, edges[-1]), edges)[0] for row in sums]) / sums.shape[1]
    return shares


def signal_moments(result: Scaling) -> Scene:
    """Return mean and variance of the inverted sum against p, measured and by formula, in units of the whole signal and of N x^2."""
    mean, variance = result.inverted.mean(axis=1) / result.full, result.inverted.var(axis=1) / (result.units * result.signal**2)
    per = result.units * result.signal**2
    every = slice(0, None, 2)
    dots = [
        {
            "type": "scatter",
            "x": result.p[every],
            "y": found[every],
            "mode": "markers",
            "name": name,
            "marker": {"color": ink, "size": 6, "symbol": symbol},
            "hovertemplate": "p = %{x:.3g}: %{y:.4g}<extra>" + name + "</extra>",
        }
        for found, name, ink, symbol in (
            (mean, "mean / N x", colour("dropout"), "circle"),
            (variance, "variance / N x²", colour("adamw"), "diamond"),
            (result.plain.mean(axis=1) / result.full, "mean, no fix", colour("l1"), "square"),
        )
    ]
    marks = (
        cursor(),
        line(np.ones(len(result.p)), "dropout", "mean, ÷ (1 − p)", dash="solid", text=""),
        line(result.mean / result.full, "l1", "mean, no fix", text=""),
        line(result.variance / per, "adamw", "variance p/(1 − p)", dash="solid", text=""),
    )
    figure = over_p("per unit", (-0.1, 4.2), *dots)
    figure["layout"]["annotations"] = direct(
        (0.03, 1.2, "mean, divided by 1 − p", "dropout"), (0.8, 0.35, "mean, no fix", "l1"), (0.42, 2.2, "variance: p/(1 − p)", "adamw")
    )
    alt = "Mean and variance of the sum against p, per unit: lines are formulas, points are measured over masks."
    return Scene(figure, alt, marks, captions=tuple(variance_sentences(result)), caption_axes=("p",), aspect=0.62)

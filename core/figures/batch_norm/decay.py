"""Figures: weight decay. In: a DecayResult. Out: effective rate and turning over the epochs at a lambda, and the sharpness against lambda."""

from __future__ import annotations

import numpy as np

from core._validate import Floats
from core.batch_norm.decay import DecayResult
from core.batch_norm.words import decay_sentences
from core.figures.batch_norm.pairs import BOTH, HEADS, INKS, bounded, log_axis, median, middle, seeds
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas


def effective_rates(result: DecayResult) -> Scene:
    """Return rate / |w|^2 of a hidden unit over the epochs as a scene over the axis "lam"."""
    scene = _over_epochs(result, result.effective, "effective rate η/|w|²" if result.power == 2 else "effective rate η/|w|")
    captions = tuple(decay_sentences(result))
    return Scene(scene.figure, scene.alt, scene.marks, captions=captions, caption_axes=("lam",), table=scene.table, aspect=0.62)


def turnings(result: DecayResult) -> Scene:
    """Return the angle by which a step turns a hidden unit's weights over the epochs, with where decay and gradient balance under SGD."""
    marks = []
    if result.study.rule == "sgd":
        line = np.repeat(np.maximum(np.degrees(result.balance), 1e-6)[:, None], 2, axis=1)
        ends = result.epochs[[0, -1]]
        words = ["balance" if value > 0.0 else "" for value in result.balance]
        marks.append(Mark("path", line, "muted", "balance", axes=("lam",), width=1.6, dash="dot", abscissa=ends, text=words, side="above"))
    return _over_epochs(result, np.degrees(result.angle), "turning of a step, degrees", marks)


def _over_epochs(result: DecayResult, values: Floats, title: str, below: list[Mark] | None = None) -> Scene:
    there = values[np.isfinite(values) & (values > 0.0)]
    low, high = (0.7 * float(np.quantile(there, 0.01)), 1.5 * float(there.max())) if there.size else (0.1, 10.0)
    marks = list(below or [])
    shown = np.moveaxis(bounded(values, low, high), 0, -1)
    for which in BOTH:
        marks += seeds(shown[:, :, which], result.epochs, which, ("lam",), width=0.8)
    for which in BOTH:
        line = np.moveaxis(bounded(median(values[..., which], 2), low, high), 0, -1)
        marks.append(middle(line, result.epochs, which, ("lam",)))
    figure = canvas(xaxis=axis("epoch", range=[0.0, 1.35 * float(result.epochs[-1])]), yaxis=log_axis(title, low, high) | {"dtick": "D2"})
    alt = f"{title} over the epochs at the lambda chosen on a logarithmic axis, a thin line for each seed, with and without batch norm."
    return Scene(figure, alt, tuple(marks), table={"epoch": result.epochs}, aspect=0.62)


def sharpness_curve(result: DecayResult) -> Scene:
    """Return the largest eigenvalue of the Hessian at the end against lambda as a scene over the axis "lam"."""
    # lambda = 0 has a place of its own at the left of the logarithmic axis.
    places = np.where(result.lam > 0.0, result.lam, 0.3 * float(result.lam[1]))
    there = result.sharpness[result.sharpness > 0.0]
    low, high = (0.6 * float(there.min()), 1.6 * float(there.max())) if there.size else (0.1, 10.0)
    shown = bounded(result.sharpness, low, high)
    marks = [Mark("cursor", places, "muted", "lambda", axes=("lam",), width=1.6)]
    for which in BOTH:
        marks += seeds(shown[:, :, which].T, places, which, (), width=0.8)
    for which in BOTH:
        line = bounded(median(result.sharpness[..., which], 1), low, high)
        marks.append(middle(line, places, which, ()))
        marks.append(Mark("point", np.stack([places, line], axis=1), INKS[which], "here", axes=("lam",), symbol=HEADS[which], size=7))
    ticks = {"tickmode": "array", "tickvals": places, "ticktext": [f"{value:g}" for value in result.lam], "dtick": None}
    figure = canvas(
        xaxis=log_axis("λ = weight_decay / 2", float(places[0]) / 1.3, float(places[-1]) * 3.0) | ticks,
        yaxis=log_axis("largest eigenvalue of the Hessian", low, high) | {"dtick": "D2"},
    )
    alt = "Largest eigenvalue of the training loss' Hessian at the end against lambda on logarithmic axes, with and without batch norm."
    table = {"lambda": result.lam, "without": median(result.sharpness[..., 0], 1), "with": median(result.sharpness[..., 1], 1)}
    return Scene(figure, alt, tuple(marks), table=table, aspect=0.62)

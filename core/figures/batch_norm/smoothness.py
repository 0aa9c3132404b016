"""Figures: the loss along the step. In: a SmoothnessResult. Out: the loss against the step at an epoch, and one number over the epochs."""

from __future__ import annotations

import numpy as np

from core.batch_norm.smoothness import SmoothnessResult
from core.batch_norm.words import NAMES, smoothness_sentences
from core.figures.batch_norm.pairs import BOTH, HEADS, INKS, bounded, log_axis, median, middle, seeds
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas

_STEPS = {"rate": "step along the gradient, in multiples of the rate", "weights": "step along the gradient, as a share of |w|"}
_JUDGES = {
    ("loss", "rate"): "range of the loss",
    ("loss", "weights"): "range of the loss",
    ("gradient", "rate"): "largest |g(w − tg) − g(w)|",
    ("gradient", "weights"): "largest |g(w − tg) − g(w)| / |g(w)|",
    ("smoothness", "rate"): "effective β",
    ("smoothness", "weights"): "effective β times |w|²",
}


def step_losses(result: SmoothnessResult, steps: str) -> Scene:
    """Return how the loss changes along the step, less where it begins, as a scene over the axis "epoch"."""
    change = result.loss[steps] - result.loss0[..., None]
    # From the start itself, so that the lines begin at 0.
    change = np.concatenate([np.zeros_like(change[..., :1]), change], axis=-1)
    # A step of 0 has no place on a logarithmic axis; the picture is linear.
    abscissa = np.concatenate([[0.0], result.steps[steps]])
    reach = float(np.nanquantile(np.abs(median(change, 1)), 0.9))
    high = max(1e-3, 1.4 * reach)
    shown = bounded(change, -high, 4.0 * high)
    marks: list[Mark] = []
    for which in BOTH:
        marks += seeds(shown[:, :, which], abscissa, which, ("epoch",))
    for which in BOTH:
        marks.append(middle(bounded(median(change[:, :, which], 1), -high, 4.0 * high), abscissa, which, ("epoch",)))
    figure = canvas(
        xaxis=axis(_STEPS[steps], range=[0.0, 1.3 * float(abscissa[-1])]),
        yaxis=axis("change of the loss", range=[-high, high]),
    )
    alt = "How the training loss changes along minus its gradient at the epoch chosen, a thin line for each seed, with and without batch norm."
    return Scene(figure, alt, tuple(marks), aspect=0.66)


def smooth_over_epochs(result: SmoothnessResult, judge: str, steps: str) -> Scene:
    """Return one number of each network over the epochs as a scene over the axis "epoch"."""
    judged = result.judged(judge, steps)
    there = judged[np.isfinite(judged) & (judged > 0.0)]
    low, high = (0.5 * float(there.min()), 2.0 * float(there.max())) if there.size else (0.1, 10.0)
    low = max(low, 1e-6 * high)
    shown = bounded(judged, low, high)
    marks = [Mark("cursor", result.epochs, "muted", "epoch", axes=("epoch",), width=1.6)]
    for which in BOTH:
        marks += seeds(shown[:, :, which].T, result.epochs, which, ())
    for which in BOTH:
        line = bounded(median(judged[..., which], 1), low, high)
        marks.append(middle(line, result.epochs, which, ()))
        marks.append(Mark("point", np.stack([result.epochs, line], axis=1), INKS[which], "here", axes=("epoch",), symbol=HEADS[which], size=7))
    figure = canvas(xaxis=axis("epoch", range=[-0.5, 1.35 * float(result.epochs[-1])]), yaxis=log_axis(_JUDGES[judge, steps], low, high))
    alt = f"{_JUDGES[judge, steps]} of each network over the epochs on a logarithmic axis, with and without batch norm."
    table = {"epoch": result.epochs} | {f"{NAMES[which]}, seed {i}": judged[:, i, which] for which in BOTH for i in range(judged.shape[1])}
    captions = tuple(smoothness_sentences(result, judge, steps))
    return Scene(figure, alt, tuple(marks), captions=captions, caption_axes=("epoch",), table=table, aspect=0.66)

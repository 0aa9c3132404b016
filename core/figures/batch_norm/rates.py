"""Figures: what each learning rate leads to. In: a RateResult. Out: the last loss against the rate, and the loss curves at the rate chosen."""

from __future__ import annotations

import numpy as np

from core.batch_norm.rates import RateResult
from core.batch_norm.words import NAMES, rate_sentences
from core.figures.batch_norm.pairs import BOTH, HEADS, INKS, TAGS, bounded, log_axis, median, middle, seeds
from core.figures.palette import colour
from core.figures.scene import Mark, Scene
from core.figures.template import canvas

HIGHEST = 1e9
"""What a table says of a network that has diverged."""
FLOOR = 1e-4
"""Losses are drawn down to here, and up to a few times what knowing nothing costs."""


def window(result: RateResult) -> tuple[float, float]:
    """Return the lowest and the highest loss that is drawn."""
    low = float(np.nanmin(result.train)) if np.isfinite(result.train).any() else FLOOR
    return max(FLOOR, 10.0 ** np.floor(np.log10(max(low, FLOOR)))), 6.0 * result.study.ignorance


def rate_curves(result: RateResult) -> Scene:
    """Return the last training loss against the rate as a scene over the axis "at_rate"; what has diverged stands at the top."""
    low, high = window(result)
    final = bounded(result.final, low, high)
    marks = [
        Mark("cursor", result.rates, "muted", "rate", axes=("at_rate",), width=1.6),
        Mark(
            "path",
            np.full(2, result.threshold),
            "muted",
            "has learnt below",
            axes=(),
            width=1.2,
            dash="dot",
            abscissa=result.rates[[0, -1]],
        ),
        Mark("text", np.array([result.rates[0], result.threshold]), "muted", "name of the threshold", axes=(), text="learnt below", side="right"),
    ]
    for which in BOTH:
        marks += seeds(final[:, :, which].T, result.rates, which, ())
    for which in BOTH:
        line = bounded(median(result.final[..., which], 1), low, high)
        marks.append(middle(line, result.rates, which, (), text=""))
        here = np.stack([result.rates, line], axis=1)
        name = f"{NAMES[which]}, here"
        marks.append(Mark("point", here, INKS[which], name, axes=("at_rate",), symbol=HEADS[which], size=7, text=TAGS[which], side="free"))
    figure = canvas(
        xaxis=log_axis("learning rate", float(result.rates[0]), float(result.rates[-1])),
        yaxis=log_axis("last training loss", low, high),
    )
    alt = (
        "Last training loss against the learning rate on logarithmic axes, a thin line for each seed and a thick one for their median, with and "
        "without batch norm; networks that diverged stand at the top."
    )
    names = {f"{NAMES[which]}, seed {i}": np.minimum(result.final[:, i, which], HIGHEST) for which in BOTH for i in range(result.final.shape[1])}
    return Scene(
        figure,
        alt,
        tuple(marks),
        captions=tuple(rate_sentences(result)),
        caption_axes=("at_rate",),
        table={"rate": result.rates} | names,
        aspect=0.66,
    )


def rate_losses(result: RateResult) -> Scene:
    """Return the training loss over the epochs at the rate chosen, as a scene over the axis "at_rate"."""
    low, high = window(result)
    shown = bounded(result.train, low, high)
    marks: list[Mark] = []
    for which in BOTH:
        marks += seeds(shown[:, :, which], result.epochs, which, ("at_rate",))
    for which in BOTH:
        marks.append(middle(bounded(median(result.train[:, :, which], 1), low, high), result.epochs, which, ("at_rate",)))
    figure = canvas(
        xaxis={
            "title": {"text": "epoch", "standoff": 6},
            "range": [0.0, 1.32 * float(result.epochs[-1])],
            "gridcolor": colour("grid"),
            "ticks": "outside",
        },
        yaxis=log_axis("training loss", low, high),
    )
    alt = "Training loss over the epochs at the rate chosen, a thin line for each seed and a thick one for their median, with and without batch norm."
    return Scene(figure, alt, tuple(marks), aspect=0.66)

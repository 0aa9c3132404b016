"""Figure: the parts of the error along the family. In: a BiasVariance. Out: noise, bias^2 and variance stacked; test and training error."""

from __future__ import annotations

from typing import Any

import numpy as np

from core._validate import Floats
from core.figures.against_step import spread
from core.figures.bias_variance.panel import along, along_axis, family_axis, named, within
from core.figures.palette import colour
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas
from core.statistics.bias_variance.experiment import BiasVariance
from core.statistics.bias_variance.words import rest, training_sentence, verdict

# Of the least sum: what is higher leaves the frame. Along a size there is more to be seen up there, such as a peak in the middle.
_TALL = {"lam": 4.0, "at": 9.0}


def totals(result: BiasVariance) -> Scene:
    """Return the parts of the error over lambda or size as a scene."""
    name, x, best = family_axis(result).name, along(result), result.best
    noise = np.full_like(x, result.noise)
    total, train = result.total, result.train.mean(axis=1)
    biased = noise + np.clip(result.bias, 0.0, total - noise)  # an estimate below 0, by chance, has no place in a stack
    top = max(min(_TALL[name] * float(total[best]), 1.1 * float(total.max())), 1.3 * float(total[best]), 1e-9)
    window = (0.0, top)
    unseen = (
        _band(x, np.zeros_like(x), noise, "muted", "noise", window, fill=0.22),
        _line(x, noise, "muted", "noise", window, dash="dot"),
    )
    marks = (
        *(unseen[:1] if result.known else ()),
        _band(x, noise, biased, "bias", rest(result), window, pattern="hatch"),
        _band(x, biased, total, "variance", "variance", window, pattern="dots"),
        *(unseen[1:] if result.known else ()),
        _line(x, biased, "bias", "noise + bias²", window),
        _line(x, total, "loss", "sum", window, width=2.8),
        _line(x, train, "train", "training error", window, dash="dash"),
        Mark("cursor", x, "muted", name, axes=(name,), width=1.4),
        Mark("point", np.column_stack([x, within(total, window)]), "loss", "here", axes=(name,), size=6),
        Mark("point", np.array([x[best], total[best]]), "loss", "best", axes=(), symbol="star", size=7, text="least", side="above"),
    )
    figure = canvas(
        *((_measured(result, x, top),) if result.known else ()), xaxis=along_axis(result, 0.36), yaxis=axis("mean squared error", range=list(window))
    )
    figure["layout"]["annotations"] = _labels(result, x, noise, biased, total, train, top)
    alt = (
        f"Noise, bias squared and variance stacked over {'lambda' if name == 'lam' else 'the size'}, up to their sum; the test error "
        "measured on points of its own with its standard error, and the training error."
    )
    if not result.known:
        alt = "Noise and bias squared together, and variance, stacked along the family up to the error on rows held back; and the training error."
    said = verdict(result) + training_sentence(result)
    table = {name: result.along, "bias2": result.bias, "variance": result.variance, "noise": noise, "sum": total, "sum_se": result.total_se}
    table |= {"test": result.test, "test_se": result.test_se, "train": train, "largest_share": result.heaviest}
    return Scene(figure, alt, marks, captions=(said,) * len(x), caption_axes=(name,), aspect=0.72, table=table)


def _band(x: Floats, low: Floats, high: Floats, ink: str, name: str, window: tuple[float, float], **style: Any) -> Mark:  # noqa: ANN401 - a mark's own
    there, back = np.column_stack([x, within(low, window)]), np.column_stack([x, within(high, window)])[::-1]
    return Mark("region", np.concatenate([there, back]), ink, name, axes=(), width=0.0, **style)


def _line(x: Floats, y: Floats, ink: str, name: str, window: tuple[float, float], width: float = 1.8, dash: str = "solid") -> Mark:
    return Mark("path", within(y, window), ink, name, axes=(), abscissa=x, width=width, dash=dash)


def _measured(result: BiasVariance, x: Floats, top: float) -> dict[str, Any]:
    """Return every second measured test error that is in the frame, with its standard error."""
    seen = np.flatnonzero(result.test < 1.2 * top)[:: 2 if result.spec.axis == "lam" else 1]
    ink = colour("validation")
    error = {"type": "data", "array": np.minimum(result.test_se[seen], 2.0 * top), "color": ink, "thickness": 1.4, "width": 3}
    return {
        "type": "scatter",
        "x": x[seen],
        "y": result.test[seen],
        "mode": "markers",
        "name": "measured",
        "marker": {"color": ink, "size": 6, "symbol": "diamond"},
        "error_y": error,
        "hovertemplate": "%{y:.4g}<extra>measured test error</extra>",
    }


def _labels(result: BiasVariance, x: Floats, noise: Floats, biased: Floats, total: Floats, train: Floats, top: float) -> list[dict[str, Any]]:
    """Return direct labels at the right end, each beside its band or line, kept apart."""
    middle = [(noise[-1] + biased[-1]) / 2.0, (biased[-1] + total[-1]) / 2.0, total[-1], train[-1]]
    texts, inks = [rest(result), "variance", "sum", "training"], ["bias", "variance", "loss", "train"]
    if result.known:
        middle, texts, inks = [noise[-1] / 2.0, *middle, result.test[-1]], ["noise", *texts, "◆ measured"], ["muted", *inks, "validation"]
    heights = spread([float(np.clip(each / top, 0.03, 0.97)) for each in middle], 0.07)
    place = float(x[-1]) + 0.015 * float(np.ptp(x))
    return [named(place, height * top, text, ink) for height, text, ink in zip(heights, texts, inks, strict=True)]

"""Figures: the weights times c. In: an Invariance. Out: the loss along c w, and the sizes of its gradient and curvature."""

from __future__ import annotations

import numpy as np

from core.batch_norm.invariance import Invariance
from core.batch_norm.words import invariance_sentences
from core.figures.batch_norm.pairs import log_axis
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas

_LOOKS = (("plain", "loss", "dash", "without"), ("exact", "batch_norm", "solid", "batch norm"))


def ray_losses(result: Invariance) -> Scene:
    """Return the loss along c w as a scene over the axis "c"."""
    marks = [Mark("cursor", result.factors, "muted", "c", axes=("c",), width=1.6)]
    for kind, ink, dash, name in _LOOKS:
        loss = result.rays[kind].loss
        marks.append(Mark("path", loss, ink, name, axes=(), width=2.6, dash=dash, abscissa=result.factors, text=name, side="free"))
        marks.append(Mark("point", np.stack([result.factors, loss], axis=1), ink, "here", axes=("c",), symbol="circle", size=6))
    every = np.concatenate([result.rays[kind].loss for kind, *_ in _LOOKS])
    room = 0.25 * float(np.ptp(every)) + 1e-3
    figure = canvas(
        xaxis=log_axis("c", float(result.factors[0]), float(result.factors[-1]) * 2.5),
        yaxis=axis("L(cw)", range=[float(every.min()) - room, float(every.max()) + room]),
    )
    alt = "The loss of a small network whose weights into hidden units are multiplied by c: a flat line with batch norm, a curve without."
    return Scene(figure, alt, tuple(marks), captions=tuple(invariance_sentences(result)), caption_axes=("c",), aspect=0.6)


def ray_sizes(result: Invariance) -> Scene:
    """Return norms of the gradient and curvature along a direction against c, as a scene over the axis "c": slopes of -1 and -2 with batch norm."""
    ray = result.rays["exact"]
    rows = [("|∇L(cw)|", ray.gradient, "batch_norm", "solid"), ("v'H(cw)v", np.abs(ray.curvature), "adam", "dashdot")]
    rows.append(("|∇L(cw)| without", result.rays["plain"].gradient, "loss", "dash"))
    every = np.concatenate([values for _, values, _, _ in rows])
    there = every[every > 0.0]
    low, high = (0.5 * float(there.min()), 2.0 * float(there.max())) if there.size else (0.1, 10.0)
    marks = [Mark("cursor", result.factors, "muted", "c", axes=("c",), width=1.6)]
    for name, values, ink, dash in rows:
        line = np.clip(values, low, high)
        marks.append(Mark("path", line, ink, name, axes=(), width=2.4, dash=dash, abscissa=result.factors, text=name, side="free"))
        marks.append(Mark("point", np.stack([result.factors, line], axis=1), ink, "here", axes=("c",), symbol="circle", size=6))
    figure = canvas(xaxis=log_axis("c", float(result.factors[0]), float(result.factors[-1]) * 4.0), yaxis=log_axis("size", low, high))
    alt = "Norm of the gradient and curvature along a direction against c on logarithmic axes; with batch norm they fall as 1 / c and 1 / c²."
    return Scene(figure, alt, tuple(marks), aspect=0.6)

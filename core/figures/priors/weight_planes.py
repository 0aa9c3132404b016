"""Figures: two weights. In: a Posterior and a window. Out: contours of prior, likelihood and posterior, samples, mode, mean and the mode's path."""

from __future__ import annotations

import numpy as np

from core._validate import Floats
from core.figures.priors.common import AXES
from core.figures.scene import Blend, Mark, Scene
from core.figures.template import plane
from core.statistics.priors.posteriors import Posterior
from core.statistics.priors.words import plane_sentences

GRID = 81
# Minus logarithms below the peak: for a Gaussian one, two and three standard deviations.
_LEVELS = np.array([0.5, 2.0, 4.5])
_TINT = np.linspace(0.4, 4.5, 8)


def weight_plane(found: Posterior, half: float) -> Scene:
    """Return the plane of two weights as a scene over the axis "scale"."""
    grid = np.linspace(-half, half, GRID)
    points = np.stack(np.meshgrid(grid, grid), axis=-1)
    cost, ink = found.prior.penalty.value(points), found.prior.ink
    per = found.n / found.sigma**2
    loss = np.zeros_like(cost) if found.problem is None else per * (found.problem.value(points) - found.problem.floor)
    still = np.zeros_like(found.prior.strength)
    lowest = _lowest(found, per)
    blends = (
        Blend("shade", grid, grid, loss, cost, found.prior.strength, lowest, _TINT, colour="posterior", axes=AXES),
        Blend("contours", grid, grid, np.zeros_like(cost), cost, found.prior.strength, still, _LEVELS, colour=ink, axes=AXES),
        Blend("contours", grid, grid, loss, np.zeros_like(cost), still[:1], still[:1], _LEVELS, colour="loss", axes=()),
        Blend("contours", grid, grid, loss, cost, found.prior.strength, lowest, _LEVELS, colour="posterior", axes=AXES),
    )
    marks = [
        Mark("points", found.samples, "posterior", "samples", axes=AXES, size=1.6, colours=("posterior",)),
        Mark("segments", _way(found), ink, "path", axes=(), width=1.6, dash="dot"),
        Mark("path", found.segments, ink, "modes", axes=AXES, width=4.0),
        Mark("text", _prior_label(found, half), ink, "prior-label", axes=AXES, text=f"{found.prior.label} prior", side="above"),
        Mark("point", found.mean, "posterior", "mean", axes=AXES, symbol="cross", size=7, text="mean", side="free"),
    ]
    if found.penalised is not None:
        marks.append(Mark("point", found.penalised.w, "loss", "penalised minimum", axes=AXES, symbol="ring", size=9.0))
    marks.append(Mark("point", found.shown, ink, "mode", axes=AXES, symbol="diamond", size=5.0, text="mode", side="free"))
    if found.problem is not None and found.problem.is_definite and np.abs(found.problem.centre).max() < half:
        marks.append(Mark("point", found.problem.centre, "loss", "likelihood", axes=(), size=3.5, text="likelihood", side="free"))
    alt = f"Plane of intercept and slope with contours of the {found.prior.label} prior, the likelihood and the posterior, samples, mode and mean."
    table = {"scale": found.prior.scale, "mode": found.shown, "mean": found.mean, "apart": found.apart, "deviation": found.deviation}
    figure = plane("w₁, intercept", "w₂, slope", ((-half, half), (-half, half)))
    return Scene(figure, alt, tuple(marks), blends, tuple(plane_sentences(found)), table=table, caption_axes=AXES)


def _lowest(found: Posterior, per: float) -> Floats:
    """Return minus the logarithm of the posterior at its peak, (k,), from where the contours count."""
    loss = 0.0 if found.problem is None else per * (found.problem.value(found.shown) - found.problem.floor)
    lowest: Floats = loss + found.prior.strength * found.prior.penalty.value(found.shown)
    return lowest


def _way(found: Posterior) -> Floats:
    """Return the mode's way over the scale as pairs of points, between members that have one mode each."""
    both = found.unique[:-1] & found.unique[1:]
    pairs: Floats = np.stack([found.shown[:-1], found.shown[1:]], axis=1)[both].reshape(-1, 2)
    return pairs if len(pairs) else np.repeat(found.shown[:1], 2, axis=0)


def _prior_label(found: Posterior, half: float) -> Floats:
    """Return where (k, 2) the prior's middle contour crosses the upper half of the second axis, kept inside of the window."""
    a, c = found.prior.a, found.prior.c
    # a r + c r^2 = level, written so that neither coefficient may vanish badly.
    far = 2.0 * _LEVELS[1] / (a + np.sqrt(a**2 + 4.0 * c * _LEVELS[1]))
    return np.stack([np.zeros_like(far), np.minimum(far, 0.88 * half)], axis=-1)

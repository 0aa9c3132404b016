"""What the lab's charts share: the axis of its scrub, the windows of the weights, the readouts."""

from __future__ import annotations

import numpy as np

from core._validate import Floats
from core.figures.scene import FamilyAxis, Readout
from core.statistics.priors.posteriors import Beliefs, Posterior
from core.statistics.priors.words import agreement, formula, middle, shape, weights
from core.wording import number

AXES = ("scale",)
# Standard deviations of the likelihood that a window shows on either side, and how far that may go.
_SPREADS, _FARTHEST = 4.0, 6.0
_FLAT_HALF, _LEAST_HALF = 3.0, 1.2


def scale_axis(result: Beliefs) -> FamilyAxis:
    """Return the axis of the prior's standard deviation, with the members worth jumping to."""
    last = len(result.scale) - 1
    marks = {0: "a strong prior", last: "almost no prior"}
    if result.line.n:
        free = np.flatnonzero(result.line.mode[:, 0] != 0.0)
        if len(free) and 0 < free[0] < last:
            marks[int(free[0])] = "the mode leaves 0"
        if 0 < (best := result.best[0]) < last:
            marks[best] = "highest evidence"
    return FamilyAxis("scale", result.scale, "Drag the prior's standard deviation", "s =", marks=tuple(sorted(marks.items())))


def line_window(result: Beliefs) -> tuple[float, float]:
    """Return the weights that the charts of one weight show: zero, the likelihood, and all modes and means."""
    line = result.line
    inside = [0.0, *line.mode[:, 0].tolist(), *line.mean[:, 0].tolist()]
    precision = float(line.gram[0, 0])
    if precision > 0.0:
        peak, reach = float(line.pull[0]) / precision, min(_SPREADS / np.sqrt(precision), _FARTHEST)
        inside += [peak - reach, peak + reach] if abs(peak) < _FARTHEST else []
    low, high = min(inside), max(inside)
    least = _LEAST_HALF if precision > 0.0 else _FLAT_HALF
    return min(1.06 * low, -0.5 * least), max(1.06 * high, 0.5 * least) if precision > 0.0 else least


def plane_half(result: Beliefs) -> float:
    """Return half the width of the planes of two weights."""
    both = (result.plane, result.other_plane)
    far = max(float(np.abs(each).max()) for found in both for each in (found.mode, found.mean))
    problem = result.plane.problem
    if problem is None or not problem.is_definite:
        return max(1.1 * far, _FLAT_HALF)
    spread = np.sqrt(np.diag(np.linalg.inv(result.plane.gram)))
    reach = float((np.abs(problem.centre) + 3.0 * spread).max())
    return max(1.1 * far, min(reach, _FARTHEST), _LEAST_HALF)


def line_readouts(result: Beliefs) -> tuple[Readout, ...]:
    """Return the numbers of one weight."""
    line, spec, members = result.line, result.spec, range(len(result.scale))
    ink, eps = line.prior.ink, spec.eps
    return (
        Readout("prior", [shape(line.prior, i) for i in members], colour=ink, axes=AXES, help="Its standard deviation is s; λ follows from it."),
        Readout("λ", [formula(line.prior, spec.sigma, line.n, i) for i in members], colour=ink, axes=AXES),
        Readout(
            "posterior's mode", [weights(w) for w in line.mode], colour="posterior", axes=AXES, help="By the slope of the log posterior.", name="mode"
        ),
        Readout(
            "penalised minimum",
            _minima(line),
            colour=ink,
            axes=AXES,
            help="By the exact solver of L + λR, which knows nothing of probabilities.",
            name="penalised",
        ),
        Readout(
            "they differ by",
            [agreement(line, i) for i in members],
            axes=AXES,
            help="Both are the slope of a line through the origin.",
            name="agreement",
        ),
        Readout("mean ± deviation", _spread(line), colour="posterior", axes=AXES, name="spread"),
        Readout(f"prior P(|w| < {eps:g})", line.prior.density.near_zero(eps), 4, ink, axes=AXES),
        Readout(f"posterior P(|w| < {eps:g})", line.near_zero(eps)[:, 0], 4, "posterior", axes=AXES, name="near"),
        Readout("samples exactly 0", line.zeros, 6, "posterior", axes=AXES, help="Counted, of 2,000 independent ones."),
    )


def plane_readouts(found: Posterior, eps: float) -> tuple[Readout, ...]:
    """Return the numbers of two weights."""
    ink, members = found.prior.ink, range(len(found.prior.scale))
    means = [middle(mean, deviation) for mean, deviation in zip(found.mean, found.deviation, strict=True)]
    return (
        Readout("posterior's mode", [weights(w) for w in found.shown], colour=ink, axes=AXES, name="mode"),
        Readout("penalised minimum", _minima(found), colour=ink, axes=AXES, name="penalised"),
        Readout("they differ by", [agreement(found, i) for i in members], axes=AXES, help="In the weight where it is most.", name="agreement"),
        Readout("mean", means, colour="posterior", axes=AXES, name="mean"),
        Readout(
            f"P(|w| < {eps:g})",
            [_shares(each) for each in found.near_zero(eps)],
            colour="posterior",
            axes=AXES,
            help="Of either weight.",
            name="near",
        ),
        Readout("samples with a 0", found.zeros, 6, "posterior", axes=AXES, help="Exact zeros, counted among 300 samples of two weights."),
    )


def _minima(found: Posterior) -> list[str]:
    if found.penalised is None:
        return ["no data, no loss"] * len(found.prior.scale)
    return [weights(w) for w in found.penalised.w]


def _spread(line: Posterior) -> list[str]:
    means, deviations = line.mean[:, 0].tolist(), line.deviation[:, 0].tolist()
    return [f"{mean:.4g} ± {deviation:.3g}".replace("-", "−") for mean, deviation in zip(means, deviations, strict=True)]


def _shares(each: Floats) -> str:
    return " and ".join(number(float(share)) for share in each)


def over_scale(result: Beliefs) -> list[float]:
    """Return the range of a logarithmic axis of the scale."""
    return [float(np.log10(result.scale[0])), float(np.log10(result.scale[-1]))]


def crowded(low: float, high: float, centres: Floats, widths: Floats) -> Floats:
    """Return abscissae (k, m): a level grid, and around each member's centre as many points as its own width asks for; zero is among them."""
    near = np.linspace(-5.0, 5.0, 81)
    level = np.broadcast_to(np.linspace(low, high, 101), (len(centres), 101))
    close = np.clip(centres[:, None] + widths[:, None] * near, low, high)
    zero = np.zeros((len(centres), 1))
    return np.sort(np.concatenate([level, close, zero], axis=1), axis=1)

"""Figures over the scale and near zero. In: a Beliefs. Out: P(|w| < eps) over eps; mode and mean over the scale; the evidence over the scale."""

from __future__ import annotations

import numpy as np

from core._validate import Floats
from core.figures.palette import colour
from core.figures.priors.common import AXES, over_scale
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas
from core.statistics.priors.posteriors import Beliefs
from core.statistics.priors.words import evidence_sentences, guess_sentences, near_sentences

_LOWEST, _WIDEST = 1e-4, 10.0
_DEPTH = 8.0


def near_grid() -> Floats:
    """Return the distances over which probabilities near zero are drawn."""
    grid: Floats = np.geomspace(_LOWEST, _WIDEST, 81)
    return grid


def near_zero(result: Beliefs) -> Scene:
    """Return the probability of |w| < eps over eps, under both priors and under the posterior, over the axis "scale"."""
    eps = near_grid()
    line, other = result.line, result.other_line
    marks = [Mark("cursor", np.array([result.spec.eps]), "muted", "eps", axes=(), width=1.2, dash="dot", text="ε")]
    for density, ink, name, dash in (
        (line.prior.density, line.prior.ink, f"{line.prior.label} prior", "solid"),
        (other.prior.density, other.prior.ink, f"{other.prior.label} prior", "dash"),
        (line.density, "posterior", "posterior", "dot"),
    ):
        heights = np.maximum(density.near_zero(eps[:, None]).T, 1e-30)
        marks.append(Mark("path", heights, ink, name, axes=AXES, abscissa=eps, width=2.3, dash=dash))
        at = np.maximum(density.near_zero(result.spec.eps), 1e-30)
        place = np.stack([np.full_like(at, result.spec.eps), at], axis=-1)
        marks.append(Mark("point", place, ink, f"{name}-at", axes=AXES, size=5.5, text=name, side="free"))
    figure = canvas(
        xaxis=axis("ε", type="log", range=[-3.0, 1.0], exponentformat="power", dtick=1),
        yaxis=axis("P(|w| < ε)", type="log", range=[-4.0, 0.15], exponentformat="power", dtick=1),
    )
    alt = "The probability that a weight is closer to zero than epsilon, over epsilon, under two priors of equal spread and under the posterior."
    return Scene(figure, alt, tuple(marks), captions=tuple(near_sentences(result)), caption_axes=AXES, aspect=0.66)


def estimates(result: Beliefs) -> Scene:
    """Return mode and mean of one weight over the scale, with a standard deviation about the mean."""
    line, x = result.line, result.scale
    mode, mean, spread = line.mode[:, 0], line.mean[:, 0], line.deviation[:, 0]
    band = np.concatenate([np.stack([x, mean - spread], axis=-1), np.stack([x, mean + spread], axis=-1)[::-1]])
    marks = (
        Mark("region", band, "posterior", "one standard deviation", axes=(), width=0.6, fill=0.1),
        Mark("cursor", x, "muted", "scale", axes=AXES, width=1.4),
        Mark("path", mean, "posterior", "mean", axes=(), abscissa=x, width=2.2, dash="dash"),
        Mark("path", mode, line.prior.ink, "mode", axes=(), abscissa=x, width=2.6),
        Mark("point", np.stack([x, mean], axis=-1), "posterior", "mean-at", axes=AXES, symbol="cross", size=5.5, text="mean", side="free"),
        Mark("point", np.stack([x, mode], axis=-1), line.prior.ink, "mode-at", axes=AXES, symbol="diamond", size=5.5, text="mode", side="free"),
    )
    figure = canvas(
        xaxis=axis("s, standard deviation of the prior", type="log", range=over_scale(result), tickvals=[0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]),
        yaxis=axis("w", range=heights(result)),
    )
    alt = "Mode and mean of the posterior of one weight over the prior's standard deviation, with a band of one standard deviation about the mean."
    return Scene(figure, alt, marks, captions=tuple(guess_sentences(result)), caption_axes=AXES, aspect=0.66)


def heights(result: Beliefs) -> tuple[float, float]:
    """Return the weights that the chart of mode and mean shows, (low, high)."""
    mean, spread = result.line.mean[:, 0], result.line.deviation[:, 0]
    ends = [float((mean - spread).min()), float((mean + spread).max()), 0.0]
    room = 0.1 * (max(ends) - min(ends))
    return min(ends) - room, max(ends) + room


def evidence(result: Beliefs) -> Scene:
    """Return the logarithm of the evidence of one weight over the scale, below the highest, under both priors."""
    line, other, x = result.line, result.other_line, result.scale
    highest = max(float(line.log_evidence.max()), float(other.log_evidence.max()))
    marks = [Mark("cursor", x, "muted", "scale", axes=AXES, width=1.4)]
    traces = []
    for found, best, dash in ((line, result.best[0], "solid"), (other, result.best[1], "dash")):
        ink, height = found.prior.ink, np.maximum(found.log_evidence - highest, -10.0 * _DEPTH)
        marks.append(Mark("path", height, ink, found.prior.label, axes=(), abscissa=x, width=2.4, dash=dash))
        at = np.stack([x, height], axis=-1)
        marks.append(Mark("point", at, ink, f"{found.prior.label}-at", axes=AXES, size=5.5, text=f"{found.prior.label} prior", side="free"))
        if line.n:
            traces.append(_best(float(x[best]), float(height[best]), ink, found.prior.label))
    lowest = deepest(result)
    figure = canvas(
        *traces,
        xaxis=axis("s, standard deviation of the prior", type="log", range=over_scale(result), tickvals=[0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]),
        yaxis=axis("log evidence − highest", range=[bottom(result), 0.1 * min(max(-lowest, 1.0), _DEPTH)]),
    )
    alt = "How probable the data are with the weight integrated out, over the prior's standard deviation, under two priors; rings mark the tops."
    return Scene(
        figure, alt, tuple(marks), captions=tuple(evidence_sentences(result)), caption_axes=AXES, aspect=0.66, yields=tuple(range(len(traces)))
    )


def deepest(result: Beliefs) -> float:
    """Return the least log evidence below the highest."""
    both = np.concatenate([result.line.log_evidence, result.other_line.log_evidence])
    return float(both.min() - both.max())


def bottom(result: Beliefs) -> float:
    """Return where the chart of the evidence ends below."""
    return max(1.1 * deepest(result), -_DEPTH) - 0.2


def _best(x: float, y: float, ink: str, name: str) -> dict[str, object]:
    marker = {"symbol": "circle-open", "size": 12, "color": colour(ink), "line": {"width": 2.2}}
    words = f"{name}: highest at s = %{{x:.3g}}<extra></extra>"
    return {"type": "scatter", "x": [x], "y": [y], "mode": "markers", "marker": marker, "hovertemplate": words, "cliponaxis": False}

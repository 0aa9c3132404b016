"""Figures: one weight. In: a Beliefs. Out: prior, likelihood and posterior over w; below them L, lambda R and their sum over the same w."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core._validate import Floats
from core.figures.palette import PALETTE, colour
from core.figures.priors.common import AXES, crowded, line_window
from core.figures.scene import NOTHING, Mark, Scene
from core.figures.template import axis, canvas
from core.statistics.priors.posteriors import Beliefs
from core.statistics.priors.words import density_sentences, objective_sentences

_BINS = 64
_TOP = 1.18
# Of the likelihood's standard deviation, squared: what the objective's chart shows above its floor at least.
_HEIGHT = 10.0


def densities(result: Beliefs) -> Scene:
    """Return prior, likelihood and posterior, each with its highest point at 1, and a histogram of samples, over the axis "scale"."""
    low, high = line_window(result)
    line = result.line
    prior = _curve(low, high, line.prior.density.log_density, np.zeros_like(result.scale), result.scale)
    posterior = _curve(low, high, line.density.log_density, line.mode[:, 0], line.deviation[:, 0])
    mode, mean = line.mode[:, 0], line.mean[:, 0]
    at_mean = np.exp(line.density.log_density(mean) - line.density.log_density(mode))
    ink, edges = line.prior.ink, bins(result)
    marks = [
        Mark("bars", _histogram(result, edges), "posterior", "samples", axes=AXES, abscissa=edges, fill=0.25),
        Mark("path", prior, ink, "prior", axes=AXES, width=2.0, dash="dashdot"),
        Mark("path", NOTHING, "loss", "held-likelihood", axes=(), width=1.8, dash="dot"),
        Mark("path", posterior, "posterior", "posterior", axes=AXES, width=2.8),
        _upright(result),
        Mark("point", np.stack([mean, at_mean], axis=-1), "posterior", "mean", axes=AXES, symbol="cross", size=6.5, text="mean", side="right"),
        Mark(
            "point",
            np.stack([mode, np.ones_like(mode)], axis=-1),
            "posterior",
            "mode",
            axes=AXES,
            symbol="diamond",
            size=7,
            text="mode",
            side="above",
        ),
        Mark("text", _label(prior, 0.45, low, high), ink, "prior-label", axes=AXES, text="prior", side="free"),
    ]
    figure = canvas(
        *_likelihood(result, low, high),
        xaxis=axis("w", range=[low, high]),
        yaxis=axis("over its highest point", range=[0.0, _TOP], fixedrange=True),
    )
    alt = f"Densities of one weight: {line.prior.label} prior, likelihood, and posterior with its mode, its mean and a histogram of samples."
    table = {
        "scale": result.scale,
        "mode": mode,
        "mean": mean,
        "deviation": line.deviation[:, 0],
        "prior_near_zero": line.prior.density.near_zero(result.spec.eps),
        "posterior_near_zero": line.near_zero(result.spec.eps)[:, 0],
        "log_evidence": line.log_evidence,
    }
    return Scene(figure, alt, tuple(marks), captions=tuple(density_sentences(result)), caption_axes=AXES, table=table, aspect=0.62, yields=(0, 1))


def bins(result: Beliefs) -> Floats:
    """Return the edges of the histogram's bins."""
    return np.linspace(*line_window(result), _BINS + 1)


def objective_grid(result: Beliefs) -> Floats:
    """Return the weights over which the objective is drawn."""
    return np.sort(np.append(np.linspace(*line_window(result), 200), 0.0))


def objective(result: Beliefs) -> Scene:
    """Return the loss above its floor, lambda R and their sum, with the penalised minimum, over the axis "scale"."""
    low, high = line_window(result)
    line = result.line
    ink, key = line.prior.ink, line.prior.penalty
    w = objective_grid(result)
    loss = np.zeros_like(w) if line.problem is None else line.problem.value(w[:, None]) - line.problem.floor
    # Without data lambda has no value; the penalty is then drawn by itself, as minus the logarithm of the prior.
    lam = line.prior.strength if line.lam is None else line.lam
    cost = key.value(w[:, None]) * lam[:, None]
    top = objective_top(result)
    at = np.zeros_like(result.scale) if line.penalised is None else line.penalised.w[:, 0]
    height = _at(result, at, lam)
    marks = [
        Mark("path", NOTHING[:, 0], "loss", "held-loss", axes=(), abscissa=w, width=1.8, dash="dot"),
        Mark("path", cost, ink, "penalty", axes=AXES, abscissa=w, width=2.0, dash=PALETTE[ink].dash if ink != "l1" else "dashdot"),
        _upright(result),
        Mark("point", np.stack([at, height], axis=-1), ink, "minimum", axes=AXES, symbol="ring", size=7, text="minimum", side="below"),
        Mark("text", _where(w, cost, 0.8 * top), ink, "penalty-label", axes=AXES, text="λR" if line.n else "−log prior", side="free"),
    ]
    if line.n:
        place = _where(w[::-1], (loss + cost)[:, ::-1], 0.62 * top)
        marks.insert(2, Mark("path", loss + cost, "posterior", "objective", axes=AXES, abscissa=w, width=2.8))
        marks.append(Mark("text", place, "posterior", "objective-label", axes=AXES, text="L + λR", side="free"))
    still = {
        "type": "scatter",
        "x": w,
        "y": loss,
        "mode": "lines",
        "line": {"color": colour("loss"), "width": 1.8, "dash": "dot"},
        "hoverinfo": "skip",
    }
    label = _still_label(w, loss, 0.9 * top, "L") if line.n else []
    figure = canvas(
        still,
        xaxis=axis("w", range=[low, high]),
        yaxis=axis("above the lowest loss" if line.n else "−log prior", range=[-0.12 * top, top]),
        annotations=label,
    )
    alt = f"The loss of one weight, the {key.label} penalty times lambda, and their sum with its lowest point, over the weights of the densities."
    return Scene(figure, alt, tuple(marks), captions=tuple(objective_sentences(result)), caption_axes=AXES, aspect=0.62, yields=(0,))


def _upright(result: Beliefs) -> Mark:
    """Return the line that both charts share: at the penalised minimum, whichever of the two ways a chart is about."""
    line = result.line
    at = np.zeros_like(result.scale) if line.penalised is None else line.penalised.w[:, 0]
    return Mark("cursor", at, "muted", "minimum-line", axes=AXES, width=1.4, dash="dot")


def _curve(low: float, high: float, log_density: Callable[[Floats], Floats], centres: Floats, widths: Floats) -> Floats:
    """Return a density over w as vertices (k, m, 2), its highest point, at ``centres`` (k,), at 1."""
    w = crowded(low, high, centres, widths)
    height = log_density(w.T).T
    peak = log_density(centres)[:, None]
    return np.stack([w, np.exp(np.minimum(height - peak, 0.0))], axis=-1)


def _likelihood(result: Beliefs, low: float, high: float) -> list[dict[str, object]]:
    """Return the likelihood, which does not move, with its label."""
    line = result.line
    precision = float(line.gram[0, 0])
    peak = float(line.pull[0]) / precision if precision > 0.0 else 0.0
    w = crowded(low, high, np.array([peak]), np.array([1.0 / np.sqrt(precision) if precision > 0.0 else 1.0]))[0]
    height = np.exp(-0.5 * precision * (w - peak) ** 2)
    shown = {
        "type": "scatter",
        "x": w,
        "y": height,
        "mode": "lines",
        "line": {"color": colour("loss"), "width": 1.8, "dash": "dot"},
        "hoverinfo": "skip",
    }
    style = {"size": 12.5, "color": colour("loss")}
    place, side = (low + 0.03 * (high - low), 1.0), "bottom right"
    if precision > 0.0:
        # On the flank that has more room.
        left = peak > 0.5 * (low + high)
        flank = np.flatnonzero((w <= peak if left else w >= peak) & (height <= 0.62))
        i = int(flank[-1 if left else 0]) if len(flank) else (0 if left else len(w) - 1)
        place, side = (float(w[i]), float(height[i])), "middle left" if left else "middle right"
    name = "likelihood" if line.n else "likelihood: flat, no data"
    label = {"type": "scatter", "x": [place[0]], "y": [place[1]], "mode": "text", "text": [name], "textposition": side, "textfont": style}
    return [shown, label | {"hoverinfo": "skip"}]


def _histogram(result: Beliefs, edges: Floats) -> Floats:
    """Return the samples' shares of each bin as densities over the posterior's highest, (k, bins)."""
    line = result.line
    samples, width = line.samples[..., 0], edges[1] - edges[0]
    counts = np.stack([np.histogram(row, edges)[0] for row in samples])
    peak = np.exp(line.density.log_density(line.mode[:, 0]))
    shares: Floats = np.minimum(counts / (samples.shape[1] * width * peak[:, None]), 2.0)
    return shares


def _label(curve: Floats, height: float, low: float, high: float) -> Floats:
    """Return where (k, 2) the curves fall through a height on the left of zero, kept inside of the window."""
    k = len(curve)
    left = np.where((curve[..., 0] < 0.0) & (curve[..., 1] <= height), curve[..., 0], -np.inf).max(axis=1)
    x = np.clip(left, low + 0.08 * (high - low), high)
    i = np.abs(curve[..., 0] - x[:, None]).argmin(axis=1)
    place: Floats = curve[np.arange(k), i]
    return place


def _where(w: Floats, curves: Floats, height: float) -> Floats:
    """Return where (k, 2) each curve, from the right end of ``w`` inwards, first comes below a height."""
    below = curves <= height
    i = np.where(below.any(axis=1), len(w) - 1 - below[:, ::-1].argmax(axis=1), np.abs(w).argmin())
    i = np.minimum(i, len(w) - 1 - len(w) // 20)
    return np.stack([w[i], np.minimum(curves[np.arange(len(curves)), i], height)], axis=-1)


def _still_label(w: Floats, curve: Floats, height: float, text: str) -> list[dict[str, object]]:
    below = np.flatnonzero(curve <= height)
    i = int(below[-1]) if len(below) else len(w) // 2
    i = min(i, len(w) - 20)
    return [
        {"x": float(w[i]), "y": float(curve[i]), "text": text, "showarrow": False, "xanchor": "left", "font": {"color": colour("loss"), "size": 12.5}}
    ]


def objective_top(result: Beliefs) -> float:
    """Return how high the chart of the objective reaches: the loss at 0, where every minimum lies below, and some of the bowl."""
    line = result.line
    if line.problem is None:
        return 4.0
    at_zero = float(line.problem.value(np.zeros(1))) - line.problem.floor
    return 1.15 * max(at_zero, _HEIGHT * result.spec.sigma**2 / line.n)


def _at(result: Beliefs, w: Floats, lam: Floats) -> Floats:
    line = result.line
    loss = 0.0 if line.problem is None else line.problem.value(w[:, None]) - line.problem.floor
    height: Floats = loss + lam * line.prior.penalty.value(w[:, None])
    return height

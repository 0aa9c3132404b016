"""What surrounds the charts of "Smoothing and curvature": the axis of its scrub and the numbers at the point and at the minimum."""

from __future__ import annotations

import numpy as np

from core.figures.scene import FamilyAxis, Readout
from core.smoothing import Smoothing
from core.smoothing_words import definiteness

_MOST_MARKS = 6


def smoothing_axis(result: Smoothing) -> FamilyAxis:
    """Return the axis of lambda, with the members just after which a minimum vanishes as marks."""
    minima = result.minima
    gone = sorted(float(minima.ends[b]) for b in range(len(minima.ends)) if minima.ends_how[b] == "vanishes")
    marks = [(min(int(np.searchsorted(result.lam, at)), len(result.lam) - 1), f"{i + 1}. minimum gone") for i, at in enumerate(gone)]
    if len(marks) > _MOST_MARKS:
        marks = [marks[0], marks[len(marks) // 2], marks[-1]]
    came = [float(minima.born[b]) for b in range(len(minima.born)) if minima.born_how[b] == "appears"]
    marks += [(min(int(np.searchsorted(result.lam, at)), len(result.lam) - 1), "a minimum appears") for at in came[:1]]
    marks = [(0, "no penalty"), *sorted(marks), (len(result.lam) - 1, "strongest")]
    return FamilyAxis("lam", result.lam, "Drag λ, the weight of the penalty", "λ =", marks=tuple(dict(reversed(marks)).items())[::-1])


def smoothing_readouts(result: Smoothing) -> tuple[Readout, ...]:
    """Return what the panel shows, following the scrub."""
    point, key, axes = result.at_point, result.penalty.key, ("lam",)
    sizes = np.sort(np.abs(result.at_minimum), axis=1)
    with np.errstate(divide="ignore", over="ignore"):
        condition = np.where(sizes[:, 0] > 1e-12 * sizes[:, 1], sizes[:, 1] / np.maximum(sizes[:, 0], 1e-300), np.inf)
    return (
        Readout("minima", result.minima.counts, axes=axes, help="Local minima of L + λR in the window."),
        Readout(
            "at the point: μ",
            _pairs(point.eigenvalues),
            axes=axes,
            colour="dropout",
            help="Eigenvalues of the objective's Hessian at the ring.",
            name="mu",
        ),
        Readout("condition there", _words(point.condition_number), axes=axes, colour="dropout", name="condition"),
        Readout("definite?", [definiteness(each) for each in point.eigenvalues], axes=axes, colour="dropout", name="definite"),
        Readout(
            "at the minimum: μ",
            _masked(result, _pairs(result.at_minimum)),
            axes=axes,
            colour=key,
            help="Eigenvalues at the lowest minimum, creases aside.",
        ),
        Readout("condition there", _masked(result, _words(condition)), axes=axes, colour=key),
        Readout(
            "largest stable rate",
            _masked(result, _words(result.limit, "any")),
            axes=axes,
            colour=key,
            help="For this rule and treatment, at the minimum.",
        ),
        Readout("best rate of SGD", _masked(result, _words(result.best)), axes=axes, help="2 / (μ_min + μ_max + 4λ), where the objective is convex."),
    )


def _pairs(values: np.ndarray) -> list[str]:
    return [f"{low:.4g} and {high:.4g}".replace("-", "−") for low, high in values]


def _words(values: np.ndarray, infinite: str = "∞") -> list[str]:
    return ["none" if np.isnan(value) else infinite if np.isinf(value) else f"{value:.4g}" for value in values]


def _masked(result: Smoothing, words: list[str]) -> list[str]:
    return [word if found else "no minimum" for word, found in zip(words, result.found, strict=True)]

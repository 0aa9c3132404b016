"""Figure: one experiment in several bases. In: basis -> BiasVariance, the shown one first. Out: each one's expected error along the family."""

from __future__ import annotations

import numpy as np

from core.figures.against_step import spread
from core.figures.bias_variance.panel import along, along_axis, family_axis, named, within
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas
from core.statistics.bias_variance.bases import BASES
from core.statistics.bias_variance.experiment import BiasVariance
from core.statistics.bias_variance.words import basis_sentences

_INKS = {"legendre": ("w2", "solid"), "monomials": ("l1", "dash"), "splines": ("elastic_net", "dashdot"), "features": ("dropout", "dot")}
_NAMES = {"legendre": "orthogonal", "monomials": "powers of x", "splines": "splines", "features": "features"}


def bases(results: dict[str, BiasVariance]) -> Scene:
    """Return the expected test error in each basis over lambda or size as a scene."""
    first = next(iter(results.values()))
    name, x = family_axis(first).name, along(first)
    least = max(float(each.total.min()) for each in results.values())
    most = max(float(each.total.max()) for each in results.values())
    top = max(min((4.0 if name == "lam" else 9.0) * least, 1.1 * most), 1.3 * least, 1e-9)
    window = (0.0, top)
    marks = [Mark("cursor", x, "muted", name, axes=(name,), width=1.4)]
    for key, each in results.items():
        ink, dash = _INKS[key]
        there = along(each)
        marks.append(Mark("path", within(each.total, window), ink, BASES[key].label, axes=(), abscissa=there, width=2.4, dash=dash))
        lowest = np.array([there[each.best], each.total[each.best]])
        marks.append(Mark("point", lowest, ink, f"least with {BASES[key].label}", axes=(), symbol="star", size=6))
    figure = canvas(xaxis=along_axis(first, 0.7), yaxis=axis("expected test error", range=list(window)))
    heights = spread([float(np.clip(each.total[-1] / top, 0.03, 0.97)) for each in results.values()], 0.08)
    place = float(x[-1] + 0.015 * np.ptp(x))
    figure["layout"]["annotations"] = [
        named(place, height * top, f"{_SAMPLES[_INKS[key][1]]} {_NAMES[key]}", _INKS[key][0]) for height, key in zip(heights, results, strict=True)
    ]
    alt = "The expected test error along the family for " + " and ".join(BASES[key].label for key in results) + ", on the same training sets."
    return Scene(figure, alt, tuple(marks), captions=tuple(basis_sentences(results)), caption_axes=(name,), aspect=0.62)


_SAMPLES = {"solid": "───", "dash": "─ ─", "dashdot": "─ ·", "dot": "· · ·"}

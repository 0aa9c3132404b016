"""Figures: whole spectra, ranked on a logarithmic axis. In: Families or Minima. Out: positive eigenvalues falling, negative ones by their size."""

from __future__ import annotations

from typing import Any

import numpy as np

from core._validate import Floats
from core.figures.flatness.common import INKS, kind_of
from core.figures.palette import colour
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas
from core.flatness.choices import LAMBDAS
from core.flatness.families import Families
from core.flatness.minima import Minima
from core.flatness.words import member_sentences, shift_sentences

_FLOOR = 1e-8  # of the largest eigenvalue: what is smaller leaves the chart at its lower edge
_DEEP = 1e-30


def member_spectrum(families: Families) -> Scene:
    """Return the spectrum of the network in focus at the end of training, as a scene over the axis "member"."""
    # Batch normalisation has more weights, its scales and shifts: shorter spectra are filled up with zeros, which no logarithmic axis shows.
    longest = max(len(each) for each in families.spectra)
    spectra = np.stack([np.pad(each, (0, longest - len(each))) for each in families.spectra])
    positive, negative = _ranked(spectra), _ranked(-spectra)
    rank = np.arange(1.0, spectra.shape[1] + 1.0)
    marks = [
        # All of them, faintly, so that the one in focus has something to stand against.
        *(
            Mark("path", np.stack([rank, positive[i]], axis=1), INKS[kind], "another", axes=(), width=0.6)
            for i, kind in enumerate(kind_of(families))
            if families.seed[i] == 0
        ),
        Mark("path", positive, "loss", "positive", axes=("member",), abscissa=rank, width=2.6),
        Mark("path", negative, "l1", "negative, by size", axes=("member",), abscissa=rank, width=2.2, dash="dot"),
    ]
    top = float(spectra.max()) if spectra.size else 1.0
    figure = _ranks(len(rank), top, float(np.abs(spectra).max()), _key(("loss", "solid", "positive"), ("l1", "dot", "negative, by size")))
    alt = "The eigenvalues of the data loss's Hessian of the network in focus, largest first, negative ones by their size."
    return Scene(figure, alt, tuple(marks), captions=tuple(member_sentences(families)), caption_axes=("member",), aspect=0.62)


def shifted_spectra(result: Minima, biases: bool) -> Scene:
    """Return the spectrum before and after L2 at the same point, and at the minimum trained with it, as a scene over the axis "lam"."""
    rank = np.arange(1.0, result.spectrum.shape[1] + 1.0)
    k = len(LAMBDAS)
    marks = [
        Mark("path", np.stack([rank, _ranked(result.before()[None])[0]], axis=1), "loss", "before", axes=(), width=2.0, dash="dot"),
        Mark("path", _ranked(result.after(biases)), "l2", "after, same point", axes=("lam",), abscissa=rank, width=2.8, dash="dash"),
        Mark("path", _ranked(result.at_new(biases)), "adamw", "at the new minimum", axes=("lam",), abscissa=rank, width=2.0, dash="dashdot"),
    ]
    line = np.repeat(np.maximum(result.shift, _DEEP)[:, None, None], 2, axis=1) * np.array([[[0.0, 1.0]]]) + np.array(
        [[rank[0], 0.0], [rank[-1], 0.0]]
    )
    words = [f"2λ = {value:g}" if value else "" for value in result.shift]
    marks.append(Mark("segments", line.reshape(k, 2, 2), "muted", "2λ", axes=("lam",), width=1.0))
    label = np.stack([np.full(k, 0.62 * rank[-1]), np.maximum(result.shift, _DEEP)], axis=1)
    marks.append(Mark("text", label, "muted", "2λ", axes=("lam",), text=words, side="above"))
    listed = _key(("loss", "dot", "before"), ("l2", "dash", "after L2, same point"), ("adamw", "dashdot", "at the new minimum"))
    top = float(max(result.before()[-1], result.objective.max(), result.after(biases).max()))
    figure = _ranks(len(rank), top, top, listed, 1e-6)
    alt = "Eigenvalues of the Hessian before the penalty, after it at the same point, and at the minimum trained with it, largest first."
    return Scene(figure, alt, tuple(marks), captions=tuple(shift_sentences(result, biases)), caption_axes=("lam",), aspect=0.62)


def _ranked(spectra: Floats) -> Floats:
    """Return spectra (..., P), ascending in any order, falling; what is not positive lies far below every axis."""
    found: Floats = np.maximum(-np.sort(-spectra, axis=-1), _DEEP)
    return found


def _key(*entries: tuple[str, str, str]) -> list[dict[str, Any]]:
    return [
        {
            "type": "scatter",
            "x": [None],
            "y": [None],
            "mode": "lines",
            "name": name,
            "line": {"color": colour(ink), "dash": dash, "width": 2.4},
            "hoverinfo": "skip",
        }
        for ink, dash, name in entries
    ]


def _ranks(count: int, top: float, size: float, listed: list[dict[str, Any]], floor: float = _FLOOR) -> dict[str, Any]:
    high = float(np.log10(size)) if size > 0.0 else 0.0
    low = high + float(np.log10(floor))
    return canvas(
        *listed,
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}},
        xaxis=axis("eigenvalue, counted from the largest", range=[1.0 - 0.02 * count, 1.0 + 1.02 * (count - 1) + 0.5], zeroline=False),
        yaxis=axis("size", type="log", range=[low, high + 0.4], exponentformat="power", dtick=2),
    )

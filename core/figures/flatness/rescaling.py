"""Figures: the same function, another sharpness. In: a Rescaling or Families. Out: measures over the factor, the valley seen twice, weight decay."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.figures.flatness.common import decades
from core.figures.palette import PALETTE, colour
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas
from core.flatness.choices import FACTORS, HERE
from core.flatness.families import NORMED, Families
from core.flatness.families import settings as listed
from core.flatness.rescaling import POINTS, Rescaling
from core.flatness.words import decay_sentence, norm_sentences, scaling_sentences

_DEEP = 1e-30
_RAW = (("top", "loss", "top eigenvalue"), ("trace", "muted", "trace"), ("sam", "adam", "SAM"), ("keskar", "momentum", "Keskar"))
_OWN = (("filter", "adamw", "filter-normalised"),)


def scaling_curves(result: Rescaling) -> Scene:
    """Return each measure over what it was, against the factor between two ReLU layers, as a scene over the axis "factor"."""
    return _curves(result.relu, (*_RAW, *_OWN), scaling_sentences(result), "factor a", "times as much as at a = 1")


def norm_curves(result: Rescaling) -> Scene:
    """Return raw and normalised sharpness of a network with batch normalisation over what they were, against the factor, over the axis "factor"."""
    shown = (("block", "loss", "top, before a norm"), ("top", "muted", "top, all weights"), ("filter", "adamw", "filter-normalised"))
    return _curves(result.norm, shown, norm_sentences(result), "factor c", "times as much as at c = 1")


def _curves(numbers: dict[str, np.ndarray], shown: tuple[tuple[str, str, str], ...], said: list[str], title: str, upwards: str) -> Scene:
    factors = np.array(FACTORS)
    marks = [Mark("cursor", factors, "muted", "factor", axes=("factor",), width=1.4)]
    traces, every = [], [np.ones(1)]
    for key, ink, label in shown:
        base = float(numbers[key][HERE])
        times = np.maximum(numbers[key] / base, _DEEP) if base > 0.0 else np.ones(len(factors))
        every.append(times)
        bold = key in ("top", "filter", "block")
        marks.append(Mark("path", np.stack([factors, times], axis=1), ink, label, axes=(), width=2.6 if bold else 1.5, dash=PALETTE[ink].dash))
        marks.append(Mark("point", np.stack([factors, times], axis=1), ink, label, axes=("factor",), size=5.0 if bold else 3.5))
        line = {"color": colour(ink), "dash": PALETTE[ink].dash, "width": 2.4}
        traces.append({"type": "scatter", "x": [None], "y": [None], "mode": "lines", "name": label, "line": line, "hoverinfo": "skip"})
    figure = canvas(
        *traces,
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}},
        xaxis=axis(title, type="log", range=[-1.05, 1.05], tickvals=[0.1, 0.2, 0.5, 1, 2, 5, 10]),
        yaxis=axis(upwards, type="log", range=decades(np.concatenate(every)), exponentformat="power", dtick=1),
    )
    return Scene(figure, f"Measures of sharpness against the {title}.", tuple(marks), captions=tuple(said), caption_axes=("factor",), aspect=0.62)


def valley(result: Rescaling) -> Scene:
    """Return the loss along one fixed direction and along one that is normalised anew, as a scene over the axis "factor"."""
    along = np.linspace(-1.0, 1.0, POINTS)
    lowest = float(min(result.raw.min(), result.normalised.min()))
    top = lowest + 2.2 * max(float(result.raw[HERE].max()) - lowest, 1e-3)
    marks = []
    traces = []
    for values, ink, name in ((result.raw, "loss", "the direction as it was at a = 1"), (result.normalised, "adamw", "normalised anew")):
        marks.append(Mark("path", values, ink, name, axes=("factor",), abscissa=along, width=2.6, dash=PALETTE[ink].dash))
        line = {"color": colour(ink), "dash": PALETTE[ink].dash, "width": 2.4}
        traces.append({"type": "scatter", "x": [None], "y": [None], "mode": "lines", "name": name, "line": line, "hoverinfo": "skip"})
    figure = canvas(
        *traces,
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}},
        xaxis=axis("along the direction", range=[-1.0, 1.0], zeroline=False),
        yaxis=axis("training loss", range=[lowest - 0.05 * (top - lowest), top]),
    )
    return Scene(figure, "The training loss along a fixed and a filter-normalised direction.", tuple(marks), aspect=0.62)


def decay_dots(families: Families) -> Scene:
    """Return the raw top eigenvalue against lambda, with and without batch normalisation, a dot a seed; it stands still."""
    titles = {each.name: i for i, each in enumerate(listed())}
    top = families.number("top")[:, -1]
    marks, every, traces = [], [], []
    listing: tuple[tuple[str, Any, str, str], ...] = (
        ("loss", "circle", "without batch norm", "lam"),
        ("batch_norm", "triangle", "with batch norm", "norm"),
    )
    for ink, head, label, pick in listing:
        line = []
        for i, lam in enumerate(NORMED):
            name = next(each.name for each in listed() if each.axis == pick and each.value == lam)
            values = top[families.of == titles[name]]
            values = values[np.isfinite(values) & (values > 0.0)]
            if not len(values):
                continue
            every.append(values)
            place = i + (0.08 if pick == "norm" else -0.08)
            cloud = np.stack([np.full(len(values), place), values], axis=1)
            marks.append(
                Mark("points", cloud, ink, label, axes=(), classes=np.zeros(len(values), dtype=np.uint8), colours=(ink,), symbols=(head,), size=3.6)
            )
            line.append([place, float(np.exp(np.log(values).mean()))])
        if len(line) > 1:
            marks.append(Mark("path", np.array(line), ink, f"{label}, mean", axes=(), width=2.2, dash=PALETTE[ink].dash))
        style = {"symbol": "triangle-up" if head == "triangle" else head, "color": colour(ink), "size": 9}
        traces.append({"type": "scatter", "x": [None], "y": [None], "mode": "markers", "name": label, "marker": style, "hoverinfo": "skip"})
    figure = canvas(
        *traces,
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}},
        xaxis=axis("λ", range=[-0.5, len(NORMED) - 0.5], tickvals=list(range(len(NORMED))), ticktext=[f"{lam:g}" for lam in NORMED], zeroline=False),
        yaxis=axis("top eigenvalue at the end", type="log", range=decades(np.concatenate(every) if every else np.ones(1)), exponentformat="power"),
    )
    alt = "The top eigenvalue at the end of training against lambda, with and without batch normalisation."
    return Scene(figure, alt, tuple(marks), captions=(decay_sentence(families),), caption_axes=(), aspect=0.62)

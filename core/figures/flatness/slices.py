"""Figures: the loss around a network and between two. In: Minima. Out: a tinted slice with height lines, and losses along a line."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core._validate import Floats
from core.figures.palette import PALETTE, colour
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas, plane
from core.flatness.choices import LAMBDAS
from core.flatness.minima import SHARES, Minima
from core.flatness.words import between_sentences, slice_sentences

# Two height lines to a doubling of the loss; the tint runs from the lowest loss of all slices to the highest.
_LINE = 0.5 * float(np.log(2.0))
_TITLES = {
    "random": ("first random direction", "second random direction"),
    "hessian": ("steepest eigenvector", "most negative eigenvector"),
    "path": ("first component of the path", "second component"),
}


def loss_slice(result: Minima, kind: str) -> Scene:
    """Return a slice through the network of each lambda, as a scene over the axis "lam". The window is as wide as the slice, whatever that is."""
    found = result.slices[kind]
    heights = np.log(np.maximum(found.heights, 1e-12))
    low, high = float(heights.min()), float(max(heights.max(), heights.min() + 1e-6))
    codes = 255.0 * (heights - low) / (high - low)
    step = 255.0 * _LINE / (high - low)
    edges = tuple(np.arange(step, 254.0, max(step, 9.0)).tolist())
    field = Mark(
        "field",
        codes,
        "loss",
        "training loss",
        axes=("lam",),
        window=(-1.0, 1.0, -1.0, 1.0),
        palette=_tint("light"),
        palette_dark=_tint("dark"),
        edges=edges,
        width=0.8,
    )
    marks = [field]
    if kind == "path":
        flat = found.path / found.half[:, None, None]
        marks += [
            Mark("path", flat, "adam", "the way it came", axes=("lam",), width=2.2),
            Mark("point", flat[:, 0], "adam", "start", axes=("lam",), symbol="ring", size=5.0, text="start", side="right"),
        ]
    marks.append(Mark("point", np.zeros(2), "loss", "the network", axes=(), symbol="cross", size=6.0))
    across, upwards = _TITLES[kind]
    figure = plane(f"{across}, in half windows" if kind == "path" else across, upwards, ((-1.0, 1.0), (-1.0, 1.0)))
    alt = f"Training loss on a plane through the network: {across} and {upwards}. Height lines are equally far apart in the logarithm of the loss."
    return Scene(figure, alt, tuple(marks), captions=tuple(slice_sentences(result, found)), caption_axes=("lam",), aspect=0.95)


def between_lines(result: Minima, pair: str) -> Scene:
    """Return training and validation loss on the straight line between two minima, and the accuracy, as a scene over the axis "lam"."""
    share = np.linspace(0.0, 1.0, SHARES)
    lines = result.lines[pair]
    marks: list[Mark] = []
    for row, ink, name in ((0, "train", "training"), (2, "validation", "validation")):
        marks.append(
            Mark("path", np.maximum(lines[:, row], 1e-6), ink, f"{name} loss", axes=("lam",), abscissa=share, width=2.6, dash=PALETTE[ink].dash)
        )
    chord = np.stack([lines[:, 0, 0], lines[:, 0, -1]], axis=1)
    ends = np.stack([np.broadcast_to(np.array([0.0, 1.0]), chord.shape), np.maximum(chord, 1e-6)], axis=-1)
    marks.append(Mark("point", ends[:, 0], "train", "one end", axes=("lam",), size=5.0))
    marks.append(Mark("point", ends[:, 1], "train", "other end", axes=("lam",), size=5.0, symbol="diamond"))
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "x": [None],
            "y": [None],
            "mode": "lines",
            "name": f"{name} loss",
            "line": {"color": colour(ink), "dash": PALETTE[ink].dash, "width": 2.4},
        }
        for ink, name in (("train", "training"), ("validation", "validation"))
    ]
    losses = np.concatenate([lines[:, 0].ravel(), lines[:, 2].ravel()])
    kept = losses[np.isfinite(losses) & (losses > 0.0)]
    low, high = (float(np.log10(kept.min())), float(np.log10(kept.max()))) if kept.size else (-1.0, 1.0)
    figure = canvas(
        *traces,
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}},
        xaxis=axis("share of the way", range=[-0.03, 1.03], zeroline=False),
        yaxis=axis("loss", type="log", range=[low - 0.1, high + 0.1], exponentformat="power", dtick=1),
    )
    table = {"share": share} | {f"training_{lam:g}": lines[i, 0] for i, lam in enumerate(LAMBDAS)}
    alt = "Training and validation loss along the straight line between two minima."
    return Scene(figure, alt, tuple(marks), captions=tuple(between_sentences(result, pair)), table=table, caption_axes=("lam",), aspect=0.62)


def accuracies(result: Minima, pair: str) -> Floats:
    """Return (k, 3) validation accuracy at both ends of the line and in its middle."""
    scores: Floats = result.lines[pair][:, 3, [0, -1, SHARES // 2]]
    return scores


def _tint(mode: str) -> NDArray[np.uint8]:
    """Return (256, 4): dark where the loss is low, fading out where it is high, on a light or a dark ground."""
    ink = PALETTE["l2"].light if mode == "light" else PALETTE["l2"].dark
    rgb = [int(ink[i : i + 2], 16) for i in (1, 3, 5)]
    return np.array([[*rgb, round(175 * (1.0 - code / 255.0) ** 1.3)] for code in range(256)], dtype=np.uint8)

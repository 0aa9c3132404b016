"""Figures: one unit and its batches. In: a Normalised, a StatisticsNoise. Out: the unit's points before and after, the statistics, their noise."""

from __future__ import annotations

from typing import Literal

import numpy as np

from core._validate import Floats
from core.batch_norm.unit import EPS, Normalised, StatisticsNoise
from core.batch_norm.words import noise_sentences, unit_sentences
from core.figures.batch_norm.pairs import log_axis
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas

DRAWN = 32
"""Points of a batch that are drawn, at most."""
AXES = ("size", "turn")
_ROWS = (3.0, 2.0, 1.0)
_NAMES = ("what the unit gives", "normalised", "times γ, plus β")


def unit_batch(unit: Normalised) -> Scene:
    """Return a batch's points through the norm, in three rows, as a scene over the axes "size" and "turn"."""
    count, turns = min(DRAWN, int(unit.sizes[-1])), unit.mean.shape[1]
    # Each size has its rows; smaller batches repeat theirs, so that all columns have one shape.
    chosen = np.stack([np.stack([np.resize(rows, count) for rows in batches]) for batches in unit.rows])
    raw = unit.sums[chosen]
    mean, variance = unit.mean[..., None], unit.variance[..., None]
    normal = (raw - mean) / np.sqrt(variance + EPS)
    still = unit.scale * (raw - unit.running_mean[..., None]) / np.sqrt(unit.running_variance[..., None] + EPS) + unit.shift
    # A point that is repeated stands where it stood.
    jitter = np.stack([np.resize(0.16 * np.sin(np.arange(min(size, count)) * 2.4), count) for size in unit.sizes.tolist()])[:, None]
    rug = np.repeat(np.sort(unit.sums), 2)
    base = np.stack([rug, np.resize([_ROWS[0] - 0.42, _ROWS[0] - 0.32], len(rug))], axis=1)
    marks = [Mark("segments", base, "muted", "all points", axes=(), width=1.0)]
    for place, values, ink in ((0, raw, "loss"), (1, normal, "batch_norm"), (2, unit.scale * normal + unit.shift, "batch_norm")):
        places = np.stack([values, np.broadcast_to(_ROWS[place] + jitter, values.shape)], axis=-1)
        marks.append(Mark("points", places, ink, _NAMES[place], axes=AXES, symbols=("circle",), colours=(ink,), size=3.5))
    rings = np.stack([still, np.broadcast_to(_ROWS[2] - 0.4 + 0.4 * jitter, still.shape)], axis=-1)
    marks.append(
        Mark("points", rings, "muted", "with running statistics", axes=AXES, symbols=("circle",), colours=("muted",), hollow=np.ones(count), size=3.5)
    )
    marks.append(
        Mark(
            "segments",
            _bar(unit.mean, np.sqrt(unit.variance), _ROWS[0] + 0.34),
            "batch_norm",
            "mean and deviation of the batch",
            axes=AXES,
            width=3.0,
        )
    )
    marks.append(
        Mark(
            "segments",
            _bar(unit.running_mean, np.sqrt(unit.running_variance), _ROWS[0] + 0.48),
            "muted",
            "running mean and deviation",
            axes=AXES,
            width=2.0,
        )
    )
    for row, name in zip(_ROWS, _NAMES, strict=True):
        marks.append(
            Mark("text", np.array([_ends(unit)[0], row + (0.75 if row == _ROWS[0] else 0.32)]), "muted", name, axes=(), text=name, side="right")
        )
    marks.append(Mark("text", np.array([_ends(unit)[0], 0.36]), "muted", "in use", axes=(), text="with the running statistics", side="right"))
    low, high = _ends(unit)
    figure = canvas(
        xaxis=axis("value", range=[low, high]),
        yaxis=axis("", range=[0.2, 3.95], showticklabels=False, showgrid=False, zeroline=False, ticks=""),
    )
    alt = (
        "A batch's points for one unit in three rows: as the unit gives them, normalised by the batch's mean and deviation, and scaled and "
        "shifted; below, the same points with the running statistics as rings."
    )
    shape = (len(unit.sizes), turns)
    return Scene(figure, alt, tuple(marks), captions=tuple(unit_sentences(unit)), caption_axes=AXES, caption_shape=shape, aspect=0.78)


def _bar(mean: Floats, deviation: Floats, height: float) -> Floats:
    """Return (..., 4, 2): a bar from mean - deviation to mean + deviation, and a tick at the mean."""
    y = np.full_like(mean, height)
    ends = [(mean - deviation, y), (mean + deviation, y), (mean, y - 0.08), (mean, y + 0.08)]
    return np.stack([np.stack(each, axis=-1) for each in ends], axis=-2)


def _ends(unit: Normalised) -> tuple[float, float]:
    """Return a window that holds nearly all points of all rows."""
    out = unit.scale * np.array([-3.0, 3.0]) + unit.shift
    low, high = np.quantile(unit.sums, [0.005, 0.995])
    low, high = min(float(low), -3.0, float(out.min())), max(float(high), 3.0, float(out.max()))
    return low - 0.05 * (high - low), high + 0.05 * (high - low)


def statistics_path(unit: Normalised) -> Scene:
    """Return the means of batches as they come, and the running mean behind them, as a scene over the axes "size" and "turn"."""
    turns = np.arange(1.0, unit.mean.shape[1] + 1.0)
    mean, deviation = float(unit.sums.mean()), float(unit.sums.std())
    half = 1.3 * max(float(np.abs(unit.mean[1:] - mean).max()), deviation, 1e-6) if len(unit.mean) > 1 else 1.0
    marks = [
        Mark(
            "path",
            np.full(2, mean),
            "loss",
            "mean of all points",
            axes=(),
            width=1.4,
            dash="dot",
            abscissa=turns[[0, -1]],
            text="all points",
            side="above",
        ),
        Mark(
            "path", unit.mean, "batch_norm", "mean of each batch", axes=("size",), width=1.6, abscissa=turns, until="turn", ghost=0.25, head="diamond"
        ),
        Mark(
            "path",
            unit.running_mean,
            "muted",
            "running mean",
            axes=("size",),
            width=2.6,
            dash="dash",
            abscissa=turns,
            until="turn",
            ghost=0.25,
            head="ring",
        ),
    ]
    figure = canvas(xaxis=axis("batch", range=[0.0, 1.06 * float(turns[-1])]), yaxis=axis("mean", range=[mean - half, mean + half]))
    alt = "The mean of each batch, one after another, and the running mean behind them, against the mean of all points."
    return Scene(figure, alt, tuple(marks), aspect=0.5)


def noise_curves(noise: StatisticsNoise) -> Scene:
    """Return the variance of a batch's mean and of its variance against the batch size, measured and by formula, as a scene over the axis "size"."""
    kept = noise.sizes > 1
    sizes = noise.sizes[kept].astype(float)
    rows: list[tuple[str, Floats, Floats, str, Literal["diamond", "square"]]] = [
        ("mean", noise.mean[kept], noise.mean_formula[kept], "batch_norm", "diamond"),
        ("variance", noise.variance[kept], noise.variance_formula[kept], "w2", "square"),
    ]
    every = np.concatenate([np.concatenate([found, formula]) for _, found, formula, _, _ in rows]) if len(sizes) else np.ones(1)
    there = every[every > 1e-12]
    low, high = (0.5 * float(there.min()), 2.0 * float(there.max())) if there.size else (0.1, 10.0)
    marks = [Mark("cursor", np.maximum(noise.sizes.astype(float), 1.0), "muted", "batch size", axes=("size",), width=1.6)]
    for name, found, formula, ink, symbol in rows:
        marks.append(
            Mark(
                "path",
                np.clip(formula, low, high),
                ink,
                f"{name}, by formula",
                axes=(),
                width=1.8,
                abscissa=sizes,
                text=f"of the {name}",
                side="free",
            )
        )
        dots = np.stack([sizes, np.clip(found, low, high)], axis=1)
        marks.append(Mark("points", dots, ink, f"{name}, measured", axes=(), symbols=(symbol,), colours=(ink,), size=4))
    last = float(noise.sizes[-1])
    figure = canvas(xaxis=log_axis("points a batch", 0.9, 3.0 * max(last, 2.0)), yaxis=log_axis("variance over batches", low, high))
    alt = "Variance of a batch's mean and of its variance against the batch size on logarithmic axes: lines by formula, symbols measured."
    table = {"batch": noise.sizes.astype(float), "mean": noise.mean, "variance": noise.variance}
    return Scene(figure, alt, tuple(marks), captions=tuple(noise_sentences(noise)), caption_axes=("size",), table=table, aspect=0.5)

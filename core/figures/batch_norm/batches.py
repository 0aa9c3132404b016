"""Figures: the batch size. In: a BatchResult. Out: the gap against the batch size, and the losses over the epochs at the size chosen."""

from __future__ import annotations

import numpy as np

from core._validate import Floats
from core.batch_norm.batches import BatchResult
from core.batch_norm.words import NAMES, batch_sentences
from core.figures.batch_norm.pairs import BOTH, DASHES, HEADS, INKS, log_axis, middle
from core.figures.palette import PALETTE
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas

_PARTS = (("train", "train"), ("val", "validation"))


def gap_curves(result: BatchResult) -> Scene:
    """Return the gap against the batch size as a scene over the axis "size": at the end, and at equal training loss."""
    marks = [Mark("cursor", result.sizes, "muted", "batch size", axes=("pairs",), width=1.6)]
    # A draw of the data is a line; its seeds are averaged.
    by_draw = np.nan_to_num(_mean(result.gap, 2))
    even = np.nan_to_num(_mean(result.matched, 2))
    for which in BOTH:
        for draw in range(by_draw.shape[1]):
            name = f"{NAMES[which]}, draw {draw}"
            marks.append(Mark("path", by_draw[:, draw, which], INKS[which], name, axes=(), width=0.9, dash=DASHES[which], abscissa=result.sizes))
    for which in BOTH:
        line = by_draw[..., which].mean(axis=1)
        marks.append(middle(line, result.sizes, which, ()))
        marks.append(Mark("point", np.stack([result.sizes, line], axis=1), INKS[which], "here", axes=("pairs",), symbol=HEADS[which], size=7))
        matched = np.stack([result.sizes, even[..., which].mean(axis=1)], axis=1)
        marks.append(
            Mark(
                "points",
                matched,
                INKS[which],
                f"{NAMES[which]}, at equal training loss",
                axes=(),
                symbols=("square",),
                colours=(INKS[which],),
                size=4,
            )
        )
    top = 1.15 * float(max(by_draw.max(), even.max(), 1e-3))
    low = min(-0.1 * top, 1.2 * float(min(by_draw.min(), even.min())))
    marks.append(
        Mark("text", np.array([result.sizes[-1], 0.93 * top]), "muted", "what squares are", axes=(), text="■ at equal training loss", side="left")
    )
    figure = canvas(xaxis=_sizes(result.sizes), yaxis=axis("validation less training loss", range=[low, top]))
    alt = (
        "The gap between validation and training loss against the batch size, a thin line for each draw of the data; squares: at equal training loss."
    )
    table = {"batch": result.sizes, "without": by_draw[..., 0].mean(axis=1), "with": by_draw[..., 1].mean(axis=1)}
    return Scene(figure, alt, tuple(marks), captions=tuple(batch_sentences(result)), caption_axes=("pairs",), table=table, aspect=0.66)


def batch_losses(result: BatchResult) -> Scene:
    """Return mean losses over the epochs at the size chosen as a scene over the axis "pairs"."""
    marks, tops = [], []
    for part, ink in _PARTS:
        curves = _mean(_mean(getattr(result, part), 2), 1)
        for which in BOTH:
            line = np.nan_to_num(curves[:, which], nan=9e9)
            tops.append(np.quantile(line, 0.9))
            marks.append(
                Mark(
                    "path",
                    np.minimum(line, 50.0),
                    ink,
                    f"{part} {NAMES[which]}",
                    axes=("pairs",),
                    width=3.0 if which else 1.4,
                    dash=PALETTE[ink].dash,
                    abscissa=result.epochs,
                    text=f"{'training' if part == 'train' else 'validation'}, {'with' if which else 'without'}",
                    side="free",
                )
            )
    high = float(min(1.25 * max(tops), 3.0 * result.study.ignorance))
    figure = canvas(
        xaxis=axis("epoch", range=[0.0, 1.75 * float(result.epochs[-1])]), yaxis=axis("loss, mean over draws and seeds", range=[0.0, high])
    )
    alt = "Training and validation loss over the epochs at the batch size chosen, with batch norm as broad lines and without as narrow ones."
    return Scene(figure, alt, tuple(marks), aspect=0.66)


def _mean(values: Floats, along: int) -> Floats:
    there = np.isfinite(values)
    count = there.sum(axis=along)
    return np.where(count > 0, np.where(there, values, 0.0).sum(axis=along) / np.maximum(count, 1), np.nan)


def _sizes(sizes: Floats) -> dict[str, object]:
    low, high = float(sizes[0]) / 1.3, float(sizes[-1]) * 2.2
    return log_axis("points a batch", low, high) | {
        "tickmode": "array",
        "tickvals": sizes,
        "ticktext": [f"{size:.0f}" for size in sizes],
        "dtick": None,
    }

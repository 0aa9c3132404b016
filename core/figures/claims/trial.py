"""Figure: what a claim's experiment found. In: a Ruling. Out: its picture, lines with their range over seeds, or groups of dots with their means."""

from __future__ import annotations

import dataclasses
import textwrap
from typing import Any

import numpy as np

from core._validate import Floats
from core.claims.claim import Ruling, interval
from core.claims.picture import Group, Line, Picture
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas
from core.wording import number

_ROOM = 0.06
"""Of the window, beyond the outermost values."""
_NAME = 0.07
"""Of the chart's height: what a name at a line's end needs."""
_SHORT = 2.5
"""Decades below which a logarithmic axis has ticks between the powers of ten."""
_JITTER = 0.16
_UPRIGHT, _BESIDE = 28, 14
"""Letters a line of an upright axis' title and of a group's name: what a phone's chart has room for."""
_DOTS = "A dot each; the bar is the mean's 95 % interval."
_BANDS = "Lines are medians; bands reach from the lowest to the highest."
_SYMBOLS = ("circle", "square", "diamond", "triangle", "cross")


def trial_scene(ruling: Ruling) -> Scene:
    """Return a ruling's picture."""
    picture = ruling.findings.picture
    marks, figure, table = _grouped(picture) if picture.groups else _lined(picture)
    many = any(np.ndim(line.y) > 1 for line in picture.lines)
    read = (
        "A dot each; the bar is the mean's 95 % interval."
        if picture.groups
        else "Lines are medians, bands reach from lowest to highest."
        if many
        else ""
    )
    caption = " ".join(part for part in (ruling.findings.note, read) if part)
    return Scene(
        figure,
        picture.alt,
        tuple(marks),
        captions=(caption,) if caption else (),
        caption_axes=(),
        table=table,
        aspect=1.0 if picture.square else 0.62,
    )


# ------------------------------------------------------------------------------------------------------------------------ lines


def _lined(picture: Picture) -> tuple[list[Mark], dict[str, Any], dict[str, Floats]]:
    log_x, log_y = "x" in picture.log, "y" in picture.log
    marks: list[Mark] = []
    table: dict[str, Floats] = {}
    every_x, every_y = [], []
    heads: list[Mark] = []
    for i, line in enumerate(picture.lines):
        x, rows = _drawable(picture, line, log_x, log_y)
        if not x.size:
            continue
        with np.errstate(all="ignore"):
            middle, low, high = (np.nanquantile(rows, share, axis=0) for share in (0.5, 0.0, 1.0))
        every_x.append(x)
        every_y += [low, high]
        if line.points:
            cloud = np.stack([np.broadcast_to(x, rows.shape), rows], axis=-1).reshape(-1, 2)
            cloud = cloud[np.isfinite(cloud).all(axis=1)]
            classes = np.zeros(len(cloud), dtype=np.uint8)
            symbol = _SYMBOLS[i % len(_SYMBOLS)]
            marks.append(Mark("points", cloud, line.ink, line.name, axes=(), size=4.5, classes=classes, colours=(line.ink,), symbols=(symbol,)))  # type: ignore[arg-type]
            heads.append(Mark("text", np.array([x[-1], middle[-1]]), line.ink, line.name, axes=(), text=line.name, side="right"))
        else:
            if len(rows) > 1:
                outline = np.concatenate([np.stack([x, high], axis=1), np.stack([x, low], axis=1)[::-1]])
                marks.append(Mark("region", outline, line.ink, f"{line.name}, range", axes=(), width=0.0, fill=0.16))
            dash = ("solid", "dash", "dot", "dashdot")[i % 4]
            path = np.stack([x, middle], axis=1)
            heads.append(Mark("path", path, line.ink, line.name, axes=(), width=2.2, dash=dash, text=line.name, side="right"))
        if line.name not in table:
            table |= {f"{line.name}: {picture.across or 'x'}": x, line.name: middle}
    # Names stand at the lines' ends, so the window needs room for the longest.
    longest = max((len(line.name) for line in picture.lines), default=0)
    window_x, window_y = _window(every_x, log_x, min(0.12 + 0.0165 * longest, 0.7)), _window([*every_y, *_levels(picture)], log_y)
    marks += _apart(heads, window_y, log_y) + _rules(picture, window_x, window_y)
    figure = canvas(
        xaxis=axis(picture.across, **_scale(window_x, log_x), **({"constrain": "domain"} if picture.square else {})),
        yaxis=axis(
            _wrapped(picture.upwards, _UPRIGHT), **_scale(window_y, log_y), **({"scaleanchor": "x", "scaleratio": 1} if picture.square else {})
        ),
    )
    return marks, figure, table


def _apart(heads: list[Mark], window: tuple[float, float], log: bool) -> list[Mark]:
    """Return lines whose names at their ends stand apart: where two ends are close, the name of the upper one stands above it."""
    low, high = np.log10(window) if log else np.array(window)
    ends = [float(mark.xy[..., 1].reshape(-1)[-1]) for mark in heads]
    place = [(float(np.log10(end)) if log else end) / (high - low) for end in ends]
    found = []
    for mark, own in zip(heads, place, strict=True):
        crowded = any(0.0 < own - other < _NAME or (own == other and mark is not heads[place.index(own)]) for other in place)
        found.append(dataclasses.replace(mark, side="above") if crowded else mark)
    return found


def _drawable(picture: Picture, line: Line, log_x: bool, log_y: bool) -> tuple[Floats, Floats]:
    """Return x (n,) and rows (s, n) of what can be drawn: columns with a number in them, positive ones on logarithmic axes."""
    x = line.x if line.x.size else picture.x
    rows = np.atleast_2d(np.asarray(line.y, dtype=np.float64))
    rows = np.where(np.isfinite(rows) & ((rows > 0.0) | (not log_y)), rows, np.nan)
    kept = np.isfinite(rows).any(axis=0) & np.isfinite(x) & ((x > 0.0) | (not log_x))
    return x[kept], rows[:, kept]


def _rules(picture: Picture, window_x: tuple[float, float], window_y: tuple[float, float]) -> list[Mark]:
    """Return level and upright lines with their words."""
    marks = []
    if picture.level is not None:
        height, words = picture.level
        marks.append(Mark("segments", np.array([[window_x[0], height], [window_x[1], height]]), "muted", words, axes=(), width=1.4, dash="dash"))
        marks.append(Mark("text", np.array([window_x[0], height]), "muted", words, axes=(), text=words, side="right"))
    for place, words in picture.at:
        marks.append(Mark("segments", np.array([[place, window_y[0]], [place, window_y[1]]]), "muted", words, axes=(), width=1.4, dash="dash"))
        marks.append(Mark("text", np.array([place, window_y[1]]), "muted", words, axes=(), text=words, side="free"))
    return marks


# ----------------------------------------------------------------------------------------------------------------------- groups


def _grouped(picture: Picture) -> tuple[list[Mark], dict[str, Any], dict[str, Floats]]:
    log_y = "y" in picture.log
    marks: list[Mark] = []
    table: dict[str, Floats] = {}
    every = []
    for i, group in enumerate(picture.groups):
        values = np.asarray(group.values, dtype=np.float64)
        values = values[np.isfinite(values) & ((values > 0.0) | (not log_y))]
        table[group.name] = np.nan_to_num(np.asarray(group.values, dtype=np.float64))
        if not values.size:
            continue
        every.append(values)
        marks += _dots(group, values, float(i), _SYMBOLS[i % len(_SYMBOLS)])
    window_x = (-0.5, len(picture.groups) - 0.5)
    window_y = _window([*every, *_levels(picture)], log_y, 0.1)
    marks += _rules(picture, window_x, window_y)
    ticks = {"tickvals": list(range(len(picture.groups))), "ticktext": [_wrapped(group.name, _BESIDE) for group in picture.groups]}
    figure = canvas(
        xaxis=axis("", range=list(window_x), zeroline=False, showgrid=False, **ticks),
        yaxis=axis(_wrapped(picture.upwards, _UPRIGHT), **_scale(window_y, log_y)),
    )
    return marks, figure, table


def _dots(group: Group, values: Floats, at: float, symbol: str) -> list[Mark]:
    """Return a group's dots, spread sideways in their order, and beside them the mean with its interval."""
    spread = _JITTER * np.linspace(-1.0, 1.0, len(values)) if len(values) > 1 else np.zeros(1)
    cloud = np.stack([at + spread, values], axis=1)
    classes = np.zeros(len(values), dtype=np.uint8)
    marks = [Mark("points", cloud, group.ink, group.name, axes=(), size=5.0, classes=classes, colours=(group.ink,), symbols=(symbol,))]  # type: ignore[arg-type]
    low, high = interval(values)
    if np.isfinite(low) and high > low and low > -np.inf:
        beside = at + 2.0 * _JITTER
        marks.append(Mark("segments", np.array([[beside, max(low, values.min() * 1e-3)], [beside, high]]), group.ink, "interval", axes=(), width=3.0))
        marks.append(Mark("point", np.array([beside, float(values.mean())]), group.ink, "mean", axes=(), symbol="ring", size=5.0))
    return marks


# ----------------------------------------------------------------------------------------------------------------------- windows


def _wrapped(words: str, most: int) -> str:
    return "<br>".join(textwrap.wrap(words, most, break_long_words=False, break_on_hyphens=False))


def _levels(picture: Picture) -> list[Floats]:
    return [] if picture.level is None else [np.array([picture.level[0]])]


def _window(columns: list[Floats], log: bool, right: float = _ROOM) -> tuple[float, float]:
    """Return the ends of an axis in data coordinates, with room beyond the outermost values."""
    values = np.concatenate([column[np.isfinite(column)] for column in columns]) if columns else np.array([0.0, 1.0])
    if log:
        values = values[values > 0.0]
        low, high = (float(np.log10(values.min())), float(np.log10(values.max()))) if values.size else (0.0, 1.0)
    else:
        low, high = float(values.min()), float(values.max())
    wide = (high - low) or max(0.1 * abs(high), 0.1)
    low, high = low - _ROOM * wide, high + right * wide
    return (10.0**low, 10.0**high) if log else (low, high)


def _scale(window: tuple[float, float], log: bool) -> dict[str, Any]:
    if not log:
        return {"range": list(window), "zeroline": False}
    low, high = float(np.log10(window[0])), float(np.log10(window[1]))
    digits = (1.0, 2.0, 5.0) if high - low < _SHORT else (1.0,)
    stride = max(1, round((high - low) / 6.0))
    ticks = [float(f"{digit * 10.0**power:.3g}") for power in range(int(low) - 1, int(high) + 2, stride) for digit in digits]
    ticks = [tick for tick in ticks if window[0] <= tick <= window[1]]
    return {"type": "log", "range": [low, high], "tickvals": ticks, "ticktext": [number(tick) for tick in ticks]}

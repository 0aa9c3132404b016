"""Figures: what was measured on trained networks, against p. In: results of studies. Out: points with intervals over seeds, lines and verdicts."""

from __future__ import annotations

from typing import Any

import numpy as np

from core._validate import Floats
from core.dropout.coadaptation import Leaning
from core.dropout.noise import RULES, WHEN, Noise, Rates
from core.dropout.pace import TARGETS, Steps
from core.dropout.study_words import (
    basin_sentences,
    lean_sentence,
    noise_sentences,
    pace_sentences,
    rate_sentence,
    relation_sentence,
    saddle_sentence,
    toll_sentence,
)
from core.dropout.trapped import BASIN_RATES, BASIN_RUNS, LEARNING, MOST, Escaped
from core.figures.dropout.rates import bars, cursor, direct, over_p
from core.figures.palette import PALETTE, colour
from core.figures.scene import FamilyAxis, Mark, Scene
from core.figures.template import axis, canvas
from core.optimizers import RULES as ALL_RULES
from core.specs.dropout import rates
from core.studies.seeds import effect

SYMBOLS = ("circle", "diamond", "square")
STEP_TICKS = [5, 10, 20, 50, 100, 200, 500]


def _seeds(x: Floats, values: Floats, ink: str, shift: float = 0.0) -> dict[str, Any]:
    """Return every seed as a small pale point, (p, seed) at x (p,)."""
    n = values.shape[1]
    place = np.repeat(x, n) + shift + 0.006 * (np.tile(np.arange(n), len(x)) - (n - 1) / 2.0) / max(1.0, n / 3.0)
    return {
        "type": "scatter",
        "x": place,
        "y": values.ravel(),
        "mode": "markers",
        "marker": {"color": colour(ink), "size": 4},
        "opacity": 0.45,
        "hoverinfo": "skip",
    }


def _interval(x: Floats, values: Floats, ink: str, name: str, symbol: str = "circle") -> dict[str, Any]:
    """Return means over seeds with their 95 % intervals."""
    found = effect(values)
    return bars(x, found.mean, found.half, ink, name, symbol)


def unit_agreement(found: Leaning) -> Scene:
    """Return the mean absolute correlation of hidden units against p."""
    figure = over_p(
        "mean |correlation| of two units",
        (0.0, 1.0),
        _seeds(found.p, found.agreement, "dropout"),
        _interval(found.p, found.agreement, "dropout", "correlation"),
    )
    alt = "How strongly hidden units correlate, against p: every seed, and the mean with its 95 % interval."
    return Scene(figure, alt, (cursor(),), captions=(relation_sentence(found),), caption_axes=(), aspect=0.66)


def missed_unit(found: Leaning) -> Scene:
    """Return by how much the training loss rises when one unit is removed, against p."""
    floor = 1e-5
    rise, worst = np.maximum(found.rise, floor), np.maximum(found.worst, floor)
    low, high = np.log10(min(rise.min(), 1e-3)), np.log10(max(worst.max(), 0.1))
    figure = over_p(
        "loss without one unit, rise",
        (float(low) - 0.2, float(high) + 0.3),
        _seeds(found.p, rise, "dropout"),
        _seeds(found.p, worst, "l1"),
        _interval(found.p, rise, "dropout", "mean over units"),
        _interval(found.p, worst, "l1", "the unit that is missed most", "diamond"),
        type="log",
        exponentformat="power",
        dtick=1,
    )
    last = len(found.p) - 1
    figure["layout"]["annotations"] = direct(
        (float(found.p[last]) + 0.02, float(np.log10(rise[last].mean())), "mean over units", "dropout"),
        (float(found.p[last]) + 0.02, float(np.log10(worst[last].mean())), "the one missed most", "l1"),
    )
    alt = "By how much the training loss rises when one hidden unit is removed, against p: the mean over units, and the unit that is missed most."
    return Scene(figure, alt, (cursor(),), captions=(lean_sentence(found),), caption_axes=(), aspect=0.66)


def gradient_cosines(found: Noise) -> Scene:
    """Return the cosine between gradients under two masks against p, at the start and after training."""
    traces = []
    for when, (ink, symbol) in enumerate((("momentum", "circle"), ("dropout", "diamond"))):
        traces += [_seeds(found.p, found.masks[when], ink), _interval(found.p, found.masks[when], ink, WHEN[when], symbol)]
    figure = over_p("cosine of two gradients", (-0.05, 1.06), *traces)
    figure["layout"]["annotations"] = direct(
        (0.52, float(found.masks[0, 6].mean()) + 0.05, WHEN[0], "momentum"), (0.2, float(found.masks[1, 3].mean()) - 0.12, WHEN[1], "dropout")
    )
    alt = (
        "The cosine between the gradients of one batch under two masks, against p, at the start and after training: eight seeds, means and intervals."
    )
    return Scene(figure, alt, (cursor(),), captions=tuple(noise_sentences(found)), caption_axes=("p",), aspect=0.66)


def gradient_variance(found: Noise) -> Scene:
    """Return the variance of a batch's gradient over masks against p, over the square of the mean gradient."""
    traces = []
    p = found.p[1:]
    for when, (ink, symbol) in enumerate((("momentum", "circle"), ("dropout", "diamond"))):
        values = np.maximum(found.noise[when, 1:], 1e-4)
        middle = np.median(values, axis=1)
        low, high = np.quantile(values, 0.25, axis=1), np.quantile(values, 0.75, axis=1)
        traces += [_seeds(p, values, ink), bars(p, middle, (high - middle, middle - low), ink, WHEN[when], symbol)]
    curve = {
        "type": "scatter",
        "x": rates()[1:],
        "y": rates()[1:] / (1.0 - rates()[1:]) * float(np.median(found.noise[0, 3]) / (0.2 / 0.8)),
        "mode": "lines",
        "name": "∝ p/(1 − p)",
        "line": {"color": colour("muted"), "dash": "dot", "width": 1.5},
    }
    figure = over_p("variance / |mean|²", (-3.0, 1.6), curve, *traces, type="log", exponentformat="power", dtick=1)
    figure["layout"]["annotations"] = direct((0.72, -0.75, "∝ p/(1 − p)", "muted"))
    alt = "The variance of a batch's gradient over masks, over the squared length of its mean, against p: medians and quartiles over eight seeds."
    caption = "Medians and quartiles over eight seeds. Dotted: p/(1 − p), the variance of a unit's factor, through the start's point at p = 0.2."
    return Scene(figure, alt, (cursor(),), captions=(caption,), caption_axes=(), aspect=0.66)


def best_rates_of(found: Rates, judge: str) -> Scene:
    """Return each rule's best rate against p: every seed's own, and the one that is best on average."""
    best = found.best[judge]
    traces, names = [], []
    for r, rule in enumerate(RULES):
        middle = 10 ** np.log10(best.own[r]).mean(axis=1)
        half = effect(np.log10(best.own[r])).half
        x = found.p + 0.012 * (r - 1)
        traces += [
            _seeds(x, best.own[r], rule),
            bars(x, middle, (middle * (10**half - 1.0), middle * (1.0 - 10**-half)), rule, ALL_RULES[rule].label, SYMBOLS[r])
            | {"mode": "lines+markers", "line": {"dash": PALETTE[rule].dash, "color": colour(rule), "width": 1.6}},
        ]
        names.append((0.63, float(np.log10(middle[-1])), ALL_RULES[rule].label, rule))
    figure = over_p("best learning rate", (-3.3, 1.1), *traces, type="log", exponentformat="power", dtick=1)
    figure["layout"]["annotations"] = direct(*names)
    alt = "The best learning rate of SGD, momentum and Adam against p: each seed's own, their mean and its 95 % interval."
    return Scene(figure, alt, (cursor(),), captions=(rate_sentence(found, judge),), caption_axes=(), aspect=0.66)


def toll(found: Rates, judge: str) -> Scene:
    """Return by how much dropout raises each rule's best loss, against p."""
    best = found.best[judge]
    cost = best.loss - best.loss[:, :1]
    traces, names = [], []
    for r, rule in enumerate(RULES):
        x = found.p + 0.012 * (r - 1)
        traces += [
            _seeds(x, cost[r], rule),
            _interval(x, cost[r], rule, ALL_RULES[rule].label, SYMBOLS[r])
            | {"mode": "lines+markers", "line": {"dash": PALETTE[rule].dash, "color": colour(rule), "width": 1.6}},
        ]
        names.append((0.63, float(cost[r, -1].mean()), ALL_RULES[rule].label, rule))
    order = np.argsort([name[1] for name in names])
    top = float(max(cost.max() * 1.1, 0.05))
    for place, i in enumerate(order):  # names stay apart
        x, y, text, ink = names[i]
        names[i] = (x, max(y, (names[order[place - 1]][1] + 0.055 * top) if place else y), text, ink)
    figure = over_p("what dropout adds to the best loss", (min(-0.02, 1.1 * float(cost.min())), top), *traces)
    figure["layout"]["annotations"] = direct(*names)
    alt = "By how much the best loss of SGD, momentum and Adam rises with p, each at its own best rate: six seeds, means and 95 % intervals."
    return Scene(figure, alt, (cursor(),), captions=(toll_sentence(found, judge),), caption_axes=(), aspect=0.66)


def saddle_escapes(found: Escaped) -> Scene:
    """Return the share of the noisy runs that leave the point of equal units, and that point's lowest eigenvalue, against p."""
    share, low, high = found.shares
    noisy = bars(found.p, 100.0 * share, (100.0 * (high - share), 100.0 * (share - low)), "dropout", "with noise")
    control = {
        "type": "scatter",
        "x": found.p,
        "y": 100.0 * (found.control > 1e-9),
        "mode": "markers",
        "name": "without noise",
        "marker": {"symbol": "x-thin-open", "size": 11, "color": colour("loss"), "line": {"width": 2, "color": colour("loss")}},
        "hovertemplate": "p = %{x:.3g}: %{y} %<extra>without noise</extra>",
    }
    saddle = found.lowest < 0.0
    edge = float((found.p[saddle].max() + found.p[~saddle].min()) / 2.0) if saddle.any() and not saddle.all() else None
    figure = over_p(
        "runs that left, %", (-6.0, 108.0), noisy | {"mode": "lines+markers", "line": {"color": colour("dropout"), "width": 1.4}}, control, wide=0.7
    )
    names = [(0.12, 97.0, "with noise", "dropout"), (0.42, 7.0, "without noise", "loss")]
    if edge is not None:
        line = {
            "type": "line",
            "x0": edge,
            "x1": edge,
            "yref": "paper",
            "y0": 0,
            "y1": 1,
            "line": {"color": colour("muted"), "width": 1.2, "dash": "dash"},
        }
        figure["layout"]["shapes"] = [line]
        names += [(edge + 0.01, 60.0, "no saddle any more", "muted")]
    figure["layout"]["annotations"] = direct(*names)
    alt = "The share of runs with dropout's noise that leave the point where two units are equal, against p; the runs without noise never do."
    return Scene(figure, alt, (cursor(),), captions=(saddle_sentence(found),), caption_axes=(), aspect=0.66)


def basin_escapes(found: Escaped) -> Scene:
    """Return the share of noisy runs that leave each minimum against its sharpness, at the measured p nearest to the scrub's."""
    nearest = np.abs(rates()[:, None] - np.array(BASIN_RATES)).argmin(axis=1)
    points = {stable: np.full((len(found.basins), MOST * len(LEARNING), 2), np.nan) for stable in (True, False)}
    for b, kept in enumerate(found.basins):
        for i in range(len(kept.loss)):
            for j in range(len(LEARNING)):
                points[bool(kept.stable[i, j])][b, i * len(LEARNING) + j] = kept.top[i] * 1.015 ** (j - 2.5), 100.0 * kept.left[i, j] / BASIN_RUNS
    classes = np.tile(np.arange(len(LEARNING), dtype=np.uint8), MOST)
    inks = ("value0", "value2", "value4", "value5", "value6", "value8")
    style = {"axes": ("p",), "classes": classes, "colours": inks, "symbols": ("circle", "square", "diamond", "triangle", "star", "circle")}
    filled, hollow = np.zeros(len(classes), dtype=bool), np.ones(len(classes), dtype=bool)
    marks = (
        Mark("points", points[True][nearest], "dropout", "below the limit", size=5.5, hollow=filled, **style),  # type: ignore[arg-type]  # a cloud's own
        Mark("points", points[False][nearest], "dropout", "beyond the limit", size=5.5, hollow=hollow, **style),  # type: ignore[arg-type]
    )
    figure = canvas(
        xaxis=axis("sharpness: top eigenvalue of the expected loss", type="log", range=[-0.05, 1.45], tickvals=[1, 2, 5, 10, 20]),
        yaxis=axis("runs that left, %", range=[-6.0, 108.0]),
    )
    symbols = ("●", "■", "◆", "▲", "★", "●")
    figure["layout"]["annotations"] = direct(
        (-0.02, 104.0, "learning rate", "muted"), *((-0.02, 97.0 - 7.5 * j, f"{symbols[j]} {rate:g}", inks[j]) for j, rate in enumerate(LEARNING))
    )
    alt = "The share of noisy runs that settle elsewhere against the sharpness of the minimum they started in; hollow where noise cannot rest."
    return Scene(figure, alt, marks, captions=tuple(basin_sentences(found)), caption_axes=("p",), aspect=0.66)


def target_axis(found: Steps) -> FamilyAxis:
    """Return the axis of the validation loss to be reached, falling."""
    names = tuple(f"{target:.3f}" for target in found.targets)
    return FamilyAxis("target", np.arange(TARGETS, dtype=np.float64), "The validation loss to be reached", "", names=names)


def steps_to_target(found: Steps) -> Scene:
    """Return the steps to the target against p: every seed at its best rate, and the median of those that reach it."""
    best = [found.best(i)[0] for i in range(TARGETS)]
    steps = np.stack(best)
    n = steps.shape[2]
    place = found.p[:, None] + 0.008 * (np.arange(n) - (n - 1) / 2.0) / 3.0
    cloud = np.stack([np.broadcast_to(place, steps.shape), steps], axis=-1).reshape(TARGETS, -1, 2)
    middle = np.stack([[np.median(row[np.isfinite(row)]) if np.isfinite(row).sum() > n / 2 else np.nan for row in each] for each in steps])
    marks = (
        Mark("cursor", rates(), "muted", "p", axes=("p",), width=1.4),
        Mark("points", cloud, "dropout", "seeds", axes=("target",), size=4.0, classes=np.zeros(cloud.shape[1], dtype=np.uint8), colours=("dropout",)),
        Mark("path", middle, "loss", "median", axes=("target",), abscissa=found.p, width=2.4, text="median", side="free"),
    )
    high = float(np.log10(np.nanmax(steps)))
    figure = over_p("steps", (float(np.log10(np.nanmin(steps[steps > 0]))) - 0.1, high + 0.1), type="log", wide=0.66, tickvals=STEP_TICKS)
    alt = "Steps of training until the validation loss is first at the target, against p: ten seeds, each at its best learning rate."
    return Scene(figure, alt, marks, captions=tuple(pace_sentences(found)), caption_axes=("target",), aspect=0.66)


def times_as_many(found: Steps) -> Scene:
    """Return how many times as many steps dropout takes, against the target, as far down as every seed gets there."""
    traces, names = [], []
    inks = ("value0", "value2", "value4", "value6", "value8")
    for i, p in enumerate(found.p[1:].tolist(), start=1):
        more = [found.more(t) for t in range(TARGETS)]
        all_there = np.array([not found.best(t)[1].any() for t in range(TARGETS)])
        ratio = np.array([2.0 ** each.mean[i] for each in more])[all_there]
        if not ratio.size:
            continue
        at = found.targets[all_there]
        low = np.array([2.0 ** (each.mean[i] - each.half[i]) for each in more])[all_there]
        high = np.array([2.0 ** (each.mean[i] + each.half[i]) for each in more])[all_there]
        shade = {"type": "scatter", "x": np.concatenate([at, at[::-1]]), "y": np.concatenate([high, low[::-1]]), "mode": "none", "fill": "toself"}
        if i == len(found.p) - 1:
            traces.append(shade | {"fillcolor": "rgba(208,138,26,0.16)", "hoverinfo": "skip"})
        traces.append(
            {
                "type": "scatter",
                "x": at,
                "y": ratio,
                "mode": "lines",
                "name": f"p = {p:g}",
                "line": {"color": colour(inks[i - 1]), "width": 2.0, "dash": ("solid", "dash", "dot", "dashdot", "solid")[i - 1]},
                "hovertemplate": "%{x:.3f}: %{y:.2f} times<extra>p = " + f"{p:g}" + "</extra>",
            }
        )
        names.append((float(np.log10(at[-1])), float(ratio[-1]), f"p = {p:g}", inks[i - 1]))
    names.sort(key=lambda each: each[1])
    spaced: list[tuple[float, float, str, str]] = []
    for x, y, text, ink in names:
        spaced.append((x, max(y, spaced[-1][1] + 0.09) if spaced else y, text, ink))
    ends = np.log10(found.targets[[0, -1]])
    marks = (Mark("cursor", found.targets, "muted", "target", axes=("target",), width=1.4),)
    figure = canvas(
        *traces,
        xaxis=axis(
            "validation loss to be reached", type="log", range=[float(ends[0]) + 0.03, float(ends[1])], tickvals=[0.15, 0.2, 0.25, 0.3, 0.35, 0.4]
        ),
        yaxis=axis("times the steps without dropout", range=[0.6, 2.6]),
    )
    figure["layout"]["annotations"] = direct(*spaced)
    alt = (
        "How many times as many steps training takes with dropout, against the validation loss that is to be reached: geometric means over ten seeds."
    )
    caption = "Geometric means over ten seeds, as far down as every one of them gets. The band is the 95 % interval of the largest p."
    return Scene(figure, alt, marks, captions=(caption,), caption_axes=(), aspect=0.66)

"""Figures: the trials of one search. In: a SearchResult and a Lane. Out: losses in order; parallel coordinates; what each setting explains."""

from __future__ import annotations

from typing import Any

import numpy as np

from core._validate import Floats
from core.figures.palette import colour
from core.figures.right_mix.searches import INKS, loss_ticks, loss_window
from core.figures.scene import FamilyAxis, Mark, Readout, Scene
from core.figures.template import axis, canvas
from core.right_mix.importance import Importance
from core.right_mix.methods import LABELS
from core.right_mix.search import Lane, SearchResult
from core.right_mix.settings import RATIO, SETTINGS, SPACES, values_of
from core.right_mix.words import importance_sentence, loss_words, ranked, trial_sentences
from core.wording import number, plain

TINTS = 9
"""The losses of a search are drawn in so many tints, as many trials in each."""


def rank_axis(lane: Lane) -> FamilyAxis:
    """Return the axis of the trials from the best to the worst."""
    names = tuple(f"trial {trial.number + 1}" for trial in ranked(lane))
    return FamilyAxis("rank", np.arange(1.0, len(names) + 1.0), "Trials, from the best to the worst", marks=((0, "best"),), names=names)


def trial_points(result: SearchResult, lane: Lane) -> Floats:
    """Return (n, 2) where the trials stand in `trial_losses`, from the best to the worst."""
    low, high = loss_window(result)
    return np.array([[trial.number + 1.0, np.clip(result.study.worth(trial.losses), low, high)] for trial in ranked(lane)])


def trial_losses(result: SearchResult, lane: Lane) -> Scene:
    """Return the loss of each trial in the order of the search, as a scene over the axes "rank" and "n"."""
    points, budget = trial_points(result, lane), result.study.budget
    ink = INKS[lane.method]
    low, high = loss_window(result)
    order = points[np.argsort(points[:, 0])]
    best = np.minimum.accumulate(order[:, 1])
    dots = {
        "type": "scatter",
        "x": order[:, 0],
        "y": order[:, 1],
        "mode": "markers",
        "marker": {"color": colour(ink), "size": 7, "symbol": "circle-open", "line": {"width": 1.6, "color": colour(ink)}},
        "hovertemplate": "trial %{x}: %{y:.4g}<extra></extra>",
    }
    line = {"color": colour(ink), "width": 1.8, "shape": "hv"}
    steps = {"type": "scatter", "x": order[:, 0], "y": best, "mode": "lines", "line": line, "hoverinfo": "skip"}
    ticks = loss_ticks(low, high)
    figure = canvas(
        dots,
        steps,
        xaxis=axis("trial", range=[0.0, budget + 1.0], zeroline=False),
        yaxis=axis(
            "validation loss",
            type="log",
            range=[float(np.log10(low)) - 0.01, float(np.log10(high)) + 0.01],
            tickvals=ticks,
            ticktext=[plain(tick) for tick in ticks],
        ),
    )
    marks = (
        Mark("cursor", np.arange(1.0, budget + 1.0), "muted", "n", axes=("n",), width=1.2, dash="dot"),
        Mark("point", points, "loss", "chosen", axes=("rank",), symbol="ring", size=11, width=2.6, text="chosen", side="free"),
    )
    alt = f"The validation loss of every trial of a {LABELS[lane.method]} search in its order; those above the chart's window lie on its upper edge."
    table = {"trial": order[:, 0], "loss": np.array([result.study.worth(trial.losses) for trial in lane.trials])}
    said = tuple(trial_sentences(lane, result.study.space))
    return Scene(figure, alt, marks, captions=said, caption_axes=("rank",), table=table, aspect=0.62, pick=True)


def nearest_trial(result: SearchResult, lane: Lane, x: float, y: float) -> int:
    """Return the rank of the trial nearest to a point of `trial_losses`."""
    points = trial_points(result, lane)
    low, high = loss_window(result)
    height = np.log(points[:, 1] / max(y, 1e-9)) / np.log(high / low)
    return int(np.argmin(((points[:, 0] - x) / result.study.budget) ** 2 + height**2))


def parallel(result: SearchResult, lane: Lane) -> Scene:
    """Return every trial as a line through its settings, tinted by its loss, as a scene over the axis "rank"."""
    keys = SPACES[result.study.space]
    trials = ranked(lane)
    heights = np.array([[_height(key, trial.place[list(SETTINGS).index(key)]) for key in keys] for trial in trials])
    # Equal choices lie apart, or nobody would see how many there are.
    rng = np.random.default_rng(lane.seed)
    heights = heights + rng.uniform(-0.018, 0.018, heights.shape)
    x = np.arange(float(len(keys)))
    traces = []
    for tint in range(TINTS):
        some = heights[tint * len(trials) // TINTS : (tint + 1) * len(trials) // TINTS]
        if not len(some):
            continue
        # The best in amber and drawn last, so that they lie on top.
        gaps = [value for row in some.tolist() for value in (*row, None)]
        across = [value for _ in range(len(some)) for value in (*x.tolist(), None)]
        best = tint == 0
        line = {"color": colour(f"value{TINTS - 1 - tint}"), "width": 2.0 if best else 1.0}
        traces.append(
            {"type": "scatter", "x": across, "y": gaps, "mode": "lines", "line": line, "opacity": 0.95 if best else 0.55, "hoverinfo": "skip"}
        )
    notes = [_tick(j, key, place) for j, key in enumerate(keys) for place in _shown(key)]
    figure = canvas(
        *reversed(traces),
        xaxis=axis("", range=[-0.35, len(keys) - 0.45], tickvals=x.tolist(), ticktext=[_title(key) for key in keys], zeroline=False),
        yaxis=axis("", range=[-0.1, 1.08], showgrid=False, showticklabels=False, ticks="", zeroline=False),
        margin={"l": 14, "r": 14, "t": 8, "b": 56},
    )
    figure["layout"]["annotations"] = notes
    marks = (Mark("path", heights, "loss", "chosen", axes=("rank",), abscissa=x, width=3.4, dash="solid"),)
    alt = (
        "Every trial as a line through its settings, amber for the ninth of them with the lowest loss, blue for the highest; the chosen one in bold."
    )
    said = tuple(trial_sentences(lane, result.study.space))
    table: dict[str, Floats] = {"loss": np.array([result.study.worth(trial.losses) for trial in trials])}
    table |= {key: np.array([float(_number(key, trial.place[list(SETTINGS).index(key)])) for trial in trials]) for key in keys}
    return Scene(figure, alt, marks, captions=said, caption_axes=("rank",), table=table, aspect=0.62)


def _height(key: str, place: int) -> float:
    return place / (len(SETTINGS[key].values) - 1)


def _shown(key: str) -> list[int]:
    """Return the places of a setting that are written beside its line."""
    values = SETTINGS[key].values
    if len(values) <= 3:
        return list(range(len(values)))
    return [0, *(i for i, value in enumerate(values) if value > 0.0 and abs(np.log10(value) - round(np.log10(value))) < 1e-9 and i), len(values) - 1]


def _tick(j: int, key: str, place: int) -> dict[str, Any]:
    return {
        "x": j + 0.04,
        "y": _height(key, place),
        "text": SETTINGS[key].shown(place).removesuffix(" net"),
        "showarrow": False,
        "xanchor": "left",
        "font": {"size": 11, "color": colour("loss")},
        "bgcolor": colour("paper"),
        "borderpad": 1,
    }


def _title(key: str) -> str:
    return {"lr": "rate η", "lam": "λ", "dropout": "p", "batch_norm": "batch<br>norm", "units": "units"}.get(key, SETTINGS[key].label)


def _number(key: str, place: int) -> float:
    value = SETTINGS[key].values[place]
    return float(place) if isinstance(value, str) else float(value)


def importance_bars(found: Importance | None) -> Scene:
    """Return what each setting explains of the spread alone, with its interval."""
    said = importance_sentence(found)
    keys, share, low, high = (found.keys, found.share, found.low, found.high) if found is not None else ((), *np.zeros((3, 0)))
    order = np.argsort(share)
    rungs = np.arange(float(len(order)))
    bar = {
        "type": "bar",
        "orientation": "h",
        "x": share[order],
        "y": rungs,
        "marker": {"color": colour("random_search")},
        "hovertemplate": "%{x:.3f}<extra></extra>",
    }
    most = max(0.3, 1.08 * float(high.max(initial=0.0)))
    figure = canvas(
        bar,
        xaxis=axis("share of the spread explained alone", range=[-0.01, most], tickformat=".0%"),
        yaxis=axis("", range=[-0.6, max(len(order), 1) - 0.4], tickvals=rungs, ticktext=[SETTINGS[keys[i]].label for i in order], zeroline=False),
        margin={"l": 126, "r": 14, "t": 12, "b": 46},
    )
    ends = np.stack([np.stack([low[order], rungs], axis=1), np.stack([high[order], rungs], axis=1)], axis=1).reshape(-1, 2)
    intervals = Mark("segments", ends if len(ends) else np.zeros((2, 2)), "loss", "95 % interval", axes=(), width=2.0)
    alt = f"How much of the spread of the losses each setting explains alone, with 95 % intervals. {said}"
    return Scene(figure, alt, (intervals,), captions=(said,), caption_axes=(), table={"share": share, "low": low, "high": high}, aspect=0.62)


def trial_readouts(result: SearchResult, lane: Lane) -> tuple[Readout, ...]:
    """Return the numbers of the chosen trial."""
    trials, axes = ranked(lane), ("rank",)
    values = [values_of(trial.place) for trial in trials]
    parts = [(value["lam"] * RATIO[value["penalty"]], value["lam"] * (1.0 - RATIO[value["penalty"]])) for value in values]
    shown = [
        Readout("trial", [f"{trial.number + 1} of {len(trials)}" for trial in trials], axes=axes),
        Readout("validation loss", [loss_words(trial) for trial in trials], axes=axes, colour="validation"),
        Readout("training loss", [_mean(trial.train) for trial in trials], axes=axes, colour="train"),
        Readout("λ of L1", [number(one) for one, _ in parts], axes=axes, colour="l1", help="λρ, with the mix ρ: 1 for L1, ½ for the elastic net."),
        Readout("λ of L2", [number(other) for _, other in parts], axes=axes, colour="l2", help="λ(1 − ρ)."),
    ]
    for key in SETTINGS:
        if key not in ("lam",):
            places = [trial.place[list(SETTINGS).index(key)] for trial in trials]
            shown.append(Readout(SETTINGS[key].label, [SETTINGS[key].shown(place) for place in places], axes=axes))
    return tuple(shown)


def _mean(losses: tuple[float, ...]) -> str:
    middle = float(np.mean(losses))
    return number(middle) if np.isfinite(middle) else "diverged"

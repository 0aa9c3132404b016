"""Figure: rank correlation against the common training loss. In: correlations by measure. Out: a line a measure, the chosen one with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.figures.against_step import level, spread
from core.figures.palette import PALETTE, colour
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas
from core.flatness.choices import MEASURES
from core.flatness.matched import Matched
from core.flatness.ranks import Ranked
from core.wording import number

INKS = {"top": "loss", "trace": "muted", "sam": "adam", "keskar": "momentum", "filter": "adamw", "filter_top": "nesterov"}
SHORT = {"top": "top", "trace": "trace", "sam": "SAM", "keskar": "Keskar", "filter": "filter", "filter_top": "filter top"}


def rank_curves(picture: Matched, found: Mapping[str, Sequence[Ranked]], name: str) -> Scene:
    """Return Spearman's correlation of each measure over the levels of training loss as a scene over the axis "level".

    The end of training stands to the right of the lowest level.
    """
    places = places_of(picture)
    marks = [Mark("cursor", places, "muted", "level", axes=("level",), width=1.4)]
    chosen = found[name]
    low, high = (
        np.array([value if np.isfinite(value) else each.spearman for value, each in zip(ends, chosen, strict=True)]) for ends in _ends(chosen)
    )
    known = np.isfinite(low) & np.isfinite(high)
    if known[:-1].sum() > 1:
        own = known[:-1]
        outline = np.concatenate([np.stack([places[:-1][own], low[:-1][own]], axis=1), np.stack([places[:-1][own], high[:-1][own]], axis=1)[::-1]])
        marks.append(Mark("region", outline, INKS[name], "95 % over seeds", axes=(), fill=0.14, width=0.4))
    if known[-1]:
        marks.append(Mark("segments", np.array([[places[-1], low[-1]], [places[-1], high[-1]]]), INKS[name], "95 % at the end", axes=(), width=5.0))
    ends = []
    for key in MEASURES:
        curve = np.array([each.spearman for each in found[key]])
        there = np.isfinite(curve)
        bold = key == name
        if there[:-1].sum() > 1:
            own = there[:-1]
            path = np.stack([places[:-1][own], curve[:-1][own]], axis=1)
            marks.append(Mark("path", path, INKS[key], MEASURES[key], axes=(), width=3.0 if bold else 1.4, dash=PALETTE[INKS[key]].dash))
        if there[-1]:
            marks.append(Mark("point", np.array([places[-1], curve[-1]]), INKS[key], MEASURES[key], axes=(), size=6.0 if bold else 4.0))
        ends.append(float(curve[-1]) if there[-1] else 0.0)
    at = spread([(each + 1.05) / 2.1 for each in ends], 0.07)
    names = [
        {
            "xref": "paper",
            "x": 1.0,
            "xanchor": "left",
            "xshift": 6,
            "yref": "paper",
            "y": place,
            "yanchor": "middle",
            "text": f"<b>{SHORT[key]}</b>" if key == name else SHORT[key],
            "showarrow": False,
            "font": {"color": colour(INKS[key]), "size": 12},
        }
        for key, place in zip(MEASURES, at, strict=True)
    ]
    ticks = [0.5, 0.3, 0.2, 0.1, 0.05, 0.03, 0.02, 0.01]
    shown = [each for each in ticks if picture.levels[-1] <= each <= picture.levels[0]]
    figure = canvas(
        margin={"l": 52, "r": 74, "t": 12, "b": 46},
        annotations=names,
        shapes=[level("", 0.0)],
        xaxis=axis(
            "common training loss",
            range=[float(places[0]) - 0.05, float(places[-1]) + 0.08],
            tickvals=[*(-float(np.log10(each)) for each in shown), float(places[-1])],
            ticktext=[*(f"{each:g}" for each in shown), "end"],
            zeroline=False,
        ),
        yaxis=axis("rank correlation with the gap", range=[-1.05, 1.05], zeroline=False),
    )
    return Scene(
        figure,
        "Rank correlation of each measure of sharpness with the gap.",
        tuple(marks),
        captions=(_sentence(picture, name, chosen),),
        caption_axes=(),
        aspect=0.62,
    )


def places_of(picture: Matched) -> np.ndarray:
    """Return (l + 1,) where the levels stand on the axis: minus their logarithm to ten, and the end a little beyond."""
    own = -np.log10(picture.levels)
    return np.append(own, own[-1] + 0.14 * (own[-1] - own[0]))


def _ends(chosen: Sequence[Ranked]) -> tuple[list[float], list[float]]:
    return [each.low for each in chosen], [each.high for each in chosen]


def _sentence(picture: Matched, name: str, chosen: Sequence[Ranked]) -> str:
    most = max((each.members for each in chosen[:-1]), default=0)
    enough = [each for each in chosen[:-1] if np.isfinite(each.spearman) and each.members >= most // 2]
    if not enough:
        return "Too few networks share any level of training loss to be ranked there."
    values = [each.spearman for each in enough]
    end = chosen[-1].spearman
    settled = sum(bool(each.low > 0.0) for each in enough)
    other = sum(bool(each.high < 0.0) for each in enough)
    few = [each.spearman for each in chosen[:-1] if np.isfinite(each.spearman) and each.members < most // 2]
    rest = f" At lower losses, which fewer networks reach, {number(min(few), 2)} to {number(max(few), 2)}: another crowd." if few else ""
    return (
        f"For {MEASURES[name]}: {number(end, 2) if np.isfinite(end) else 'no number'} at the end, {number(min(values), 2)} to "
        f"{number(max(values), 2)} at the {len(enough)} levels that at least half of the networks share. There the interval is above 0 at {settled} "
        f"levels and below 0 at {other}.{rest}"
    )

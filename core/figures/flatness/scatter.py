"""Figure: sharpness against generalisation gap. In: a Matched. Out: a cloud over the axis "level", the network in focus ringed over "member"."""

from __future__ import annotations

import numpy as np

from core.figures.flatness.common import INKS, LEGEND, SYMBOLS, classes, decades, kind_of, legend, placed, span
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas
from core.flatness.choices import MEASURES
from core.flatness.matched import Matched
from core.flatness.ranks import Ranked
from core.flatness.words import rank_sentences


def scatter_points(picture: Matched, name: str) -> np.ndarray:
    """Return (l + 1, n, 2) where each network stands."""
    measure = picture.measure(name)
    # A logarithmic axis has no place for what is not positive.
    return placed(np.where(measure > 0.0, measure, np.nan), picture.gap)


def sharpness_scatter(picture: Matched, name: str, found: list[Ranked]) -> Scene:
    """Return all networks, a measure of their sharpness across and their gap upwards, as a scene over the axes "level" and "member"."""
    points, families = scatter_points(picture, name), picture.families
    cloud = Mark(
        "points",
        points,
        "loss",
        "networks",
        axes=("level",),
        classes=classes(kind_of(families)),
        colours=tuple(INKS.values()),
        symbols=tuple(SYMBOLS.values()),
        size=4.6,
    )
    names = [families.name(i) for i in range(families.members)]
    focus = Mark("point", points, "loss", "in focus", axes=("level", "member"), symbol="ring", size=10.0)
    # The name moves with the ring: the same words at every level.
    label = Mark("text", points, "loss", "in focus", axes=("level", "member"), text=names * picture.stops, side="free", size=10.0)
    figure = canvas(
        *legend(),
        xaxis=axis(MEASURES[name], type="log", range=decades(picture.measure(name)), exponentformat="power", dtick=1),
        yaxis=axis("gap: validation − training loss", range=span(picture.gap)),
        **LEGEND,
    )
    table = {
        "member": np.arange(float(families.members)),
        "gap_at_end": np.nan_to_num(picture.gap[-1]),
        f"{name}_at_end": np.nan_to_num(picture.measure(name)[-1]),
    }
    alt = f"{families.members} networks: their {MEASURES[name]} against their generalisation gap, at a common training loss or at the end."
    return Scene(
        figure,
        alt,
        (cloud, focus, label),
        captions=tuple(rank_sentences(picture, name, found)),
        table=table,
        caption_axes=("level",),
        aspect=0.85,
        pick=True,
    )

"""Figure: sharpness setting by setting. In: a Matched. Out: a dot a network over the axis "level", the mean of each setting's seeds as a bar."""

from __future__ import annotations

import numpy as np

from core.figures.flatness.common import INKS, NOWHERE, SYMBOLS, classes, decades, kind_of, placed
from core.figures.palette import colour
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas
from core.flatness.choices import MEASURES
from core.flatness.families import settings
from core.flatness.matched import Matched
from core.flatness.words import setting_sentences

_TICKS = {"lam": "λ {:g}", "dropout": "p {:g}", "batch": "{:.0f} a batch", "norm": "norm, λ {:g}"}


def setting_dots(picture: Matched, name: str) -> Scene:
    """Return a measure of sharpness of every setting, as a scene over the axis "level"."""
    families, listed = picture.families, settings()
    raw = picture.measure(name)
    measure = np.where(raw > 0.0, raw, np.nan)
    places = families.of + 0.5 * (families.seed - (families.study.seeds - 1) / 2) / max(families.study.seeds, 2)
    kinds = kind_of(families)
    cloud = Mark(
        "points",
        placed(np.broadcast_to(places.astype(float), measure.shape), measure),
        "loss",
        "networks",
        axes=("level",),
        classes=classes(kinds),
        colours=tuple(INKS.values()),
        symbols=tuple(SYMBOLS.values()),
        size=3.4,
    )
    marks = [cloud]
    for i in range(len(listed)):
        own = np.flatnonzero(families.of == i)
        kept = np.asarray(np.isfinite(measure[:, own]).all(axis=1))
        # A mean over those seeds alone that got there would be another mean.
        middle = np.where(kept, np.exp(np.log(np.where(kept[:, None], measure[:, own], 1.0)).mean(axis=1)), NOWHERE[0])
        bar = np.stack([np.stack([np.full(len(middle), i - 0.4), middle], axis=1), np.stack([np.full(len(middle), i + 0.4), middle], axis=1)], axis=1)
        marks.append(Mark("segments", bar, INKS[kinds[int(own[0])]], listed[i].name, axes=("level",), width=2.6))
    ticks = [
        "none"
        if each.axis == "lam" and not each.value
        else "all"
        if each.axis == "batch" and not each.value
        else _TICKS[each.axis].format(each.value)
        for each in listed
    ]
    figure = canvas(
        margin={"l": 58, "r": 14, "t": 12, "b": 92},
        xaxis=axis(
            "",
            range=[-0.8, len(listed) - 0.2],
            tickvals=list(range(len(listed))),
            ticktext=ticks,
            tickangle=-60,
            zeroline=False,
            tickfont={"size": 11, "color": colour("loss")},
        ),
        yaxis=axis(MEASURES[name], type="log", range=decades(measure), exponentformat="power", dtick=1),
    )
    alt = f"The {MEASURES[name]} of every setting, a dot a seed and a bar for their mean, at a common training loss or at the end."
    return Scene(figure, alt, tuple(marks), captions=tuple(setting_sentences(picture)), caption_axes=("level",), aspect=0.72)

"""Figure: how far above the lowest point each rule still is. In: a Race. Out: a curve a rule over steps, logarithmic, with a cursor."""

from __future__ import annotations

import numpy as np

from core.figures.paths import curve_mark
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas
from core.race import Race

# Gaps below this are rounding, those above no picture needs.
LOWEST, HIGHEST = 1e-12, 1e12


def race_curves(race: Race) -> Scene:
    """Return the objective above its floor along the steps as a scene over the axes "lam" and "step"."""
    gaps = {key: np.clip(run.objective - race.floor[:, None], LOWEST, HIGHEST) for key, run in race.runs.items()}
    every = np.concatenate([gap.ravel() for gap in gaps.values()])
    first = float(np.median([gap[:, 0] for gap in gaps.values()]))
    low, high = np.log10(max(float(np.quantile(every, 0.01)), LOWEST)), np.log10(max(first, 10 * LOWEST)) + 1.0
    steps = np.arange(gaps[race.spec.focus].shape[1], dtype=np.float64)
    marks = [Mark("cursor", steps, "muted", "step", axes=("step",), width=1.4)]
    marks += [curve_mark(key, gap) for key, gap in gaps.items()]
    figure = canvas(
        xaxis=axis("gradients", range=[0, 1.12 * steps[-1]]),
        yaxis=axis("above the lowest point", type="log", range=[min(low, high - 2.0) - 0.3, high], exponentformat="power"),
    )
    alt = "The objective of each rule above the lowest point known, over the number of gradients, on a logarithmic scale."
    return Scene(figure, alt, tuple(marks), aspect=0.62)

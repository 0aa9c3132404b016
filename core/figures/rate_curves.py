"""Figure: what a rule's rate does to its end. In: a Race. Out: a curve a rule over learning rates, its own rate, the focused rule's limit."""

from __future__ import annotations

import numpy as np

from core.figures.palette import PALETTE
from core.figures.paths import HEADS
from core.figures.race_curves import HIGHEST, LOWEST
from core.figures.scene import Mark, Scene
from core.figures.template import axis, canvas
from core.optimizers import RULES
from core.race import RATES, Race


def rate_curves(race: Race) -> Scene:
    """Return the end of each rule over its rate as a scene over the axis "lam"; a rate that diverges leaves the picture at the top."""
    marks: list[Mark] = []
    if np.isfinite(race.limit).any():
        # A limit that does not exist, or lies beyond every rate tried, stands outside the picture.
        limit = np.where(np.isfinite(race.limit) & (race.limit < 10 * RATES[-1]), race.limit, 10 * RATES[-1])
        words = [f"limit of {RULES[race.spec.focus].label}" if value < 10 * RATES[-1] else "" for value in limit]
        marks.append(Mark("cursor", limit, race.spec.focus, "largest stable rate", axes=("lam",), dash="dash", width=1.6, text=words))
    tops = []
    for key, tuned in race.tuned.items():
        gap = np.clip(np.where(np.isfinite(tuned.objective), tuned.objective - race.floor[:, None], HIGHEST), LOWEST, HIGHEST)
        tops.append(gap[:, 0])
        label = RULES[key].label
        marks.append(Mark("path", gap, key, label, axes=("lam",), width=2.2, dash=PALETTE[key].dash, abscissa=RATES))
        used = race.rates[key]
        at = np.array([np.exp(np.interp(np.log(rate), np.log(RATES), np.log(row))) for rate, row in zip(used, gap, strict=True)])
        marks.append(
            Mark("point", np.stack([used, at], axis=-1), key, f"{label}'s rate", axes=("lam",), symbol=HEADS[key], size=6, text=label, side="below")
        )
    high = float(np.log10(np.median(np.concatenate(tops)))) + 1.0
    low = float(np.log10(min(np.clip(t.least - race.floor, LOWEST, HIGHEST).min() for t in race.tuned.values())))
    figure = canvas(
        xaxis=axis("learning rate", type="log", range=[float(np.log10(RATES[0])), float(np.log10(RATES[-1]))], exponentformat="power"),
        yaxis=axis("end above the lowest point", type="log", range=[min(low, high - 2.0) - 0.6, high], exponentformat="power"),
    )
    alt = f"Where each rule ends after {int(race.spec.steps)} gradients, for every learning rate, with the rate that it races at."
    return Scene(figure, alt, tuple(marks), aspect=0.62)

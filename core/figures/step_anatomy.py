"""Figure: one step taken apart. In: a Race. Out: what gradient, penalty, momentum, preconditioner, decay and prox add, as arrows head to tail."""

from __future__ import annotations

import numpy as np

from core.anatomy import PARTS
from core.figures.scene import Mark, Scene
from core.figures.template import plane
from core.optimizers import RULES
from core.race import Race

_INKS = {"gradient": "loss", "penalty": "l2", "momentum": "momentum", "preconditioner": "adam", "decay": "dropout", "prox": "l1"}
_SPAN = 2.0  # half the frame, where the longest side of the arrows' box is two


def present(race: Race) -> list[int]:
    """Return the places in `PARTS` of those that some step of the rule in focus has."""
    sizes = np.abs(race.anatomy.arrows).max(axis=(0, 1, 3))
    return [i for i in range(len(PARTS)) if sizes[i] > 1e-12 * max(float(sizes.max()), 1e-300)] or [0]


def step_anatomy(race: Race) -> Scene:
    """Return the step of the rule in focus as a scene over the axes "lam" and "step": each step is scaled to fill the frame."""
    arrows = race.anatomy.arrows
    shown_parts = present(race)
    chain = np.concatenate([np.zeros_like(arrows[:, :, :1]), np.cumsum(arrows[:, :, shown_parts], axis=2)], axis=2)
    low, high = chain.min(axis=2), chain.max(axis=2)
    half = (high - low).max(axis=-1)[..., None, None] / 2.0
    shown = (chain - (low + high)[:, :, None] / 2.0) / np.where(half > 0.0, half, 1.0)
    # The step axis has one stop more than there are steps: the last stop shows the last step again.
    shown = np.concatenate([shown, shown[:, -1:]], axis=1)
    ink = _INKS | {"penalty": race.penalty.key, "prox": race.penalty.key}
    names = [PARTS[i] for i in shown_parts]
    whole = shown[:, :, [0, -1]]
    marks = (
        Mark("arrow", whole, race.spec.focus, "the step", axes=("lam", "step"), width=5.0, text="step", side="below"),
        Mark("chain", shown, "loss", "its parts", axes=("lam", "step"), width=2.4, colours=tuple(ink[name] for name in names), texts=tuple(names)),
    )
    figure = plane("", "", ((-_SPAN, _SPAN), (-1.25, 1.25)))
    for name in ("xaxis", "yaxis"):
        figure["layout"][name] |= {"showticklabels": False, "ticks": "", "showgrid": False, "zeroline": False, "showline": False, "linewidth": 0}
    label = RULES[race.spec.focus].label
    alt = f"The step of {label} in focus, taken apart into {', '.join(names)}: arrows head to tail, scaled to fill the picture."
    return Scene(figure, alt, marks, aspect=0.62)

"""One step taken apart: what the gradient, the penalty, momentum, the preconditioner, decay and the prox each add to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core._validate import Floats
from core.descent import Treatment, prepared
from core.descent.loop import Stepper
from core.optimizers import Rule
from core.penalties import Penalty
from core.surfaces import Surface

PARTS = ("gradient", "penalty", "momentum", "preconditioner", "decay", "prox")


@dataclass(frozen=True)
class Anatomy:
    """The parts of every step of a family of runs.

    Attributes
    ----------
    arrows:
        (k, T, 6, 2) what each of `PARTS` adds to the iterate, in that order; their sum is the step.

        ``gradient`` is a plain gradient step, -lr g. ``penalty`` is what the penalty adds to it where it acts in the gradient, the rule's own coupled
        decay included. ``momentum`` leads from there to the averaged gradient (or to the point looked ahead at), ``preconditioner`` from there to the
        rule's scaled step. ``decay`` is decoupled decay, and ``prox`` the proximal step (or the clamp).
    x:
        (k, T + 1, 2) the iterates.
    """

    arrows: Floats
    x: Floats


def take_apart(
    surface: Surface,
    rule: Rule,
    start: ArrayLike,
    lr: ArrayLike,
    steps: int,
    penalty: Penalty | None = None,
    lam: ArrayLike = 0.0,
    treatment: Treatment = "subgradient",
    noise: ArrayLike = 0.0,
    seed: ArrayLike = 0,
) -> Anatomy:
    """Return the parts of the steps of `core.descent.descend`, which takes the same arguments and raises the same errors.

    A run that has diverged has parts of zero.
    """
    run, now, drawn = prepared(surface, rule, start, lr, steps, penalty, lam, treatment, noise, seed)
    rule, k = run.rule, len(now)
    arrows, x = np.zeros((k, steps, len(PARTS), 2)), np.empty((k, steps + 1, 2))
    stepper, state, alive = Stepper(run), rule.init(now), np.ones((k, 1), dtype=bool)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for t in range(steps):
            x[:, t] = now
            step = stepper.take(now, state, None if drawn is None else drawn[t])
            state = step.state
            plain = -run.lr * step.gradient
            kept = step.moved if not rule.decay_is_decoupled else step.moved + run.lr * rule.weight_decay * now
            coupled = -run.lr * (state.gradient - step.gradient)
            scaled = kept - step.at
            # A scaling that is one number for all coordinates is momentum's own, no preconditioner.
            averaged = -run.lr * (rule.direction(state) if np.shape(rule.metric(state))[-1:] == (2,) else rule.move(state))
            parts = (
                plain,
                coupled,
                averaged - plain - coupled + (step.at - now),
                scaled - averaged,
                step.moved - kept + (step.new - step.moved if stepper.treatment == "decoupled" else 0.0),
                step.new - step.moved if stepper.treatment != "decoupled" else 0.0 * now,
            )
            alive &= ((np.abs(step.new) < run.limit).all(axis=-1) & run.defined(step.new))[:, None]
            for i, part in enumerate(parts):
                arrows[:, t, i] = np.where(alive, part, 0.0)
            now = np.where(alive, step.new, now)
        x[:, steps] = now
    return Anatomy(arrows, x)

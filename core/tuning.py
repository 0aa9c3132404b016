"""Which learning rate serves a rule best, and how much that matters: the same number of gradients at every rate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core._validate import Bools, Floats, family
from core.descent import Treatment, ends
from core.errors import InvalidInput
from core.optimizers import Rule
from core.penalties import Penalty
from core.surfaces import Surface

# Ends this close, as a share of the way from the start, are one: what is left between them is rounding.
_TIE = 1e-12


@dataclass(frozen=True)
class Sensitivity:
    """How a rule's end depends on its rate, for a family of lambdas.

    Attributes
    ----------
    rates:
        (r,) the rates tried, ascending.
    objective:
        (k, r) L + lam R at the end; inf where the run diverged.
    best:
        (k,) the rate that ends lowest, the lowest such rate where several end as low (`_TIE`), as all do that have converged; the lowest rate of all
        where every run diverged.
    least:
        (k,) the objective there.
    """

    rates: Floats
    objective: Floats
    best: Floats
    least: Floats


def sensitivity(
    surface: Surface,
    rule: Rule,
    start: ArrayLike,
    rates: ArrayLike,
    steps: int,
    penalty: Penalty | None = None,
    lam: ArrayLike = 0.0,
    treatment: Treatment = "subgradient",
    noise: ArrayLike = 0.0,
    seed: int = 0,
) -> Sensitivity:
    """Run a rule at every rate and every lambda from one start.

    Parameters
    ----------
    rates:
        (r,) positive, ascending.
    lam:
        (k,) or a number.
    noise, seed:
        Every rate and every lambda meets the same noise: what differs is theirs.

    Raises
    ------
    InvalidInput
        As `core.descent.descend`, and where the rates are not positive and ascending.
    """
    tried, axis = family(rates, "rates"), family(lam, "lam")
    if not (tried[0] > 0.0 and (np.diff(tried) > 0.0).all()):
        raise InvalidInput("rates that are not positive and ascending", "positive rates, each above the one before", "Sort the rates.")
    k, r = len(axis), len(tried)
    same = np.full(k * r, seed)
    last = ends(surface, rule, start, np.tile(tried, k), steps, penalty, np.repeat(axis, r), treatment, noise, same)
    objective = np.where(last.diverged, np.inf, last.objective).reshape(k, r)
    origin = np.atleast_1d(surface.value(np.broadcast_to(start, (k, 2))))
    way = np.abs(origin - objective.min(axis=1))
    within = np.where(np.isfinite(way), _TIE * way, 0.0)
    chosen = (objective <= (objective.min(axis=1) + within)[:, None]).argmax(axis=1)
    return Sensitivity(tried, objective, tried[chosen], objective[np.arange(k), chosen])


@dataclass(frozen=True)
class RateDecayMap:
    """Where a rule ends over a grid of rates and decays.

    Attributes
    ----------
    rates, decays:
        (r,), (d,) ascending.
    loss:
        (d, r) the data loss L at the end; inf where the run diverged.
    best_rate:
        (d,) the rate with the least loss at each decay.
    x, diverged:
        (d, r, 2), (d, r) where each run ended, and whether it diverged.
    """

    rates: Floats
    decays: Floats
    loss: Floats
    best_rate: Floats
    x: Floats
    diverged: Bools


def rate_decay_map(
    surface: Surface,
    rule: Callable[..., Rule],
    start: ArrayLike,
    rates: ArrayLike,
    decays: ArrayLike,
    steps: int,
    noise: float = 0.0,
    seed: int = 0,
    measure: Surface | None = None,
) -> RateDecayMap:
    """Run a rule with its own ``weight_decay`` over rates x decays; all runs at once, and with the same noise.

    Parameters
    ----------
    rule:
        A class of `core.optimizers.RULES`, or whatever makes a rule of a weight_decay, which is set to each of ``decays``.
    rates, decays:
        (r,) and (d,), ascending.
    measure:
        The surface that the end is judged on, such as the loss of unseen data; the one descended where none is given.

    Raises
    ------
    InvalidInput
        As `core.descent.descend`.
    """
    across, along = family(rates, "rates"), family(decays, "decays")
    r, d = len(across), len(along)
    decayed = rule(weight_decay=np.repeat(along, r)[:, None])
    last = ends(surface, decayed, start, np.tile(across, d), steps, noise=noise, seed=np.full(d * r, seed))
    height = last.loss if measure is None else measure.value(last.x)
    loss = np.where(last.diverged, np.inf, height).reshape(d, r)
    return RateDecayMap(across, along, loss, across[loss.argmin(axis=1)], last.x.reshape(d, r, 2), last.diverged.reshape(d, r))

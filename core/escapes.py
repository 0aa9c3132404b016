"""How often noise carries a rule out of where it would otherwise stay: a sharp minimum, or a saddle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core._validate import Bools, Floats, vectors
from core.descent import Treatment, ends
from core.optimizers import SGD, Rule
from core.penalties import Penalty
from core.surfaces import Surface

# Noise-free descent that settles where a run's end belongs: at most so many rounds of so many steps.
_ROUNDS, _ROUND = 20, 100


@dataclass(frozen=True)
class Escapes:
    """The ends of many noisy runs from one start.

    Attributes
    ----------
    x:
        (n, 2) where each run ended.
    left:
        (n,) whether it left the basin (or the saddle) that it started in.
    home:
        (2,) where the start belongs: the point that noise-free descent from it settles at.
    share, low, high:
        The share that left, and its 95 % interval (Wilson 1927).
    """

    x: Floats
    left: Bools
    home: Floats
    share: float
    low: float
    high: float


def escapes(
    surface: Surface,
    rule: Rule,
    start: ArrayLike,
    lr: float,
    steps: int,
    noise: float,
    runs: int = 500,
    seed: int = 0,
    penalty: Penalty | None = None,
    lam: float = 0.0,
    treatment: Treatment = "subgradient",
) -> Escapes:
    """Run a rule ``runs`` times, each with noise of its own, and see which runs leave.

    A run has left where noise-free descent from its end settles more than a twentieth of the window away from where it settles from the start. A
    start exactly on a saddle settles there; so does every run that never moved.

    Raises
    ------
    InvalidInput
        As `core.descent.descend`.
    """
    home = settle(surface, vectors(start, "start", 2)[None], penalty, lam)[0]
    last = ends(surface, rule, np.tile(vectors(start, "start", 2), (runs, 1)), lr, steps, penalty, lam, treatment, noise, seed)
    there = settle(surface, last.x, penalty, lam)
    far = 0.05 * float(np.ptp(surface.bounds, axis=1).max())
    left = (np.abs(there - home).max(axis=-1) > far) | last.diverged
    low, high = wilson(int(left.sum()), runs)
    return Escapes(last.x, left, home, float(left.mean()), low, high)


def settle(surface: Surface, points: Floats, penalty: Penalty | None = None, lam: ArrayLike = 0.0) -> Floats:
    """Return where careful noise-free proximal descent leads from points (n, 2); those that leave rest where they left.

    With one lambda for all, every point goes on until all stand still: one that lingers at a saddle has the time of the slowest. With one for each,
    (n,), they are problems of their own, and each is over when its own point stands still.
    """
    # The curvature along the way is not known beforehand: a rate for the steepest of the window is safe, the point's own may not be.
    ticks = [np.linspace(low, high, 25) for low, high in surface.bounds]
    window = surface._hessian(np.stack(np.meshgrid(*ticks), axis=-1).reshape(-1, 2))
    size, own = (np.abs(np.nan_to_num(bend)).sum(axis=-1).max(axis=-1) for bend in (window, surface._hessian(points)))
    rate = 1.0 / np.maximum(np.maximum(own, np.quantile(size, 0.9)), 1e-9)
    now, still = points.copy(), 1e-7 * float(np.ptp(surface.bounds))
    left, each = np.arange(len(points)), np.broadcast_to(np.asarray(lam, dtype=float), len(points))
    for _ in range(_ROUNDS):
        after = ends(surface, SGD(), now[left], rate[left], _ROUND, penalty, each[left], "proximal").x
        moving = ~(np.abs(after - now[left]).max(axis=-1) < still)
        now[left] = after
        if not moving.any():
            break
        if np.ndim(lam):
            left = left[moving]
    return now


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share; Wilson (1927), Probable inference, the law of succession, and statistical inference."""
    z = 1.959963984540054
    share = hits / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * np.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    # At no hits and at nothing but hits the ends are exact.
    return (0.0 if hits == 0 else float(middle - half)), (1.0 if hits == trials else float(middle + half))

"""The secular equation: which lam spends a budget, once the signs of the weights are known.

With signs s fixed, R is smooth, l1 s'w + l2 |w|^2, and in the eigenbasis of H the minimiser of L + lam R is

    w_i(lam) = (q_i - lam l1 s_i) / (h_i + 2 lam l2),        q = H centre.

R(w(lam)) = budget is the trust-region equation about the point -l1 s / (2 l2), so the step of Hebden (1973) and More and Sorensen (1983)
applies: Newton on (R + kappa)^(-1/2), kappa = m l1^2 / (4 l2), which is concave and increasing in lam. From lam = 0 it climbs without overshoot.
"""

from __future__ import annotations

import numpy as np

from core._validate import Floats

# Stands for lam -> 0 where H is singular: there 0/0 becomes -l1 s / (2 l2), the limit.
SMALL = 1e-150
EPS = float(np.finfo(np.float64).eps)
# At most 16 were taken for 120,000 random budgets over 4,000 problems with condition numbers up to 1e6; the rest is for the edge of float64.
STEPS = 60


def multiplier(values: Floats, pull: Floats, signs: Floats, l1: float, l2: float, budget: Floats) -> tuple[Floats, Floats]:
    """Return lam (...), with R(w(lam)) = budget, and w (d, ...) in the eigenbasis; NaN where no lam >= 0 spends the budget.

    Parameters
    ----------
    values, pull, signs:
        Eigenvalues, H centre and signs in the eigenbasis, the d coordinates first, (d, ...); the rest broadcasts.
    l1, l2:
        The penalty's coefficients.
    budget:
        Budgets > 0, (...).
    """
    kappa = (signs**2).sum(axis=0) * l1**2 / (4.0 * l2) if l2 > 0.0 else np.inf
    drift, steep = l1 * signs, values > 0.0
    lam = np.full(np.broadcast_shapes(budget.shape, signs.shape[1:]), SMALL)
    alive = moving = np.ones(lam.shape, dtype=bool)
    with np.errstate(all="ignore"):
        for count in range(STEPS):
            shifted = values + 2.0 * l2 * lam
            w = (pull - lam * drift) / shifted
            spent = (w * (drift + l2 * w)).sum(axis=0)
            slope = drift + 2.0 * l2 * w
            # Along a flat direction w does not depend on lam, and its slope, 0 but for rounding, would be divided by SMALL.
            pace = -slope / shifted if steep.all() else np.where(steep, -slope / shifted, 0.0)
            steepness = (slope * pace).sum(axis=0)
            over = (spent - budget) / (budget + kappa)
            root = np.sqrt(1.0 + over)
            # -2 (R + kappa)/R' (sqrt((R + kappa)/(budget + kappa)) - 1), written so that nothing cancels and kappa = inf is plain Newton.
            step = -(spent - budget) / steepness * (2.0 * root * root / (1.0 + root))
            if count == 0:
                # A budget that the minimum of L spends but for rounding gives a lam of 0 but for rounding, of either sign.
                rounding = 64 * EPS * (np.abs(pull).max() + values.max() * np.abs(w).max(axis=0))
                alive = (spent > budget) | (np.abs(step) * np.abs(slope).max(axis=0) <= rounding)
            lam = np.where(alive, lam + step, np.nan)
            # Exact steps from the left are never negative: one that is was rounding, and that member has arrived.
            moving = moving & (step > 1e-13 * lam)
            if not moving.any():
                break
        # The last step moves lam by less than it moves w: where w is steep in lam, w spends the budget to rounding and lam is known to rounding.
        w = w + pace * np.where(alive, step, np.nan)
    return np.maximum(lam, 0.0), w

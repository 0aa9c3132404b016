"""Two weights: every sign pattern in closed form, the whole family at once; the pattern with the least KKT violation is the answer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core._validate import Floats
from core.penalties import Penalty
from core.quadratic import Quadratic
from core.regularized import _ridge
from core.regularized._secular import multiplier

# The four open quadrants, (2, 4).
QUADRANTS = np.array([[1.0, 1.0, -1.0, -1.0], [1.0, -1.0, 1.0, -1.0]])
# Candidates within this many roundings of optimal tie, and the sparser, which comes first, wins.
ROUNDINGS = 8 * np.finfo(np.float64).eps


def penalized(problem: Quadratic, penalty: Penalty, lam: Floats) -> Floats:
    """Return argmin L + lam R, (k, 2)."""
    hessian, (q1, q2) = problem.hessian, problem.pull
    cut, shift = lam * penalty.l1, 2.0 * lam * penalty.l2
    with np.errstate(all="ignore"):
        # One weight alone, whose soft threshold gives its sign and, where it gives 0, the pattern with no weight.
        first = _soft(q1, cut) / _positive(hessian[0, 0] + shift)
        second = _soft(q2, cut) / _positive(hessian[1, 1] + shift)
        values, vectors = problem.eigen
        turned = vectors.T @ QUADRANTS
        shifted = values[:, None, None] + shift
        both = (_ridge.pull(problem)[:, None, None] - cut * turned[:, :, None]) / shifted
        w = np.empty((2, 6, len(lam)))
        w[0, 0], w[1, 0], w[0, 1], w[1, 1] = first, 0.0, 0.0, second
        w[:, 2:] = np.tensordot(vectors, both, axes=1)
        violation = _violation(problem, penalty, w, lam)
    best = _best(problem, w, violation)
    return w[:, best, np.arange(len(lam))].T.copy()


def constrained(problem: Quadratic, penalty: Penalty, budget: Floats) -> tuple[Floats, Floats]:
    """Return argmin L subject to R(w) <= budget, (k, 2), and its multiplier (k,), for budgets > 0 that bind.

    The answer lies at one of the region's four corners or inside one of its four sides.
    """
    hessian, (q1, q2), l1, l2 = problem.hessian, problem.pull, penalty.l1, penalty.l2
    corner = 2.0 * budget / (l1 + np.sqrt(l1**2 + 4.0 * l2 * budget))
    steepness = l1 + 2.0 * l2 * corner
    values, vectors = problem.eigen
    turned = vectors.T @ QUADRANTS
    w, lam = np.zeros((2, 8, len(budget))), np.empty((8, len(budget)))
    w[0, 0], w[0, 1], w[1, 2], w[1, 3] = corner, -corner, corner, -corner
    lam[:2] = np.array([[1.0], [-1.0]]) * (q1 - hessian[0, 0] * w[0, :2]) / steepness
    lam[2:4] = np.array([[1.0], [-1.0]]) * (q2 - hessian[1, 1] * w[1, 2:4]) / steepness
    with np.errstate(all="ignore"):
        lam[4:], sides = multiplier(values[:, None, None], _ridge.pull(problem)[:, None, None], turned[:, :, None], l1, l2, budget)
        w[:, 4:] = np.tensordot(vectors, sides, axes=1)
        lam = np.maximum(lam, 0.0)
        size = np.abs(w)
        spent = (size * (l1 + l2 * size)).sum(axis=0)
        violation = np.maximum(_violation(problem, penalty, w, lam), np.abs(spent - budget))
    best, row = _best(problem, w, violation), np.arange(len(budget))
    return w[:, best, row].T, lam[best, row]


def _violation(problem: Quadratic, penalty: Penalty, w: Floats, lam: Floats) -> Floats:
    """Distance of the loss's downhill slope from lam times the subdifferential of R, for w (2, c, k)."""
    downhill = problem.pull[:, None, None] - np.tensordot(problem.hessian, w, axes=1) - 2.0 * penalty.l2 * lam * w
    cut = penalty.l1 * lam
    worst: Floats = np.where(w == 0.0, np.maximum(np.abs(downhill) - cut, 0.0), np.abs(downhill - cut * np.sign(w))).max(axis=0)
    return worst


def _best(problem: Quadratic, w: Floats, violation: Floats) -> NDArray[np.intp]:
    """Return the place of the candidate of least violation, the first among equals, (k,), for w (2, c, k)."""
    rounding = ROUNDINGS * (np.abs(problem.pull).max() + np.abs(problem.hessian).max() * np.abs(w).max(axis=0))
    ranked = np.where(violation <= rounding, 0.0, violation)
    ranked[np.isnan(ranked)] = np.inf
    best: NDArray[np.intp] = ranked.argmin(axis=0)
    return best


def _soft(value: float, cut: Floats) -> Floats:
    shrunk: Floats = np.sign(value) * np.maximum(abs(value) - cut, 0.0) + 0.0
    return shrunk


def _positive(value: Floats) -> Floats:
    # A row of H that is 0 pulls nothing: 0/1 instead of 0/0.
    return np.where(value > 0.0, value, 1.0)

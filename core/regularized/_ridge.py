"""L2 in any dimension: in the eigenbasis of H each coordinate shrinks by its own factor h / (h + 2 lam)."""

from __future__ import annotations

import numpy as np

from core._validate import Floats
from core.quadratic import Quadratic
from core.regularized._secular import multiplier


def penalized(problem: Quadratic, l2: float, lam: Floats) -> Floats:
    """Return argmin L + lam l2 |w|^2, (k, d); rows of lam = 0 are left to the caller where H is singular."""
    values, vectors = problem.eigen
    shifted = values + 2.0 * l2 * lam[:, None]
    shifted[shifted == 0.0] = 1.0
    w = (pull(problem) / shifted) @ vectors.T
    # One step of refinement: the eigenbasis is known to rounding only, H itself exactly.
    left = problem.pull - w @ problem.hessian - 2.0 * l2 * lam[:, None] * w
    left = np.where(problem.flat, 0.0, left @ vectors)
    return np.where(lam[:, None] > 0.0, w + (left / shifted) @ vectors.T, w)


def constrained(problem: Quadratic, l2: float, budget: Floats) -> tuple[Floats, Floats]:
    """Return argmin L subject to l2 |w|^2 <= budget, (k, d), and its multiplier (k,), for budgets > 0 that bind."""
    values, vectors = problem.eigen
    lam, turned = multiplier(values[:, None], pull(problem)[:, None], np.zeros((problem.dim, 1)), 0.0, l2, budget)
    return turned.T @ vectors.T, lam


def pull(problem: Quadratic) -> Floats:
    """Return H centre in the eigenbasis, (d,), exactly 0 along flat directions."""
    turned: Floats = np.where(problem.flat, 0.0, problem.pull @ problem.eigen[1])
    return turned

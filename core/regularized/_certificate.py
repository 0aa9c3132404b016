"""The optimality conditions, written out, and whether they leave one minimiser. Nothing here knows how w was found."""

from __future__ import annotations

import numpy as np

from core._validate import Bools, Floats
from core.penalties import Penalty
from core.quadratic import FLAT, Quadratic

EPS = float(np.finfo(np.float64).eps)
# A weight counts as able to move where its slope meets lam l1 to this fraction, the accuracy the certificate promises.
EQUAL = 1e-9


def stationarity(problem: Quadratic, penalty: Penalty, w: Floats, lam: Floats) -> Floats:
    """Return the largest violation of 0 in grad L(w) + lam dR(w), (k,), for w (k, d)."""
    slope = problem.gradient(w) + 2.0 * penalty.l2 * lam[:, None] * w
    cut = penalty.l1 * lam[:, None]
    at_zero = np.maximum(np.abs(slope) - cut, 0.0)
    worst: Floats = np.where(w == 0.0, at_zero, np.abs(slope + cut * np.sign(w))).max(axis=-1)
    return worst


def constraint(problem: Quadratic, penalty: Penalty, w: Floats, lam: Floats, budget: Floats) -> Floats:
    """Return the largest violation of stationarity, feasibility and complementarity, (k,); of feasibility alone where the budget is 0."""
    gap = penalty.value(w) - budget
    finite = np.where(budget > 0.0, lam, 0.0)
    worst = np.maximum(stationarity(problem, penalty, w, finite), np.abs(finite * gap))
    return np.maximum(np.where(budget > 0.0, worst, 0.0), np.maximum(gap, 0.0))


def unique(problem: Quadratic, penalty: Penalty, w: Floats, lam: Floats, budget: Floats | None = None) -> Bools:
    """Return whether w is the only minimiser, (k,); with ``budget`` of the constrained form, else of the penalised one."""
    if problem.is_definite:
        return np.ones(len(w), dtype=bool)
    single = (lam > 0.0) & (penalty.l2 > 0.0)
    if budget is not None:
        single |= budget == 0.0
    known: dict[bytes, bool] = {}
    for row in np.flatnonzero(~single):
        if lam[row] > 0.0:
            # All minimisers share their slope, so only weights whose slope meets lam l1 may move, and a zero weight only along its slope.
            slope = -problem.gradient(w[row])
            rounding = 64 * EPS * (np.abs(problem.pull).max() + np.abs(problem.hessian).max() * np.abs(w[row]).max())
            free = np.abs(slope) >= lam[row] * penalty.l1 * (1.0 - EQUAL) - rounding
            outward = np.where(free, np.sign(slope), 0.0)
            # Along a family the pattern changes a few times only.
            pattern = np.stack([outward, w[row] != 0.0]).tobytes()
            if pattern not in known:
                known[pattern] = _can_slide(problem, w[row] != 0.0, outward)
            single[row] = not known[pattern]
        elif budget is not None:
            # The budget does not bind: any flat direction is open, unless w spends the budget to the last digit;
            # then only those that cost nothing.
            spent = float(penalty.value(w[row]))
            full = spent >= budget[row] * (1.0 - 8 * EPS) and spent > 0.0
            single[row] = full and (penalty.l2 > 0.0 or not _is_cheap(problem, w[row]))
    return single


def _can_slide(problem: Quadratic, support: Bools, outward: Floats) -> bool:
    """Whether some v != 0 with H v = 0 moves only weights with ``outward`` != 0, and those outside the support along ``outward`` only."""
    free = np.flatnonzero(outward)
    if free.size == 0:
        return False
    hessian = problem.hessian[np.ix_(free, free)]
    values, vectors = np.linalg.eigh(hessian / (np.abs(hessian).max() or 1.0))
    flat = vectors[:, values <= len(free) * FLAT]
    moves = outward[free, None] * flat * ~support[free, None]
    if flat.shape[1] == 0:
        return False
    if flat.shape[1] == 1:
        return bool((moves >= -EQUAL).all() or (moves <= EQUAL).all())
    from scipy.optimize import linprog  # only here: it takes longer to import than the rest of the core

    resting = moves[~support[free]]
    if np.linalg.matrix_rank(resting, tol=EQUAL) < flat.shape[1]:
        return True
    # Every flat direction moves some resting weight, so the sum of their moves can be scaled to 1.
    total, free_sign = resting.sum(axis=0)[None], (None, None)
    found = linprog(np.zeros(flat.shape[1]), A_ub=-resting, b_ub=np.full(len(resting), EQUAL), A_eq=total, b_eq=[1.0], bounds=free_sign)
    return bool(found.status == 0)


def _is_cheap(problem: Quadratic, w: Floats) -> bool:
    """Whether |w|_1 stays the same along some flat direction of L from w, the minimiser of least |w|_1."""
    from scipy.optimize import linprog

    flat = problem.eigen[1][:, problem.flat]
    on = w != 0.0
    # v = flat z with v = up - down off the support: the least slope of |.|_1 over directions with some coordinate at 1.
    for i in range(len(w)):
        for direction in (1.0, -1.0):
            off = flat[~on]
            m, n = flat.shape[1], len(off)
            cost = np.concatenate([np.sign(w[on]) @ flat[on], np.ones(n)])
            upper = np.block([[off, -np.eye(n)], [-off, -np.eye(n)]])
            pinned = np.concatenate([flat[i], np.zeros(n)])[None]
            bounds = [(None, None)] * m + [(0.0, None)] * n
            found = linprog(cost, A_ub=upper, b_ub=np.zeros(2 * n), A_eq=pinned, b_eq=[direction], bounds=bounds)
            if found.status == 0 and found.fun is not None and found.fun <= EQUAL:
                return True
    return False

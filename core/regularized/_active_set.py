"""Any number of weights: a primal active set, warm started along the family.

The method is feature-sign search (Lee, Battle, Raina and Ng 2006) with the elastic net's ridge, and with a way out of singular blocks of H: where
a weight that wants to leave 0 is a combination of those that already did, it moves along that flat direction until one of them reaches 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core._validate import Floats
from core.penalties import Penalty
from core.quadratic import Quadratic

EPS = float(np.finfo(np.float64).eps)
# A pivot of H below this fraction of its diagonal entry is rounding: columns that are collinear to six digits leave 1e-12.
PIVOT = 1e-12


def penalized(problem: Quadratic, penalty: Penalty, lam: Floats) -> Floats:
    """Return argmin L + lam R, (k, d); rows of lam = 0 are left to the caller."""
    w = np.zeros((len(lam), problem.dim))
    last = np.zeros(problem.dim)
    # From the largest lam down, so that each answer starts near the one before.
    for row in np.argsort(-lam, kind="stable"):
        if lam[row] > 0.0:
            last = w[row] = minimise(problem, penalty, float(lam[row]), last)
    return w


def constrained(problem: Quadratic, penalty: Penalty, budget: Floats, least: Floats) -> tuple[Floats, Floats]:
    """Return argmin L subject to R(w) <= budget, (k, d), and its multiplier (k,), for budgets > 0 that bind."""
    w, lam = np.empty((len(budget), problem.dim)), np.empty(len(budget))
    high, last = float(np.abs(problem.pull).max()) / penalty.l1, np.zeros(problem.dim)
    # From the smallest budget up: its multiplier bounds those that follow.
    for row in np.argsort(budget, kind="stable"):
        last, high = w[row], lam[row] = _spend(problem, penalty, float(budget[row]), high, last)
    return w, lam


def least(problem: Quadratic, penalty: Penalty) -> Floats:
    """Return the minimiser of L of least R, (d,): the limit lam -> 0, taken in closed form on the pattern of signs of a small lam."""
    if not problem.pull.any():
        return np.zeros(problem.dim)
    largest = float(np.abs(problem.pull).max())
    limit = w = np.zeros(problem.dim)
    for share in (1e-2, 1e-4, 1e-6, 1e-8, 1e-10):
        w = minimise(problem, penalty, share * largest / penalty.l1, w)
        limit, pace = _limit(problem, penalty, np.sign(w))
        off = np.abs(limit @ problem.hessian - problem.pull).max()
        # The pattern holds down to 0 where its limit keeps the signs, reaches the floor of L, and holds the other weights' slopes, H pace lam.
        held = np.abs(pace @ problem.hessian)[w == 0.0].max(initial=0.0) <= penalty.l1 * (1.0 + 1e-8)
        if held and off <= 1e-12 * largest and (np.sign(limit) == np.sign(w)).all():
            break
    return limit


def _limit(problem: Quadratic, penalty: Penalty, signs: Floats) -> tuple[Floats, Floats]:
    """Return w as lam -> 0 on a pattern of signs, and dw/dlam there, (d,) each."""
    on = np.flatnonzero(signs)
    values, vectors = np.linalg.eigh(problem.hessian[np.ix_(on, on)])
    flat = values <= PIVOT * values[-1]
    turned, drift = problem.pull[on] @ vectors, penalty.l1 * (signs[on] @ vectors)
    steep = np.where(flat, 1.0, values)
    at = np.where(flat, -drift / (2.0 * penalty.l2) if penalty.l2 > 0.0 else 0.0, turned / steep)
    w, pace = np.zeros(len(signs)), np.zeros(len(signs))
    w[on] = vectors @ at
    pace[on] = vectors @ np.where(flat, 0.0, -(drift + 2.0 * penalty.l2 * at) / steep)
    return w, pace


def _spend(problem: Quadratic, penalty: Penalty, budget: float, high: float, start: Floats) -> tuple[Floats, float]:
    """Find the lam in (0, high] whose minimiser spends the budget: Hebden's step on the pattern of signs, kept inside a bracket."""
    low, lam, w, pace = 0.0, high, start, np.zeros(0)
    largest, steepest = float(np.abs(problem.pull).max()), float(np.abs(problem.hessian).max())
    for _ in range(200):
        w = minimise(problem, penalty, lam, w)
        over = float(penalty.value(w)) - budget
        low, high = (lam, high) if over > 0.0 else (low, lam)
        on = np.flatnonzero(w)
        slope = penalty.l1 * np.sign(w[on]) + 2.0 * penalty.l2 * w[on]
        pace = -_solve(_block(problem, penalty, lam, on), slope) if on.size else slope
        steepness = float(slope @ pace)
        step = np.nan
        if steepness < 0.0:
            kappa = on.size * penalty.l1**2 / (4.0 * penalty.l2) if penalty.l2 > 0.0 else np.inf
            root = np.sqrt(1.0 + over / (budget + kappa))
            step = -over / steepness * (2.0 * root**2 / (1.0 + root))
        rounding = 8 * EPS * (largest + steepest * np.abs(w).max())
        if abs(step) * np.abs(slope).max(initial=0.0) <= rounding or high - low <= 4 * EPS * high:
            return _settle(penalty, budget, w, lam, pace)
        lam = lam + step if low < lam + step < high else 0.5 * (low + high)
    return _settle(penalty, budget, w, lam, pace)


def _settle(penalty: Penalty, budget: float, w: Floats, lam: float, pace: Floats) -> tuple[Floats, float]:
    """Move w along its own path, and lam with it, by the last roundings that separate R(w) from the budget.

    Where H is nearly singular w is steep in lam: no float64 lam gives a w that spends the budget, and each solve finds a w of its own.
    """
    on = np.flatnonzero(w)
    for _ in range(3):
        slope = penalty.l1 * np.sign(w[on]) + 2.0 * penalty.l2 * w[on]
        steepness = float(slope @ pace)
        if not steepness < 0.0:
            break
        step = (budget - float(penalty.value(w))) / steepness
        moved = w[on] + pace * step
        if not (np.sign(moved) == np.sign(w[on])).all():
            break
        w[on], lam = moved, max(lam + step, 0.5 * lam)
    return w, lam


def minimise(problem: Quadratic, penalty: Penalty, lam: float, start: Floats) -> Floats:
    """Return argmin L + lam R, (d,), for one lam > 0, beginning with the pattern of signs of ``start``."""
    hessian, pull, cut, shift = problem.hessian, problem.pull, lam * penalty.l1, 2.0 * lam * penalty.l2
    w = np.array(start)
    signs = np.sign(w)
    entered, refused = -1, np.zeros(len(w), dtype=bool)
    for _ in range(100 + 50 * len(w)):
        on = np.flatnonzero(signs)
        if on.size:
            target = _solve(_block(problem, penalty, lam, on), pull[on] - cut * signs[on])
            stays = target * signs[on] > 0.0
            if not stays.all():
                # Towards the pattern's minimiser, up to the first weight that reaches 0.
                now = w[on]
                share = np.where(stays, np.inf, now / np.where(stays, 1.0, now - target + (now == target)))
                first = int(np.argmin(share))
                w[on] = now + share[first] * (target - now)
                w[on[first]] = signs[on[first]] = 0.0
                # A weight that enters and leaves without moving was at its threshold to rounding; it stays out, or the two would alternate for ever.
                if on[first] == entered and share[first] == 0.0:
                    refused[entered] = True
                elif share[first] > 0.0:
                    refused[:] = False
                continue
            w[on] = target
        downhill = pull - hessian @ w
        excess = np.where((signs != 0.0) | refused, 0.0, np.abs(downhill) - cut)
        entered = int(np.argmax(excess))
        if not excess[entered] > 2 * EPS * np.abs(pull[entered]):
            break
        signs[entered] = np.sign(downhill[entered])
        if shift == 0.0 and on.size:
            follow = _solve(hessian[np.ix_(on, on)], hessian[on, entered])
            pivot = hessian[entered, entered] - hessian[entered, on] @ follow
            if pivot <= PIVOT * hessian[entered, entered]:
                _slide(w, signs, on, entered, -follow * signs[entered])
    return w


def _slide(w: Floats, signs: Floats, on: NDArray[np.intp], entered: int, direction: Floats) -> None:
    """Move along a flat direction of L, in place, until a weight of ``on`` reaches 0; the penalty falls all the way."""
    shrinking = direction * signs[on] < 0.0
    length = np.where(shrinking, -w[on] / np.where(shrinking, direction, 1.0), np.inf)
    first = int(np.argmin(length))
    w[on] += length[first] * direction
    w[entered] = length[first] * signs[entered]
    w[on[first]] = signs[on[first]] = 0.0


def _block(problem: Quadratic, penalty: Penalty, lam: float, on: NDArray[np.intp]) -> Floats:
    block: Floats = problem.hessian[np.ix_(on, on)].copy()
    block.flat[:: len(on) + 1] += 2.0 * lam * penalty.l2
    return block


def _solve(matrix: Floats, right: Floats) -> Floats:
    """Solve a system, refined once so that its residual is rounding."""
    answer = np.linalg.solve(matrix, right)
    refined: Floats = answer + np.linalg.solve(matrix, right - matrix @ answer)
    return refined

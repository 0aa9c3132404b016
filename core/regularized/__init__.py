"""Exact regularised minimisers of a quadratic loss, a family at a time, each with its certificate.

`penalized` minimises L + lam R, `constrained` minimises L subject to R <= budget, and each says the other's parameter: lam is the
budget's multiplier. Two weights (and L2 in any dimension) are solved in closed form over the whole family at once, more by an active set.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core._validate import Bools, Floats, family
from core.errors import InvalidInput
from core.penalties import Penalty
from core.quadratic import Quadratic
from core.regularized import _active_set, _certificate, _plane, _ridge

__all__ = ["Solution", "constrained", "penalized"]


@dataclass(frozen=True, eq=False)
class Solution:
    """A family of k exact minimisers over d weights.

    Parameters
    ----------
    w:
        Minimisers, (k, d); a weight that the penalty cuts is exactly 0.0.
    lam:
        Penalty weights, or the budgets' multipliers, (k,).
    budget:
        Budgets, or what R(w) comes to, (k,).
    active:
        Whether the penalty acts, (k,): the budget binds with a positive multiplier; in the penalised form lam > 0 and H centre != 0.
    support:
        Which weights are not zero, (k, d).
    kkt_residual:
        Largest violation of the optimality conditions over max(1, |H centre|_inf), (k,); measured on w itself, not on how it was found.
    unique:
        Whether w is the only minimiser, (k,).
    """

    w: Floats
    lam: Floats
    budget: Floats
    active: Bools
    support: Bools
    kkt_residual: Floats
    unique: Bools


def penalized(problem: Quadratic, penalty: Penalty, lam: ArrayLike) -> Solution:
    """Return argmin L(w) + lam R(w) for each lam.

    Parameters
    ----------
    problem:
        The loss.
    penalty:
        One of `core.penalties.PENALTIES`.
    lam:
        Penalty weights >= 0, (k,) or a number. At 0 a flat loss has many minimisers; the answer is the limit lam -> 0, the one of least R.

    Raises
    ------
    InvalidInput
        Where lam is negative, not finite or not one axis.
    """
    weight = family(lam, "lam")
    _check(problem, penalty)
    if penalty.l1 == 0.0:
        w = _ridge.penalized(problem, penalty.l2, weight)
    elif problem.dim == 2:
        w = _plane.penalized(problem, penalty, weight)
    else:
        w = _active_set.penalized(problem, penalty, weight)
    if not weight.all():
        w[weight == 0.0] = _least(problem, penalty)
    residual = _certificate.stationarity(problem, penalty, w, weight) / problem.scale
    active = (weight > 0.0) & bool(problem.pull.any())
    return Solution(w, weight, penalty.value(w), active, w != 0.0, residual, _certificate.unique(problem, penalty, w, weight))


def constrained(problem: Quadratic, penalty: Penalty, budget: ArrayLike) -> Solution:
    """Return argmin L(w) subject to R(w) <= budget for each budget, and the multiplier lam of each.

    Where the budget does not bind, w is the unconstrained minimiser (the one of least R, where there are many) and lam is 0. A budget of 0 leaves
    w = 0; lam is then the smallest valid multiplier, max|H centre| / l1, which is infinite for L2, and the residual is of the constraint alone.

    Parameters
    ----------
    problem:
        The loss.
    penalty:
        One of `core.penalties.PENALTIES`.
    budget:
        Budgets >= 0, (k,) or a number.

    Raises
    ------
    InvalidInput
        Where a budget is negative, not finite or not one axis.
    """
    limit = family(budget, "budget")
    _check(problem, penalty)
    least = _least(problem, penalty)
    enough = float(penalty.value(least))
    binding = (limit < enough) & (limit > 0.0)
    w, lam = np.empty((len(limit), problem.dim)), np.zeros(len(limit))
    w[:] = least
    if binding.any():
        # Where only part of a family binds, only that part is solved for.
        if penalty.l1 == 0.0:
            w[binding], lam[binding] = _ridge.constrained(problem, penalty.l2, limit[binding])
        elif problem.dim == 2:
            w[binding], lam[binding] = _plane.constrained(problem, penalty, limit[binding])
        else:
            w[binding], lam[binding] = _active_set.constrained(problem, penalty, limit[binding], least)
    if not limit.all():
        largest = float(np.abs(problem.pull).max())
        w[limit == 0.0] = 0.0
        lam[limit == 0.0] = 0.0 if largest == 0.0 else largest / penalty.l1 if penalty.l1 > 0.0 else np.inf
    residual = _certificate.constraint(problem, penalty, w, lam, limit) / problem.scale
    return Solution(w, lam, limit, lam > 0.0, w != 0.0, residual, _certificate.unique(problem, penalty, w, lam, limit))


def _least(problem: Quadratic, penalty: Penalty) -> Floats:
    """Return the minimiser of L of least R, (d,)."""
    if problem.is_definite:
        return problem.centre
    if penalty.l1 == 0.0:
        steep = problem.eigen[1][:, ~problem.flat]
        return steep @ (steep.T @ problem.centre)
    return _active_set.least(problem, penalty)


def _check(problem: Quadratic, penalty: Penalty) -> None:
    if not isinstance(problem, Quadratic):
        raise InvalidInput(f"problem of type {type(problem).__name__}", "a Quadratic", "Build one with Quadratic(hessian, centre).")
    if not isinstance(penalty, Penalty):
        raise InvalidInput(f"penalty of type {type(penalty).__name__}", "a Penalty", "Build one from PENALTIES, such as L1().")

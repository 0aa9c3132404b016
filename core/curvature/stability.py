r"""How large a learning rate may be on a quadratic, and how fast a run then converges: by rule and by treatment.

Along an eigenvector of the Hessian with eigenvalue mu, and with c = 2 lambda (times the penalty's L2 share), a linear rule is a linear map of
(weight, buffer). Written with trace and determinant of that 2 x 2 map, Jury's conditions |det| < 1 and |trace| < 1 + det say when it
contracts; of the three inequalities -trace < 1 + det is the one that binds as the rate grows. So, with momentum beta and dampening 0,

    rule        in the gradient                        decoupled                                    proximal
    momentum    2 (1 + b) / (mu + c)                   2 (1 + b) / (mu + (1 + b) c)                 2 (1 + b) / (mu - q c)
    nesterov    2 (1 + b) / ((1 + 2 b) (mu + c))       2 (1 + b) / ((1 + 2 b) mu + (1 + b) c)       2 (1 + b) / ((1 + 2 b) mu - q c)

with q = (1 + b) / (1 - b), since the prox is taken in the rule's own scaling 1 / (1 - b),
and plain descent is b = 0: 2 / (mu + c) twice, and 2 / (mu - c). Where a proximal denominator is not positive, every rate is stable. FISTA's momentum
tends to 1, which leaves 4 / (3 (mu + c)), 4 / (3 mu + c) and 4 / (3 mu - c).
The adaptive rules have no such limit: they rescale each gradient. Neither has the clamp, which is no linear map.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from core._validate import Floats, finite, not_negative
from core.errors import InvalidInput
from core.optimizers import FISTA, SGD, Nesterov, Rule


def has_limit(rule: Rule, treatment: str) -> bool:
    """Return whether a rule with a treatment is a linear map, which has a largest stable rate."""
    return isinstance(rule, SGD | FISTA) and treatment != "clamped" and not (isinstance(rule, SGD) and np.any(rule.dampening))


def stable_rate(rule: Rule, treatment: str, steepest: ArrayLike, shift: ArrayLike = 0.0) -> Floats:
    """Return the rate at and beyond which a rule does not converge on a quadratic; inf where every rate is stable, NaN where there is no such limit.

    Parameters
    ----------
    rule, treatment:
        As for `core.descent.descend`; the rule's own weight_decay adds to ``shift``.
    steepest:
        (...) the Hessian's largest eigenvalue.
    shift:
        (...) c >= 0, the curvature of lam R: 2 lam times the penalty's L2 share.

    Notes
    -----
    A negative eigenvalue makes the loss fall without bound at any rate; this is the limit that the largest one sets.
    """
    mu, c = finite(steepest, "steepest"), not_negative(shift, "shift")
    if not has_limit(rule, treatment):
        return np.full(np.broadcast_shapes(mu.shape, c.shape), np.nan)
    beta = _beta(rule)
    ahead = 2.0 * beta if isinstance(rule, Nesterov | FISTA) else 0.0
    if isinstance(rule, FISTA):
        # The momentum is in the point looked ahead at, not in a buffer: c is met once, at x or in the prox.
        beside = {"subgradient": 1.0 + ahead, "decoupled": 1.0, "proximal": -1.0}[treatment]
    else:
        beside = {"subgradient": 1.0 + ahead, "decoupled": 1.0 + beta, "proximal": -(1.0 + beta) / (1.0 - beta)}[treatment]
    slope = (1.0 + ahead) * (mu + float(rule.weight_decay)) + beside * c
    top = 2.0 * (1.0 + beta)
    with np.errstate(divide="ignore", invalid="ignore"):
        limit: Floats = np.where(slope > 0.0, top / slope, np.inf)
    return limit


def contraction(rule: Rule, treatment: str, eigenvalues: ArrayLike, shift: ArrayLike, lr: ArrayLike) -> Floats:
    """Return by what factor the distance to the minimum shrinks a step in the long run, (...): the spectral radius of the rule's linear map.

    Parameters
    ----------
    eigenvalues:
        (..., d) of the Hessian.
    shift, lr:
        (...) the curvature c of lam R, and the learning rate.

    Raises
    ------
    InvalidInput
        For a rule that is no linear map.
    """
    mu = finite(eigenvalues, "eigenvalues")
    c, rate = not_negative(shift, "shift")[..., None], not_negative(lr, "lr")[..., None]
    if not has_limit(rule, treatment):
        raise InvalidInput(f"{rule.key} with {treatment}", "sgd, momentum, nesterov or fista, not clamped", "Measure its rate instead.")
    beta, nesterov = _beta(rule), isinstance(rule, Nesterov)
    if not isinstance(rule, FISTA):
        mu = mu + float(rule.weight_decay)
    kept = 1.0 - rate * c if treatment == "decoupled" else 1.0
    scaling = 1.0 if isinstance(rule, FISTA) else 1.0 / (1.0 - beta)
    after = 1.0 / (1.0 + rate * c * scaling) if treatment == "proximal" else 1.0
    slope = mu + c if treatment == "subgradient" else mu
    if isinstance(rule, FISTA):
        # x' = after (kept-free y - lr slope y), with the decoupled pull taken at x.
        trace = after * (1.0 - rate * slope) * (1.0 + beta) - (rate * c if treatment == "decoupled" else 0.0)
        det = after * (1.0 - rate * slope) * beta
    else:
        # (x, b) -> (after (kept x - lr (n g + (1 or beta) b')), b'), with g = slope x, b' = beta b + g, and n = 1 for Nesterov.
        weight = 1.0 + beta if nesterov else 1.0
        carried = beta if nesterov else 1.0
        corner = after * (kept - rate * slope * weight)
        trace = corner + beta
        det = corner * beta + after * rate * carried * beta * slope
    factor: Floats = _radius(trace, det).max(axis=-1)
    return factor


def best_rate(flattest: ArrayLike, steepest: ArrayLike, shift: ArrayLike = 0.0) -> Floats:
    """Return plain descent's best fixed rate 2 / (mu_min + mu_max + 2 c), (...); c as in `stable_rate`; NaN where the objective is not convex."""
    low, high = finite(flattest, "flattest"), finite(steepest, "steepest")
    c = not_negative(shift, "shift")
    total = low + high + 2.0 * c
    convex = (low + c >= 0.0) & (total > 0.0)
    return np.where(convex, 2.0 / np.where(convex, total, 1.0), np.nan)


def _beta(rule: Rule) -> float:
    return 1.0 if isinstance(rule, FISTA) else float(rule.momentum) if isinstance(rule, SGD) else 0.0


def _radius(trace: Floats, det: Floats) -> Floats:
    """Return the larger modulus of the roots of z^2 - trace z + det."""
    inside = trace * trace - 4.0 * det
    real = (np.abs(trace) + np.sqrt(np.maximum(inside, 0.0))) / 2.0
    return np.where(inside >= 0.0, real, np.sqrt(np.maximum(det, 0.0)))

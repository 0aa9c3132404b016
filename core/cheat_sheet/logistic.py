"""Penalised logistic regression over a family of lambdas at once, and its cross-validation: proximal gradient steps with a look ahead (FISTA)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core._validate import Floats
from core.errors import InvalidInput
from core.penalties import ElasticNet
from core.statistics.shrinkage.design import standardised

STEPS = 4000
STILL = 1e-10
"""Steps at most, and the move at which the family stands still."""


def fit(X: Floats, y: Floats, rho: float, lam: Floats, still: float = STILL) -> tuple[Floats, Floats]:
    """Return weights (k, d) and intercepts (k,) that minimise the mean log loss + lam (rho |w|_1 + (1 - rho) |w|_2^2), the intercept free.

    Parameters
    ----------
    X, y:
        (n, d) columns and (n,) classes, 0 or 1, both of them present.
    rho:
        The L1 share, from 0 to 1.
    lam:
        (k,) positive.
    still:
        The move of any weight at which the family rests.

    Raises
    ------
    InvalidInput
        Where the classes are not two, or a lambda is not positive: without a penalty classes that can be told apart have no minimum.
    """
    if set(np.unique(y)) != {0.0, 1.0}:
        raise InvalidInput("targets", "0 and 1, both of them", "Give rows of both classes.")
    if not (lam.size and np.isfinite(lam).all() and (lam > 0.0).all()):
        raise InvalidInput("lam", "positive numbers", "Leave out 0.")
    n, k = len(y), len(lam)
    A = np.column_stack([X, np.ones(n)])
    step = 4.0 * n / np.linalg.norm(A, 2) ** 2
    penalty, stride = ElasticNet(rho), (step * lam)[:, None]
    w = np.zeros((k, A.shape[1]))
    ahead, t = w.copy(), np.ones(k)
    for _ in range(STEPS):
        slope = (1.0 / (1.0 + np.exp(-np.clip(ahead @ A.T, -500.0, 500.0))) - y) @ A / n
        new = ahead - step * slope
        new[:, :-1] = penalty.prox(new[:, :-1], stride)
        # Momentum against the descent: that member begins anew (O'Donoghue and Candes 2015).
        t = np.where(((ahead - new) * (new - w)).sum(axis=1) > 0.0, 1.0, t)
        longer = (1.0 + np.sqrt(1.0 + 4.0 * t * t)) / 2.0
        ahead, moved = new + ((t - 1.0) / longer)[:, None] * (new - w), float(np.abs(new - w).max())
        w, t = new, longer
        if moved < still:
            break
    return w[:, :-1], w[:, -1]


def top(X: Floats, y: Floats, rho: float) -> float:
    """Return where a grid begins: the least lambda at which all weights are 0, or without an L1 part ten times the loss's largest curvature."""
    n = len(y)
    if rho > 0.0:
        return float(np.abs(X.T @ (y - y.mean())).max()) / n / rho
    return 2.5 * float(np.linalg.norm(X, 2)) ** 2 / n


def cross_validate(X: Floats, y: Floats, rho: float, lam: Floats, fold: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Return the mean log loss (k,) of folds that were left out, and its standard error; each fold is standardised by the rows that it is fitted to.

    Parameters
    ----------
    X, y, rho, lam:
        As `fit` takes them, X in any units.
    fold:
        (n,) the fold of each row.
    """
    losses = []
    for i in range(int(fold.max()) + 1):
        out = fold == i
        mean, scale, standard = standardised(X[~out])
        w, b = fit(standard, y[~out], rho, lam, still=1e-5)  # far below what a fold can tell
        score = w @ ((X[out] - mean) / scale).T + b[:, None]
        losses.append((np.logaddexp(0.0, score) - y[out] * score).mean(axis=1))
    table = np.stack(losses)
    return table.mean(axis=0), table.std(axis=0, ddof=1) / np.sqrt(len(table))

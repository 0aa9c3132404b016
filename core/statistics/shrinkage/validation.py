"""Cross-validation of a whole path at once, every fold standardised by its own training rows, and the two usual choices of lambda."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core._validate import Floats
from core.errors import InvalidInput
from core.statistics.shrinkage.design import standardised
from core.statistics.shrinkage.paths import path

Ints = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class CrossValidation:
    """Errors of K folds along a path of k members.

    Attributes
    ----------
    folds:
        (K, k) mean squared error on the rows of each fold.
    mean, error:
        (k,) their mean and its standard error, the deviation over the root of K.
    best:
        The member of least mean error, the largest lambda among equals.
    simplest:
        The largest lambda whose mean error is at most one standard error above the least: the one-standard-error rule (Breiman, Friedman, Olshen and
        Stone 1984, Classification and regression trees).
    """

    folds: Floats
    mean: Floats
    error: Floats
    best: int
    simplest: int


def fold_of(n: int, folds: int, rng: np.random.Generator) -> Ints:
    """Return the fold of each of n rows, (n,): a random division into parts whose sizes differ by one at most."""
    return rng.permutation(np.arange(n) % folds)


def cross_validate(X: Floats, y: Floats, rho: float, lam: Floats, fold: Ints) -> CrossValidation:
    """Return the cross-validated errors of the path with L1 share rho over lam (k,) ascending.

    Parameters
    ----------
    X, y:
        (n, d) and (n,) in any units; each fold is standardised by the rows that it is fitted to, and its target centred by them.
    fold:
        (n,) the fold of each row, counted from 0; at least two folds, none empty, and two rows outside each.

    Raises
    ------
    InvalidInput
        Where there are too few folds or rows.
    """
    counts = np.bincount(fold)
    if len(counts) < 2 or counts.min() == 0 or len(fold) - counts.max() < 2:
        raise InvalidInput(
            f"{len(counts)} folds of {len(fold)} rows", "two folds or more, with two rows outside each", "Take more rows or other folds."
        )
    errors = np.stack([_errors(X, y, rho, lam, fold == i) for i in range(len(counts))])
    mean, error = errors.mean(axis=0), errors.std(axis=0, ddof=1) / np.sqrt(len(counts))
    best = int(len(lam) - 1 - np.argmin(mean[::-1]))
    simplest = int(np.flatnonzero(mean <= mean[best] + error[best])[-1])
    return CrossValidation(errors, mean, error, best, simplest)


def _errors(X: Floats, y: Floats, rho: float, lam: Floats, out: NDArray[np.bool_]) -> Floats:
    """Return the errors (k,) on the rows ``out`` of the path that is fitted to the others."""
    mean, scale, standard = standardised(X[~out])
    middle = float(y[~out].mean())
    w = path(standard, y[~out] - middle, rho, lam).w
    away = y[out] - middle - w @ ((X[out] - mean) / scale).T
    errors: Floats = (away**2).mean(axis=1)
    return errors

"""Dropout on least squares is ridge with the data's own diagonal, exactly: every mask is enumerated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core._validate import Bools, Floats
from core.errors import InvalidInput

MOST = 12
"""Columns whose masks are enumerated: 4,096 of them."""


def all_masks(d: int) -> Bools:
    """Return (2^d, d) every mask, true for what lives, from none to all.

    Raises
    ------
    InvalidInput
        Where there are too many to enumerate.
    """
    if not 0 <= d <= MOST:
        raise InvalidInput(f"the masks of {d} columns", f"0 to {MOST} columns", "Take fewer of them.")
    masks: Bools = (np.arange(2**d)[:, None] >> np.arange(d)) % 2 == 1
    return masks


def chance(masks: Bools, p: Floats) -> Floats:
    """Return (k, masks) how probable each mask is, where each column is dropped with probability p (k,)."""
    alive = masks.sum(axis=1)
    probable: Floats = (1.0 - p)[:, None] ** alive * p[:, None] ** (masks.shape[1] - alive)
    return probable


def expected_by_enumeration(X: Floats, y: Floats, w: Floats, p: Floats) -> Floats:
    """Return (k,) the mean of |y - (M o X) w / (1 - p)|^2 over all masks M, one for all rows or one each: the mean is the same.

    Parameters
    ----------
    X, y:
        (n, d) and (n,).
    w:
        (k, d) weights, one vector a p.
    p:
        (k,) probability of dropping, below 1.
    """
    masks = all_masks(X.shape[1])
    weights = chance(masks, p)
    total = np.empty(len(p))
    for i, each in enumerate(w):
        fits = (masks * (each / (1.0 - p[i]))) @ X.T
        fits -= y
        total[i] = weights[i] @ np.einsum("mn,mn->m", fits, fits)
    return total


def penalised(X: Floats, y: Floats, w: Floats, p: Floats) -> Floats:
    """Return (k,) |y - X w|^2 + p / (1 - p) sum_j |x_j|^2 w_j^2."""
    residual = w @ X.T - y
    ridge: Floats = np.einsum("kn,kn->k", residual, residual) + p / (1.0 - p) * (w**2 @ (X**2).sum(axis=0))
    return ridge


def minimiser(X: Floats, y: Floats, p: Floats) -> Floats:
    """Return (k, d) where the expected loss is least, (X'X + p / (1 - p) diag X'X)^-1 X'y; where that is singular, the shortest such w."""
    gram = X.T @ X
    # Solved in units of each column's own length: then the matrix is a correlation matrix with its diagonal raised, whatever the units are.
    size = np.sqrt(np.diag(gram))
    size = np.where(size > 0.0, size, 1.0)
    alike = gram / np.outer(size, size)
    raised = alike + (p / (1.0 - p))[:, None, None] * np.diag(np.diag(alike))
    w: Floats = (np.linalg.pinv(raised, hermitian=True) @ (X.T @ y / size)) / size
    return w


def plain_ridge(X: Floats, y: Floats, alpha: Floats) -> Floats:
    """Return (k, d) the ridge solutions (X'X + alpha I)^-1 X'y, for alpha (k,)."""
    size, turn = np.linalg.eigh(X.T @ X)
    part = turn.T @ (X.T @ y)
    shrunk = part / np.maximum(size + alpha[:, None], 1e-300)
    # A direction in which the data say nothing stays at 0.
    w: Floats = np.where(size > 1e-12 * size.max(), shrunk, 0.0) @ turn.T
    return w


@dataclass(frozen=True)
class LeastSquares:
    """Dropout's ridge and plain ridge over p, on centred data. d columns, k values of p.

    Attributes
    ----------
    names:
        (d,) of the columns.
    X, y:
        (n, d) and (n,), centred.
    p:
        (k,).
    dropout, plain:
        (k, d) the minimisers: of dropout's expected loss, and of plain ridge whose penalty is p / (1 - p) times the mean of |x_j|^2.
    enumerated, formula:
        (k,) the expected loss at dropout's minimiser, over all 2^d masks and by formula.
    gap:
        (k,) how far the two are apart, relative to the larger one, at the minimiser or at a wild point, whichever is farther.
    gradient:
        (k,) the largest derivative of the expected loss at the minimiser over the largest at 0, from differences of the loss itself.
    """

    names: tuple[str, ...]
    X: Floats
    y: Floats
    p: Floats
    dropout: Floats
    plain: Floats
    enumerated: Floats
    formula: Floats
    gap: Floats
    gradient: Floats

    @property
    def strength(self) -> Floats:
        """(k,) p / (1 - p)."""
        return self.p / (1.0 - self.p)

    @property
    def lam(self) -> Floats:
        """(k, d) each column's own lambda, of 1/(2n) |y - Xw|^2 + sum_j lambda_j w_j^2."""
        each: Floats = self.strength[:, None] * (self.X**2).sum(axis=0) / (2.0 * len(self.y))
        return each

    @property
    def effects(self) -> tuple[Floats, Floats]:
        """The two minimisers (k, d) per standard deviation of each column, in standard deviations of y: comparable whatever the units."""
        unit = self.X.std(axis=0) / (self.y.std() or 1.0)
        return self.dropout * unit, self.plain * unit


def least_squares(names: tuple[str, ...], X: Floats, y: Floats, p: Floats) -> LeastSquares:
    """Return both ridges over p (k,) below 1, for X (n, d) and y (n,), which are centred here."""
    X, y = X - X.mean(axis=0), y - y.mean()
    w = minimiser(X, y, p)
    strength = p / (1.0 - p)
    plain = plain_ridge(X, y, strength * (X**2).sum(axis=0).mean())
    plain[strength == 0.0] = w[strength == 0.0]
    enumerated, formula = expected_by_enumeration(X, y, w, p), penalised(X, y, w, p)
    wild = np.tile(np.random.default_rng(0).normal(size=X.shape[1]) * _unit(X, y), (len(p), 1))
    away = _apart(expected_by_enumeration(X, y, wild, p), penalised(X, y, wild, p))
    gap = np.maximum(_apart(enumerated, formula), away)
    return LeastSquares(names, X, y, p, w, plain, enumerated, formula, gap, _slope(X, y, w, p))


def _unit(X: Floats, y: Floats) -> Floats:
    """Return (d,) a weight that changes y by its deviation when its column changes by its own; 1 for a column that says nothing."""
    deviation = X.std(axis=0)
    return np.where(deviation > 0.0, y.std() / np.where(deviation > 0.0, deviation, 1.0), 1.0)


def _apart(one: Floats, other: Floats) -> Floats:
    apart: Floats = np.abs(one - other) / np.maximum(np.maximum(np.abs(one), np.abs(other)), 1e-300)
    return apart


def _slope(X: Floats, y: Floats, w: Floats, p: Floats) -> Floats:
    """Return (k,) the largest slope of the expected loss at w, in units of each column, over the largest at 0.

    The loss is a quadratic, so central differences are exact at any distance, but for rounding.
    """
    unit = _unit(X, y)
    worst = np.zeros(len(p))
    ground = np.zeros(len(p))
    for j in range(X.shape[1]):
        shift = np.zeros(X.shape[1])
        shift[j] = unit[j]
        for at, into in ((w, worst), (np.zeros_like(w), ground)):
            slope = np.abs(penalised(X, y, at + shift, p) - penalised(X, y, at - shift, p)) / 2.0
            np.maximum(into, slope, out=into)
    steep: Floats = worst / np.maximum(ground, 1e-300)
    return steep

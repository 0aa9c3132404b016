"""Ridge on many training sets and for many lambdas at once, through one batched singular value decomposition.

    minimise over b, w:  1/(2n) sum_i (y_i - b - w' phi(x_i))^2 + lambda |w|^2

The intercept b is not penalised: columns and y are centred, set by set. With A = U diag(d) V' the centred design,

    w = V diag(d / (d^2 + 2 n lambda)) U' y

No normal equations, whose condition number would be the square. Singular values that are rounding's (numpy's rank tolerance) are left out, which at
lambda = 0 gives the shortest of all w that fit best.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core._validate import Floats, family, finite
from core.errors import InvalidInput
from core.statistics.bias_variance.bases import BASES

_BLOCK = 20


@dataclass(frozen=True)
class Fits:
    """The fits of S training sets for k lambdas, with p columns.

    Attributes
    ----------
    w:
        (k, S, p) coefficients.
    intercept:
        (k, S).
    rank:
        The least rank of the S centred designs: below their size the data leave a choice where lambda = 0.
    """

    w: Floats
    intercept: Floats
    rank: int

    def at(self, design: Floats, member: int) -> Floats:
        """Return (S, g) one member's fits where the basis has the columns ``design`` (g, p)."""
        w = self.w[member]
        # In blocks: one product of this size wakes the threads of BLAS, which costs more than it and, beside other sessions, twenty times as much.
        blocks = w.reshape(len(w) // _BLOCK, _BLOCK, w.shape[1]) if len(w) % _BLOCK == 0 else w[None]
        values: Floats = np.matmul(blocks, design.T).reshape(len(w), -1)
        values += self.intercept[member][:, None]
        return values

    def each_at(self, design: Floats) -> Floats:
        """Return (k, S, t) every set's fits at places of its own, with the columns ``design`` (S, t, p), or (1, t, p) for all."""
        values: Floats = np.matmul(self.w.transpose(1, 0, 2), design.swapaxes(-1, -2)).transpose(1, 0, 2) + self.intercept[:, :, None]
        return values


def fit(x: ArrayLike, y: ArrayLike, basis: str, size: int, lam: ArrayLike) -> Fits:
    """Fit every training set for every lambda.

    Parameters
    ----------
    x:
        (S, n) points in [-1, 1]; (1, n) or (n,) where all sets share them.
    y:
        (S, n), or (n,) for one set.
    basis, size:
        A key of `BASES`, and how many functions or which degree.
    lam:
        (k,) weights of the penalty, >= 0; a scalar is a family of one.

    Raises
    ------
    InvalidInput
        For shapes that do not go together, points outside [-1, 1], points that are all the same, an unknown basis or a size that it does not have.
    """
    points, values, weights = np.atleast_2d(finite(x, "x")), np.atleast_2d(finite(y, "y")), family(lam, "lam")
    _checked(points, values, basis, size)
    return ridge(BASES[basis].design(points, size), values, weights)


def ridge(design: Floats, y: Floats, lam: Floats) -> Fits:
    """Do what `fit` does, with columns (S, n, p), or (1, n, p) for all sets, that have been computed from what has been checked."""
    n, p = design.shape[1:]
    centre, mean = design.mean(axis=1), y.mean(axis=1)
    U, d, Vt = np.linalg.svd(design - centre[:, None, :], full_matrices=False)
    kept = d > np.finfo(np.float64).eps * max(n, p) * d[:, :1]
    turned = np.matmul(U.swapaxes(1, 2), (y - mean[:, None])[..., None])[..., 0]  # (S, r)
    size = np.where(kept, d, 1.0)
    factors = np.where(kept, size / (size**2 + 2.0 * n * lam[:, None, None]), 0.0)  # (k, 1 or S, r)
    w = np.matmul((factors * turned).transpose(1, 0, 2), Vt).transpose(1, 0, 2)
    intercept = mean - np.einsum("ksp,sp->ks", w, np.broadcast_to(centre, w.shape[1:]))
    return Fits(np.ascontiguousarray(w), intercept, int(kept.sum(axis=1).min()))


def _checked(x: Floats, y: Floats, basis: str, size: int) -> None:
    if basis not in BASES:
        raise InvalidInput(f"basis = {basis!r}"[:60], "one of " + ", ".join(BASES), "Choose one of them.")
    if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size <= BASES[basis].most:
        raise InvalidInput(f"size = {size!r}"[:60], f"a whole number from 0 to {BASES[basis].most} for {BASES[basis].label}", "Choose another size.")
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1] or x.shape[0] not in (1, y.shape[0]) or y.size == 0:
        raise InvalidInput(
            f"x of shape {x.shape} with y of shape {y.shape}", "x (S, n) or (n,) and y (S, n)", "Give each point of each set an x and a y."
        )
    if not np.abs(x).max() <= 1.0:
        raise InvalidInput(
            f"x = {x.flat[np.abs(x).argmax()]:g}", "numbers from -1 to 1", "Scale x to [-1, 1] first; degree 20 far outside it has no digits left."
        )
    same = np.ptp(x, axis=1) == 0.0
    if size and same.any():
        where = int(same.argmax())
        raise InvalidInput(
            f"all {x.shape[1]} points of training set {where} at x = {x[where, 0]:g}",
            "points at two places or more",
            "Spread the points: from one place nothing can be learned of how y changes with x.",
        )

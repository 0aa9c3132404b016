"""Quadratic losses: the bowl over which every picture of the first labs is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from core._validate import Bools, Floats, finite, frozen, vectors
from core.errors import InvalidInput

# Symmetry and positive semi-definiteness hold to this fraction of the largest entry or eigenvalue: far above rounding, far below anything meant.
TOLERANCE = 1e-10
# Below this fraction of the largest eigenvalue a direction counts as flat: X'X of collinear columns leaves d * 2.2e-16 or less at d = 50, while a
# condition number of 1e12 still counts as definite.
FLAT = 1e-13


@dataclass(frozen=True, eq=False)
class Quadratic:
    """L(w) = 1/2 (w - centre)' H (w - centre) + floor.

    Parameters
    ----------
    hessian:
        H, (d, d), symmetric and positive semi-definite, each to 1e-10 of its largest entry or eigenvalue. Stored symmetrised, read-only.
    centre:
        A minimiser of L, (d,). Stored read-only.
    floor:
        The minimum of L.

    Raises
    ------
    InvalidInput
        Where an argument is not finite, of the wrong shape, not symmetric or not positive semi-definite.
    """

    hessian: Floats
    centre: Floats
    floor: float = 0.0

    def __post_init__(self) -> None:
        """Check the arguments and keep read-only copies of them."""
        hessian, centre, floor = finite(self.hessian, "hessian"), finite(self.centre, "centre"), finite(self.floor, "floor")
        if hessian.ndim != 2 or hessian.shape[0] != hessian.shape[1] or hessian.size == 0:
            raise InvalidInput(f"hessian of shape {hessian.shape}", "a square matrix (d, d) with d >= 1", "Pass one row and one column a weight.")
        if centre.shape != hessian.shape[:1]:
            allowed = f"shape ({hessian.shape[0]},), one number a row of the hessian"
            raise InvalidInput(f"centre of shape {centre.shape}", allowed, "Match centre to the hessian.")
        if floor.ndim:
            raise InvalidInput(f"floor of shape {floor.shape}", "one number", "Pass the minimum of the loss.")
        gap = float(np.abs(hessian - hessian.T).max())
        if not gap <= TOLERANCE * np.abs(hessian).max():
            allowed = f"a symmetric matrix, to {TOLERANCE:g} of its largest entry"
            raise InvalidInput(f"hessian differs from its transpose by {gap:g}", allowed, "Pass (H + H') / 2.")
        symmetric = 0.5 * hessian + 0.5 * hessian.T
        spectrum = np.linalg.eigvalsh(symmetric)
        if not spectrum[0] >= -TOLERANCE * np.abs(spectrum).max():
            allowed = f"a positive semi-definite matrix, its least eigenvalue 0 or more to {TOLERANCE:g} of the largest"
            raise InvalidInput(f"hessian has the eigenvalue {spectrum[0]:g}", allowed, "Pass the Hessian of a convex loss.")
        object.__setattr__(self, "hessian", frozen(symmetric))
        object.__setattr__(self, "centre", frozen(centre))
        object.__setattr__(self, "floor", float(floor))

    @classmethod
    def from_least_squares(cls, X: ArrayLike, y: ArrayLike) -> Self:
        """Return 1/(2n) |y - Xw|^2 as a quadratic in w.

        H = X'X/n, the centre is the least-squares solution of least norm, and the floor is the loss there.
        There is no intercept: centre X and y first.

        Parameters
        ----------
        X:
            One row a sample, (n, d); collinear columns are allowed.
        y:
            Targets, (n,).
        """
        design, target = finite(X, "X"), finite(y, "y")
        if design.ndim != 2 or design.size == 0:
            raise InvalidInput(f"X of shape {design.shape}", "a matrix (n, d) with n, d >= 1", "Pass one row a sample and one column a feature.")
        if target.shape != design.shape[:1]:
            raise InvalidInput(f"y of shape {target.shape}", f"shape ({design.shape[0]},)", "Pass one target a row of X.")
        left, size, right = np.linalg.svd(design, full_matrices=False)
        steep = size**2 > FLAT * size[0] ** 2
        centre = right[steep].T @ ((left[:, steep].T @ target) / size[steep])
        rest = target - design @ centre
        return cls(design.T @ design / len(target), centre, float(rest @ rest) / (2 * len(target)))

    @property
    def dim(self) -> int:
        """The number of weights d."""
        return len(self.centre)

    @cached_property
    def pull(self) -> Floats:
        """H centre, (d,): the loss's downhill slope at w = 0, which a penalty has to hold."""
        # In extended precision: where the centre lies along a nearly flat direction, H centre is the small difference of large products.
        return frozen((self.hessian.astype(np.longdouble) @ self.centre.astype(np.longdouble)).astype(np.float64))

    @property
    def scale(self) -> float:
        """max(1, |H centre|_inf), the unit of every KKT residual."""
        return max(1.0, float(np.abs(self.pull).max()))

    @cached_property
    def eigen(self) -> tuple[Floats, Floats]:
        """Eigenvalues (d,), ascending and exactly 0 where flat, and orthonormal eigenvectors (d, d) in columns."""
        values, vectors = np.linalg.eigh(self.hessian)
        values[values <= FLAT * values[-1]] = 0.0
        return frozen(np.maximum(values, 0.0)), frozen(vectors)

    @property
    def flat(self) -> Bools:
        """Which eigenvectors are flat directions of L, (d,)."""
        flat: Bools = self.eigen[0] == 0.0
        return flat

    @property
    def is_definite(self) -> bool:
        """Whether L has one minimiser."""
        return bool(self.eigen[0][0] > 0.0)

    def value(self, w: ArrayLike) -> Floats:
        """Return L(w), shape (...), of points w (..., d)."""
        away = vectors(w, "w", self.dim) - self.centre
        loss: Floats = 0.5 * ((away @ self.hessian) * away).sum(axis=-1) + self.floor
        return loss

    def gradient(self, w: ArrayLike) -> Floats:
        """Return H (w - centre), shape (..., d), of points w (..., d)."""
        slope: Floats = (vectors(w, "w", self.dim) - self.centre) @ self.hessian
        return slope

"""What an L2 penalty does to a Hessian: every eigenvalue moves up by 2 lambda."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core._validate import Bools, Floats, family, finite
from core.errors import InvalidInput
from core.quadratic import TOLERANCE


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Spectra of H + 2 lambda I over a family of k lambdas.

    Parameters
    ----------
    eigenvalues:
        Ascending, (k, ..., d).
    condition_number:
        Largest over smallest eigenvalue, both by size: max|mu| / min|mu|, (k, ...); infinite where an eigenvalue is 0 to rounding.
    is_definite:
        Whether all eigenvalues are positive beyond rounding, (k, ...).
    """

    eigenvalues: Floats
    condition_number: Floats
    is_definite: Bools


def shifted_spectrum(hessian: ArrayLike, lam: ArrayLike) -> Spectrum:
    """Return the spectrum of H + 2 lambda I, the Hessian of L + lambda |w|_2^2 where L has the Hessian H.

    Parameters
    ----------
    hessian:
        H, (..., d, d), symmetric to 1e-10 of its largest entry.
    lam:
        Penalty weights >= 0, (k,) or a number.

    Raises
    ------
    InvalidInput
        Where hessian is not finite, square or symmetric, or lam negative, not finite or not one axis.

    Notes
    -----
    At the same point the shift is exact. It need not help the conditioning: the eigenvalues (-1, 2) have the condition number 2, at lambda 0.4
    they are (-0.2, 2.8) with the condition number 14, and at 0.5 it is infinite.
    """
    matrix, weight = finite(hessian, "hessian"), family(lam, "lam")
    if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2] or matrix.shape[-1] == 0:
        raise InvalidInput(f"hessian of shape {matrix.shape}", "square matrices (..., d, d) with d >= 1", "Pass one row and one column a weight.")
    across = np.swapaxes(matrix, -1, -2)
    gap, size = np.abs(matrix - across).max(axis=(-1, -2)), np.abs(matrix).max(axis=(-1, -2))
    if not (gap <= TOLERANCE * size).all():
        allowed = f"symmetric matrices, to {TOLERANCE:g} of their largest entry"
        raise InvalidInput(f"hessian differs from its transpose by {gap.max():g}", allowed, "Pass (H + H') / 2.")
    own = np.linalg.eigvalsh(0.5 * matrix + 0.5 * across)
    shift = (2.0 * weight).reshape(-1, *([1] * own.ndim))
    moved: Floats = own + shift
    # A symmetric eigensolver errs by a small multiple of d eps |H|, and the sum rounds at the size of the shift as well.
    rounding = 4.0 * matrix.shape[-1] * np.finfo(np.float64).eps * (np.abs(own).max(axis=-1) + shift[..., 0])
    sizes = np.abs(moved)
    largest, smallest = sizes.max(axis=-1), sizes.min(axis=-1)
    singular = smallest <= rounding
    condition = np.where(singular, np.inf, largest / np.where(singular, 1.0, smallest))
    return Spectrum(moved, condition, moved[..., 0] > rounding)

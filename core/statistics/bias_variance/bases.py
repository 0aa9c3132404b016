"""Families of functions to fit with: a basis gives, for a size m, the columns of a design. The constant is no column: it is the intercept.

In every basis m = 0 leaves the intercept alone, and a fit of size m has m + 1 coefficients that the data can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np

from core._validate import Floats, frozen

MOST_DEGREE, MOST_SIZE = 20, 30
_FREQUENCY = 7.0  # deviation of the features' frequencies, in radians a unit of x: some can follow a bump, some are far quicker


@dataclass(frozen=True)
class Basis:
    """A family of functions on [-1, 1].

    Attributes
    ----------
    label:
        Its name in a list.
    size:
        What its size is called: a degree, or a number of functions.
    most:
        The largest size.
    design:
        (x (...), m) -> (..., p) the columns at x; p = m, or m + 1 for splines, which sum to the constant.
    nested:
        Whether the columns of a size are the first ones of any larger size.
    """

    label: str
    size: str
    most: int
    design: Callable[[Floats, int], Floats]
    nested: bool = True

    def columns(self, x: Floats, most: int) -> Callable[[int], Floats]:
        """Return size -> columns at x, for sizes up to ``most``; where sizes are nested all are computed once."""
        if not self.nested:
            return lambda size: self.design(x, size)
        every = self.design(x, most)
        return lambda size: every[..., :size]


def legendre(x: Floats, m: int) -> Floats:
    """Return (..., m) Legendre polynomials of degree 1 to m, each of mean square 1 over [-1, 1]: sqrt(2j + 1) P_j(x)."""
    columns = np.empty((*x.shape, m))
    before, now = np.ones_like(x), x
    for j in range(1, m + 1):
        columns[..., j - 1] = np.sqrt(2.0 * j + 1.0) * now
        # Bonnet's recursion: stable on [-1, 1], where powers of x lose digits.
        before, now = now, ((2.0 * j + 1.0) * x * now - j * before) / (j + 1.0)
    return columns


def monomials(x: Floats, m: int) -> Floats:
    """Return (..., m) x, x^2, ..., x^m."""
    powers: Floats = x[..., None] ** np.arange(1, m + 1)
    return powers


def splines(x: Floats, m: int) -> Floats:
    """Return (..., m + 1) B-splines on [-1, 1] with equally spaced knots, cubic from m = 3 on, of degree m below.

    At any x only degree + 1 of them are not 0: those are found by de Boor's recursion and put in their places.
    """
    degree = min(3, m)
    pieces = m + 1 - degree
    knots = np.concatenate([[-1.0] * degree, np.linspace(-1.0, 1.0, pieces + 1), [1.0] * degree])
    piece = np.clip(((x + 1.0) * (0.5 * pieces)).astype(np.int64), 0, pieces - 1)  # the right end belongs to the last one
    local = [np.ones_like(x)]
    for d in range(1, degree + 1):
        saved, raised = np.zeros_like(x), []
        for r in range(d):
            low, high = knots[piece + degree + 1 + r - d], knots[piece + degree + 1 + r]
            part = local[r] / (high - low)
            raised.append(saved + (high - x) * part)
            saved = (x - low) * part
        local = [*raised, saved]
    columns = np.zeros((*x.shape, m + 1))
    np.put_along_axis(columns, piece[..., None] + np.arange(degree + 1), np.stack(local, axis=-1), axis=-1)
    return columns


@cache
def _waves() -> tuple[Floats, Floats]:
    rng = np.random.default_rng(2)
    return frozen(_FREQUENCY * rng.normal(size=MOST_SIZE)), frozen(rng.uniform(0.0, 2.0 * np.pi, MOST_SIZE))


def features(x: Floats, m: int) -> Floats:
    """Return (..., m) random Fourier features sqrt(2) cos(omega_j x + phi_j) (Rahimi and Recht 2008): the first m of 30 waves, always the same."""
    frequency, phase = _waves()
    waves: Floats = np.sqrt(2.0) * np.cos(x[..., None] * frequency[:m] + phase[:m])
    return waves


BASES: Mapping[str, Basis] = MappingProxyType(
    {
        "legendre": Basis("orthogonal polynomials", "degree", MOST_DEGREE, legendre),
        "monomials": Basis("powers of x", "degree", MOST_DEGREE, monomials),
        "splines": Basis("splines", "splines", MOST_SIZE, splines, nested=False),
        "features": Basis("random features", "features", MOST_SIZE, features),
    }
)

r"""The densities of one weight: exp(-P w^2/2 + B w - a |w|), a Gaussian with a crease at zero.

Every prior and every posterior of this lab is one, along a line. Either side of zero is a Gaussian cut off there, so that

    Z = P^(-1/2) (M(z+) + M(z-)),    z+- = (+-B - a) / sqrt(P),    M(z) = int_0^inf exp(-u^2/2 + z u) du,

and mass, mean, distribution function and quantiles follow in closed form. Far in the tail (z << 0) the closed forms of books lose all their digits;
there everything is written with the scaled complementary error function and with Laplace's continued fraction of the Mills ratio, in which nothing
cancels. Arguments broadcast against each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import erfcx, expit, log_ndtr, ndtri_exp

from core._validate import Floats, finite, not_negative
from core.errors import InvalidInput

# Below this z the continued fraction is exact to rounding: its error at depth n falls like exp(-2 |z| sqrt(2 n)).
_TAIL = -3.0
_DEPTH = 30
# Of a^2: a flatter density than this is exponential on either side, to rounding of all that is computed here.
_FLAT = 1e-24
_HALF_LOG_2PI = 0.5 * np.log(2.0 * np.pi)
# Newton's method on a concave function, begun on its far side, doubles its digits in every step.
_NEWTON = 8


@dataclass(frozen=True, eq=False)
class Folded:
    """The density exp(-P w^2/2 + B w - a |w|) / Z.

    Parameters
    ----------
    precision, pull, crease:
        P >= 0, B and a >= 0, arrays (...) that broadcast; a > |B| where P is 0, else there is no density.

    Raises
    ------
    InvalidInput
        Where an argument is not finite or negative, or the density could not be normalised.
    """

    precision: ArrayLike
    pull: ArrayLike
    crease: ArrayLike

    def __post_init__(self) -> None:
        """Check the arguments."""
        p, b, a = self._terms
        if not ((p > 0.0) & ((np.asarray(self.precision) > 0.0) | (a > np.abs(b)))).all():
            allowed = "a precision above 0, or a crease above the size of the pull"
            raise InvalidInput(
                "a density that cannot be normalised", allowed, "Choose a prior that narrows every direction that the data leave open."
            )

    @cached_property
    def _terms(self) -> tuple[Floats, Floats, Floats]:
        p, b, a = np.broadcast_arrays(not_negative(self.precision, "precision"), finite(self.pull, "pull"), not_negative(self.crease, "crease"))
        return np.maximum(p, _FLAT * a**2), b, a

    @cached_property
    def _root(self) -> Floats:
        root: Floats = np.sqrt(self._terms[0])
        return root

    @cached_property
    def _sides(self) -> tuple[Floats, Floats]:
        """z+ and z-."""
        _, b, a = self._terms
        return (b - a) / self._root, (-b - a) / self._root

    @cached_property
    def _masses(self) -> tuple[Floats, Floats]:
        """The logarithm of M of either side."""
        right, left = self._sides
        return _log_mass(right), _log_mass(left)

    @cached_property
    def _moments(self) -> tuple[tuple[Floats, Floats, Floats], tuple[Floats, Floats, Floats]]:
        """Mean, mean square and variance of the distance from zero, in units of 1 / sqrt(P), on either side."""
        right, left = self._sides
        return _moments(right), _moments(left)

    @cached_property
    def log_normaliser(self) -> Floats:
        """The logarithm of Z, (...)."""
        right, left = self._masses
        total: Floats = np.logaddexp(right, left) - np.log(self._root)
        return total

    @cached_property
    def positive(self) -> Floats:
        """The probability that w > 0, (...)."""
        right, left = self._masses
        share: Floats = expit(right - left)
        return share

    @cached_property
    def mean(self) -> Floats:
        """The mean, (...)."""
        (right, _, _), (left, _, _) = self._moments
        middle: Floats = (self.positive * right - (1.0 - self.positive) * left) / self._root
        return middle

    @cached_property
    def square(self) -> Floats:
        """The mean of w^2, (...)."""
        (_, right, _), (_, left, _) = self._moments
        second: Floats = (self.positive * right + (1.0 - self.positive) * left) / self._root**2
        return second

    @cached_property
    def variance(self) -> Floats:
        """The variance, (...), by parts: within either side, and between them."""
        (right, _, spread_right), (left, _, spread_left) = self._moments
        share = self.positive
        within = share * spread_right + (1.0 - share) * spread_left
        spread: Floats = (within + share * (1.0 - share) * (right + left) ** 2) / self._root**2
        return spread

    def log_density(self, w: ArrayLike) -> Floats:
        """Return the logarithm of the density at w (...)."""
        p, b, a = self._terms
        at = finite(w, "w")
        height: Floats = -0.5 * p * at**2 + b * at - a * np.abs(at) - self.log_normaliser
        return height

    def near_zero(self, eps: ArrayLike) -> Floats:
        """Return P(|w| < eps) for eps >= 0, (...)."""
        far = not_negative(eps, "eps") * self._root
        right, left = (-np.expm1(_log_survival(z, far)) for z in self._sides)
        share: Floats = self.positive * right + (1.0 - self.positive) * left
        return share

    def below(self, w: ArrayLike) -> Floats:
        """Return P(W < w), (...)."""
        at = finite(w, "w")
        far = np.abs(at) * self._root
        right, left = (np.exp(_log_survival(z, far)) for z in self._sides)
        share: Floats = np.where(at < 0.0, (1.0 - self.positive) * left, 1.0 - self.positive * right)
        return share

    def sample(self, side: ArrayLike, size: ArrayLike) -> Floats:
        """Return exact samples (...) from two uniform numbers each in (0, 1): which side of zero, and how far out there.

        The same numbers give neighbouring densities neighbouring samples, so that samples move with a family instead of jumping.
        """
        share = self.positive
        right = np.asarray(side) < share
        z = np.where(right, *self._sides)
        far = _quantile(*np.broadcast_arrays(z, np.log(np.asarray(size))))
        drawn: Floats = np.where(right, far, -far) / self._root
        return drawn


def _log_mass(z: Floats) -> Floats:
    """Return log M(z)."""
    low, high = np.minimum(z, 0.0), np.maximum(z, 0.0)
    mass: Floats = np.where(z < 0.0, np.log(np.sqrt(0.5 * np.pi) * erfcx(-low / np.sqrt(2.0))), _HALF_LOG_2PI + 0.5 * high**2 + log_ndtr(high))
    return mass


def _moments(z: Floats) -> tuple[Floats, Floats, Floats]:
    """Return mean, mean square and variance of u > 0 with density exp(-u^2/2 + z u) / M(z)."""
    t, ordinary = np.maximum(-z, -_TAIL), np.maximum(z, _TAIL)
    tail = t
    for i in range(_DEPTH, 2, -1):
        tail = t + i / tail
    rest = 2.0 / tail  # t + rest is the reciprocal of the mean
    mean_tail = 1.0 / (t + rest)
    hazard = np.exp(-0.5 * ordinary**2 - _HALF_LOG_2PI - log_ndtr(ordinary))
    mean = np.where(z < _TAIL, mean_tail, ordinary + hazard)
    square = np.where(z < _TAIL, rest * mean_tail, 1.0 + ordinary * (ordinary + hazard))
    spread = np.where(z < _TAIL, (rest - mean_tail) * mean_tail, 1.0 - hazard * (ordinary + hazard))
    return mean, square, spread


def _log_survival(z: Floats, far: Floats) -> Floats:
    """Return log P(u > far) under the density of `_moments`, for far >= 0."""
    t, ordinary = np.maximum(-z, -_TAIL), np.maximum(z, _TAIL)
    in_tail = -(t + 0.5 * far) * far + np.log(erfcx((t + far) / np.sqrt(2.0))) - np.log(erfcx(t / np.sqrt(2.0)))
    share: Floats = np.where(z < _TAIL, in_tail, log_ndtr(ordinary - far) - log_ndtr(ordinary))
    return share


def _quantile(z: Floats, log_share: Floats) -> Floats:
    """Return far >= 0 with log P(u > far) = log_share."""
    far: Floats = np.empty(z.shape)
    tail = z < _TAIL
    far[~tail] = np.maximum(z[~tail] - ndtri_exp(log_share[~tail] + log_ndtr(z[~tail])), 0.0)
    if tail.any():
        t, wanted = -z[tail], log_share[tail]
        out = -wanted / _hazard(t, np.zeros_like(t))
        for _ in range(_NEWTON):
            out = out - (wanted - _log_survival(-t, out)) / _hazard(t, out)
        far[tail] = out
    return far


def _hazard(t: Floats, far: Floats) -> Floats:
    """Return minus the slope of log P(u > far) at z = -t."""
    rate: Floats = 1.0 / (np.sqrt(0.5 * np.pi) * erfcx((t + far) / np.sqrt(2.0)))
    return rate

r"""The posterior of two weights, exp(-w'Gw/2 + B'w - a |w|_1 - c |w|^2) / Z: normaliser, means and exact independent samples.

Given w1, the second weight has a density of `Folded`, whose normaliser is known in closed form. So the marginal of w1 is one function of one
variable, and everything follows from integrals along it. They are taken by Gauss's rule on panels that end where the marginal has a crease (w1 = 0)
or bends fast (where the best w2 comes to zero), and that grow geometrically from there and from the mode; tests hold them against grids and against
the closed form of the Gaussian. A sample is w1 by inverting the marginal's distribution function, then w2 by inverting the conditional one: no
chain, no burn-in, no dependence between samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import ArrayLike

from core._validate import Floats, finite, not_negative
from core.statistics.priors.folded import Folded

# What lies this far (in logarithms) below the highest point is below rounding, for concave logarithms.
_DROP = 45.0
_DOUBLINGS = 40
# Panels grow threefold from each centre; with as many of them the widest posterior over the finest scale is covered.
_GROWTH, _PANELS, _ORDER = 3.0, 13, 10
_NODES, _WEIGHTS = legendre.leggauss(_ORDER)
# Of the way between two nodes: the rest is far below what a picture or a mean of samples shows.
_HALVINGS = 26


def _cumulative() -> Floats:
    """Return the (order, order) matrix that takes a function's values at Gauss's nodes to its integrals from -1 up to each node."""
    # Through Legendre's polynomials: the integral of P_j from -1 is (P_{j+1} - P_{j-1}) / (2j + 1).
    values = legendre.legvander(_NODES, _ORDER)
    degrees = np.arange(_ORDER)
    coefficients = (2 * degrees[:, None] + 1) / 2 * values[:, :_ORDER].T * _WEIGHTS
    integrals = np.empty((_ORDER, _ORDER))
    integrals[:, 0] = _NODES + 1.0
    integrals[:, 1:] = (values[:, 2:] - values[:, : _ORDER - 1]) / (2 * degrees[1:] + 1)
    return integrals @ coefficients


_CUMULATIVE = _cumulative()


@dataclass(frozen=True, eq=False)
class PlanePosterior:
    """A family of posteriors of two weights.

    Parameters
    ----------
    gram, pull:
        G, (2, 2), and B, (2,): X'X / sigma^2 and X'y / sigma^2.
    a, c:
        (k,) the prior's exponents.
    mode:
        (k, 2) the modes, from which the integrals spread out.
    """

    gram: Floats
    pull: Floats
    a: Floats
    c: Floats
    mode: Floats

    @cached_property
    def log_normaliser(self) -> Floats:
        """(k,) log Z."""
        total: Floats = self._peak + np.log(self._mass.sum(axis=-1))
        return total

    @property
    def mean(self) -> Floats:
        """(k, 2) the mean."""
        return self._moments[0]

    @property
    def deviation(self) -> Floats:
        """(k, 2) the standard deviations."""
        return self._moments[1]

    @cached_property
    def _moments(self) -> tuple[Floats, Floats]:
        given = self._second(self._at)  # some megabytes that nobody asks for again
        mean = np.stack([self._average(self._at), self._average(given.mean)], axis=-1)
        first = self._average((self._at - mean[:, :1]) ** 2)
        second = self._average(given.variance + (given.mean - mean[:, 1:]) ** 2)
        return mean, np.sqrt(np.stack([first, second], axis=-1))

    def near_zero(self, eps: float) -> Floats:
        """Return P(|w_i| < eps), (k, 2)."""
        width = np.full((len(self.a), 1), float(not_negative(eps, "eps")))
        return np.concatenate([each._below(width) - each._below(-width) for each in (self, self._turned)], axis=1)

    @cached_property
    def _turned(self) -> PlanePosterior:
        """The same with the weights exchanged, for the marginal of the second."""
        return PlanePosterior(self.gram[::-1, ::-1], self.pull[::-1], self.a, self.c, self.mode[:, ::-1])

    def sample(self, uniforms: ArrayLike) -> Floats:
        """Return independent samples (k, m, 2) from uniform numbers in (0, 1), (3, m), which all members share."""
        share, side, size = finite(uniforms, "uniforms")
        first = self._quantile(np.broadcast_to(share, (len(self.a), share.size)))
        return np.stack([first, self._second(first).sample(side, size)], axis=-1)

    # ------------------------------------------------------------------------------------------------------- inside

    def _second(self, w1: Floats) -> Folded:
        """Return the density of w2 given w1 (k, ...)."""
        return Folded((self.gram[1, 1] + 2.0 * self.c)[:, None], self.pull[1] - self.gram[0, 1] * w1, self.a[:, None])

    def _log_marginal(self, w1: Floats) -> Floats:
        """Return the logarithm of the marginal of w1 (k, m), not normalised."""
        own = (self.gram[0, 0] + 2.0 * self.c)[:, None]
        height: Floats = -0.5 * own * w1**2 + self.pull[0] * w1 - self.a[:, None] * np.abs(w1) + self._second(w1).log_normaliser
        return height

    @cached_property
    def _ends(self) -> Floats:
        """(k, 2) where the marginal has fallen to nothing."""
        middle, fine = self.mode[:, :1], self._fine
        height = self._log_marginal(middle)
        ends = []
        for side in (-1.0, 1.0):
            far = fine.copy()
            for _ in range(_DOUBLINGS):
                high = self._log_marginal(middle + side * far) > height - _DROP
                if not high.any():
                    break
                far = np.where(high, 2.0 * far, far)
            ends.append(middle + side * far)
        return np.concatenate(ends, axis=1)

    @cached_property
    def _fine(self) -> Floats:
        """(k, 1) the finest scale on which the marginal can bend."""
        finest: Floats = 1.0 / np.sqrt(self.gram[0, 0] + 2.0 * self.c + self.a**2)
        return finest[:, None]

    @cached_property
    def _edges(self) -> Floats:
        """(k, p + 1) the ends of the panels."""
        k, low, high = len(self.a), self._ends[:, :1], self._ends[:, 1:]
        joint = self.gram[0, 1]
        # Where the best w2 leaves zero, as far as w1 has a say in it.
        turns = [(self.pull[1] + side * self.a)[:, None] / joint for side in (-1.0, 1.0)] if joint != 0.0 else []
        centres = np.concatenate([np.zeros((k, 1)), self.mode[:, :1], *turns], axis=1)[:, :, None]
        steps = np.concatenate([[0.0], _GROWTH ** np.arange(_PANELS)])
        steps = np.concatenate([-steps[:0:-1], steps]) * self._fine[:, :, None]
        inner = (centres + steps).reshape(k, -1)
        edges = np.sort(np.clip(np.concatenate([low, inner, high], axis=1), low, high), axis=1)
        # Most panels lie beyond the ends, where nothing is left of them: those go to the end, and what no member needs goes altogether.
        fresh = np.concatenate([np.ones((k, 1), dtype=bool), np.diff(edges) > 0.0], axis=1)
        return np.sort(np.where(fresh, edges, high), axis=1)[:, : max(2, int(fresh.sum(axis=1).max()))]

    @cached_property
    def _half(self) -> Floats:
        """(k, p, 1) half the widths of the panels."""
        return 0.5 * np.diff(self._edges)[..., None]

    @cached_property
    def _at(self) -> Floats:
        """(k, p * order) Gauss's nodes on all panels."""
        middle = 0.5 * (self._edges[:, 1:] + self._edges[:, :-1])[..., None]
        return (middle + self._half * _NODES).reshape(len(self.a), -1)

    @cached_property
    def _height(self) -> Floats:
        """(k, p * order) the logarithm of the marginal at the nodes."""
        return self._log_marginal(self._at)

    @cached_property
    def _peak(self) -> Floats:
        highest: Floats = self._height.max(axis=-1)
        return highest

    @cached_property
    def _mass(self) -> Floats:
        """(k, p * order) the nodes' shares of the integral, over exp(peak)."""
        tall = np.exp(self._height - self._peak[:, None]).reshape(*self._half.shape[:2], _ORDER)
        return (tall * self._half * _WEIGHTS).reshape(len(self.a), -1)

    def _average(self, values: Floats) -> Floats:
        mean: Floats = (self._mass * values).sum(axis=-1) / self._mass.sum(axis=-1)
        return mean

    @cached_property
    def _table(self) -> tuple[Floats, Floats, Floats]:
        """The marginal's distribution function: w1, P(W1 < w1) and its density, each (k, p * order + 2), at the nodes and at both ends."""
        k, total = len(self.a), self._mass.sum(axis=-1, keepdims=True)
        tall = np.exp(self._height - self._peak[:, None]).reshape(*self._half.shape[:2], _ORDER)
        before = np.cumsum(self._mass.reshape(tall.shape).sum(axis=-1), axis=1)
        start = np.concatenate([np.zeros((k, 1)), before[:, :-1]], axis=1)[..., None]
        below = (start + self._half * (tall @ _CUMULATIVE.T)).reshape(k, -1) / total
        # Monotone whatever rounding does, so that it can be inverted.
        below = np.maximum.accumulate(np.clip(below, 0.0, 1.0), axis=1)
        edge = np.zeros((k, 1))
        density = tall.reshape(k, -1) / total
        return (
            np.concatenate([self._ends[:, :1], self._at, self._ends[:, 1:]], axis=1),
            np.concatenate([edge, below, edge + 1.0], axis=1),
            np.concatenate([edge, density, edge], axis=1),
        )

    def _below(self, w1: Floats) -> Floats:
        """Return P(W1 < w1), (k, m)."""
        at, below, density = self._table
        rows = np.arange(len(at))[:, None]
        i = np.stack([np.clip(np.searchsorted(row, x) - 1, 0, len(row) - 2) for row, x in zip(at, w1, strict=True)])
        width = at[rows, i + 1] - at[rows, i]
        t = np.clip((w1 - at[rows, i]) / np.where(width > 0.0, width, 1.0), 0.0, 1.0)
        return _hermite(t, below[rows, i], below[rows, i + 1], width * density[rows, i], width * density[rows, i + 1])

    def _quantile(self, share: Floats) -> Floats:
        """Return w1 with P(W1 < w1) = share, (k, m)."""
        at, below, density = self._table
        rows = np.arange(len(at))[:, None]
        i = np.stack([np.clip(np.searchsorted(row, x) - 1, 0, len(row) - 2) for row, x in zip(below, share, strict=True)])
        width = at[rows, i + 1] - at[rows, i]
        ends = (below[rows, i], below[rows, i + 1], width * density[rows, i], width * density[rows, i + 1])
        low, high = np.zeros(share.shape), np.ones(share.shape)
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            short = _hermite(middle, *ends) < share
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        drawn: Floats = at[rows, i] + 0.5 * (low + high) * width
        return drawn


def _hermite(t: Floats, start: Floats, end: Floats, slope: Floats, final: Floats) -> Floats:
    """Return the cubic through two values with two slopes, at t from 0 to 1."""
    rise = end - start
    value: Floats = start + t * (slope + t * (3.0 * rise - 2.0 * slope - final + t * (slope + final - 2.0 * rise)))
    return value

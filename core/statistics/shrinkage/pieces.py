"""One piece of a path of lasso or elastic net: between two events the same weights are not zero, with the same signs, and all is in closed form."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core._validate import Bools, Floats

Ints = NDArray[np.intp]

# A pivot below this is a column that those on the path already say (the diagonal of H is 1); such a weight stays at 0, its slope tied to theirs.
PIVOT = 1e-10
# A slack below this fraction of the largest slope is rounding: sums of a few dozen products.
TIED = 1e-13
_A_DECADE = 120  # lambdas in a decade at which the elastic net is looked at before a crossing is narrowed down
_AT_ONCE = 16
_NARROW = 17


@dataclass(frozen=True, eq=False)
class Piece:
    """The weights ``on`` (a,) that are not zero, with ``signs`` (a,); H (d, d), q (d,) and rho are the problem's."""

    H: Floats
    q: Floats
    rho: float
    on: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    signs: Floats = field(default_factory=lambda: np.zeros(0))

    def weights(self, lam: Floats) -> Floats:
        """Return the weights that are not zero, (k, a), at lam (k,)."""
        top, bottom = self._fractions(lam)
        weights: Floats = (top / bottom) @ self._eigen[1].T
        # One step of refinement: the eigenbasis is known to rounding only, H itself exactly.
        ridge = 2.0 * (1.0 - self.rho) * lam[:, None]
        off = self.q[self.on] - lam[:, None] * self.rho * self.signs - weights @ self._block - ridge * weights
        return weights + ((off @ self._eigen[1]) / bottom) @ self._eigen[1].T

    def freedom(self, lam: Floats) -> Floats:
        """Return the degrees of freedom, (k,): the trace of the matrix that makes the fit from y on this piece."""
        h = self._eigen[0]
        freedom: Floats = (h / self._fractions(lam)[1]).sum(axis=1)
        return freedom

    def next(self, now: float, floor: float, barred: Bools) -> tuple[float, int]:
        """Return the largest lambda in (floor, now] at which a weight reaches 0 or one at 0 wants to leave it, and which; else (floor, -1)."""
        off = np.setdiff1d(np.flatnonzero(~barred), self.on)
        return self._linear(now, floor, off, barred) if self.rho == 1.0 else self._rational(now, floor, off, barred)

    def without(self, index: int) -> Piece:
        """Return the piece in which a weight has become zero."""
        stays = self.on != index
        return Piece(self.H, self.q, self.rho, self.on[stays], self.signs[stays])

    def joined(self, index: int, lam: float) -> Piece:
        """Return the piece in which a weight has left zero, at lam, in the direction of its slope."""
        slope = float(self._slopes(np.array([lam]), np.array([index]))[0, 0])
        return Piece(self.H, self.q, self.rho, np.append(self.on, index), np.append(self.signs, np.sign(slope)))

    # ----------------------------------------------------------------------------------------------------------------- inside

    @cached_property
    def _block(self) -> Floats:
        return self.H[np.ix_(self.on, self.on)]

    @cached_property
    def _eigen(self) -> tuple[Floats, Floats]:
        values, vectors = np.linalg.eigh(self._block)
        return np.maximum(values, 0.0), vectors

    @cached_property
    def _turned(self) -> tuple[Floats, Floats]:
        vectors = self._eigen[1]
        return self.q[self.on] @ vectors, self.rho * (self.signs @ vectors)

    def _fractions(self, lam: Floats) -> tuple[Floats, Floats]:
        """Return numerators and denominators of the weights in the eigenbasis of the block, (k, a) each."""
        pull, push = self._turned
        bottom = self._eigen[0] + 2.0 * (1.0 - self.rho) * lam[:, None]
        return pull - lam[:, None] * push, bottom

    def _slopes(self, lam: Floats, off: Ints) -> Floats:
        """Return the downhill slopes q - H w of weights that are zero, (k, len(off))."""
        top, bottom = self._fractions(lam)
        slopes: Floats = self.q[off] - (top / bottom) @ (self._eigen[1].T @ self.H[np.ix_(self.on, off)])
        return slopes

    def _linear(self, now: float, floor: float, off: Ints, barred: Bools) -> tuple[float, int]:
        """Of lasso all is linear in lambda: w = a - lambda b, and each crossing is a quotient."""
        solved = np.linalg.solve(self._block, np.column_stack([self.q[self.on], self.signs])) if self.on.size else np.zeros((0, 2))
        a, b = solved[:, 0], solved[:, 1]
        crossings: list[tuple[float, int]] = []
        falling = (self.signs * b < 0.0) & ~barred[self.on]
        crossings += [(a[i] / b[i], int(self.on[i])) for i in np.flatnonzero(falling)]
        across = self.H[np.ix_(off, self.on)]
        rest, pace = self.q[off] - across @ a, across @ b
        # The slope is rest + lambda pace, and may not leave [-lambda, lambda]; a slack that hardly changes belongs to a column that repeats others.
        for side in (1.0, -1.0):
            slack = 1.0 - side * pace
            closing = np.flatnonzero(slack > 1e-9)
            crossings += [(float(side * rest[i] / slack[i]), int(off[i])) for i in closing]
        for lam, index in sorted(crossings, reverse=True):
            if lam <= floor:
                break
            if (self.on == index).any() or self._adds(index):
                return min(lam, now), index
        return floor, -1

    def _adds(self, index: int) -> bool:
        """Whether a column says something that those on the path do not."""
        if not self.on.size:
            return bool(self.H[index, index] > PIVOT)
        across = self.H[self.on, index]
        return bool(self.H[index, index] - across @ np.linalg.solve(self._block, across) > PIVOT * self.H[index, index])

    def _rational(self, now: float, floor: float, off: Ints, barred: Bools) -> tuple[float, int]:
        """Of the elastic net the weights are sums of fractions in lambda: look along the piece, then narrow the first crossing down."""
        free = np.where(barred[self.on], 0.0, 1.0)
        least = -TIED * float(np.abs(self.q).max())

        def slack(lam: Floats) -> Floats:
            top, bottom = self._fractions(lam)
            turned = top / bottom
            held = self.rho * lam[:, None] - np.abs(self.q[off] - turned @ across)
            return np.concatenate([free * self.signs * (turned @ vectors.T), held], axis=1)

        vectors = self._eigen[1]
        across = vectors.T @ self.H[np.ix_(self.on, off)]
        high, low, found = now, now, False
        pace = 10.0 ** (-1.0 / _A_DECADE)
        while low > floor and not found:
            high = low
            looked = np.maximum(high * pace ** np.arange(1.0, _AT_ONCE + 1.0), floor)
            high, low, found = _first(looked, slack(looked), high, least)
        if not found:
            return floor, -1
        for _ in range(2):
            looked = np.linspace(high, low, _NARROW)[1:]
            high, low, _ = _first(looked, slack(looked), high, least)
        every = np.concatenate([self.on, off])
        crossed = np.flatnonzero(slack(np.array([low]))[0] < least)
        return max((self._polished(low, high, int(every[place])), int(every[place])) for place in crossed)

    def _polished(self, low: float, high: float, index: int) -> float:
        """Return where the slack of a weight is 0, by Newton's steps from ``low``, where it is just negative."""
        here, lam = np.flatnonzero(self.on == index), low
        along = self._eigen[1][here[0]] if here.size else self._eigen[1].T @ self.H[self.on, index]
        ridge = 2.0 * (1.0 - self.rho)
        for _ in range(6):
            top, bottom = self._fractions(np.array([lam]))
            turned, pace = (top / bottom)[0], (-(self._turned[1] * bottom + ridge * top) / bottom**2)[0]
            if here.size:
                value, slope = float(along @ turned), float(along @ pace)
            else:
                pull = float(self.q[index] - along @ turned)
                value, slope = self.rho * lam - abs(pull), self.rho + np.sign(pull) * float(along @ pace)
            before, lam = lam, min(max(lam - value / slope if slope != 0.0 else lam, low), high)
            if abs(lam - before) <= 1e-15 * lam:
                break
        return lam


def _first(lam: Floats, slack: Floats, high: float, least: float) -> tuple[float, float, bool]:
    """Return the lambdas around the first row in which some slack is negative: (last without, first with, True); or the ends and False."""
    bad = np.flatnonzero((slack < least).any(axis=1))
    if not bad.size:
        return high, float(lam[-1]), False
    first = int(bad[0])
    return (float(lam[first - 1]) if first else high), float(lam[first]), True

"""One piece of a path of lasso or elastic net: between two events the same weights are not zero, with the same signs, and all is in closed form."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core._validate import Bools, Floats

Ints = NDArray[np.intp]

# A pivot below this is a column that those on the path already say (the diagonal of H is 1); such a weight stays at 0, its slope tied to theirs.
PIVOT = 1e-10
# A slack below this fraction of the largest slope is rounding: sums of a few dozen products.
TIED = 1e-13
# A slack of lasso that closes more slowly than this, relative to lambda, is tied: it stays below the accuracy of a certificate all the way down.
SLOW = 1e-9
_STEPS = 10.0 ** (-np.arange(1.0, 25.0) / 120.0)  # lambdas, as parts of the last, at which the elastic net is looked at: 120 a decade


class Crossing(NamedTuple):
    """Where a piece ends: at ``lam``, for the weight numbered ``weight`` (-1 for none), which enters with ``sign`` or, where that is 0, leaves."""

    lam: float
    weight: int
    sign: float


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
        if self.rho == 1.0:
            start, pace = self._line
            return start - lam[:, None] * pace
        h, vectors, pull, push = self._eigen
        bottom = h + 2.0 * (1.0 - self.rho) * lam[:, None]
        weights: Floats = ((pull - lam[:, None] * push) / bottom) @ vectors.T
        # One step of refinement: the eigenbasis is known to rounding only, H itself exactly.
        off = self.q[self.on] - lam[:, None] * (self.rho * self.signs + 2.0 * (1.0 - self.rho) * weights) - weights @ self._block
        return weights + ((off @ vectors) / bottom) @ vectors.T

    def freedom(self, lam: Floats) -> Floats:
        """Return the degrees of freedom, (k,): the trace of the matrix that makes the fit from y on this piece."""
        if self.rho == 1.0:
            return np.full(len(lam), float(len(self.on)))
        h = self._eigen[0]
        freedom: Floats = (h / (h + 2.0 * (1.0 - self.rho) * lam[:, None])).sum(axis=1)
        return freedom

    def next(self, now: float, floor: float, barred: Bools) -> Crossing:
        """Return the largest lambda in (floor, now] at which a weight reaches 0 or one at 0 wants to leave it."""
        resting = ~barred
        resting[self.on] = False
        off = np.flatnonzero(resting)
        return self._linear(now, floor, off, barred) if self.rho == 1.0 else self._rational(now, floor, off, barred)

    def after(self, crossing: Crossing) -> Piece:
        """Return the piece below a crossing."""
        if crossing.sign == 0.0:
            stays = self.on != crossing.weight
            return Piece(self.H, self.q, self.rho, self.on[stays], self.signs[stays])
        return Piece(self.H, self.q, self.rho, np.append(self.on, crossing.weight), np.append(self.signs, crossing.sign))

    # ----------------------------------------------------------------------------------------------------------------- inside

    @cached_property
    def _block(self) -> Floats:
        return self.H[self.on[:, None], self.on]

    @cached_property
    def _line(self) -> tuple[Floats, Floats]:
        """Of lasso: a and b of w = a - lambda b, (a,) each."""
        if not self.on.size:
            return np.zeros(0), np.zeros(0)
        right = np.column_stack([self.q[self.on], self.signs])
        solved = np.linalg.solve(self._block, right).astype(np.float64, copy=False)
        return solved[:, 0], solved[:, 1]

    @cached_property
    def _eigen(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Of the elastic net: eigenvalues (a,) and eigenvectors (a, a) of the block, and q and rho s in that basis, (a,) each."""
        values, vectors = np.linalg.eigh(self._block)
        return np.maximum(values, 0.0), vectors, self.q[self.on] @ vectors, self.rho * (self.signs @ vectors)

    def _linear(self, now: float, floor: float, off: Ints, barred: Bools) -> Crossing:
        """Of lasso all is linear in lambda, and each crossing is a quotient."""
        a, b = self._line
        falling = np.flatnonzero((self.signs * b < 0.0) & ~barred[self.on])
        crossings = [Crossing(float(a[i] / b[i]), int(self.on[i]), 0.0) for i in falling.tolist()]
        across = self.H[off[:, None], self.on]
        rest, pace = self.q[off] - across @ a, across @ b
        # The slope is rest + lambda pace, and may not leave [-lambda, lambda]; a slack that hardly changes belongs to a column that repeats others.
        for side in (1.0, -1.0):
            slack = 1.0 - side * pace
            closing = np.flatnonzero((slack > SLOW) & (side * rest > floor * slack))
            crossings += [Crossing(float(side * rest[i] / slack[i]), int(off[i]), side) for i in closing.tolist()]
        for each in sorted(crossings, reverse=True):
            if each.lam <= floor:
                break
            if each.sign == 0.0 or self._adds(each.weight):
                return Crossing(min(each.lam, now), each.weight, each.sign)
        return Crossing(floor, -1, 0.0)

    def _adds(self, index: int) -> bool:
        """Whether a column says something that those on the path do not."""
        if not self.on.size:
            return bool(self.H[index, index] > PIVOT)
        across = self.H[self.on, index]
        return bool(self.H[index, index] - across @ np.linalg.solve(self._block, across) > PIVOT * self.H[index, index])

    def _rational(self, now: float, floor: float, off: Ints, barred: Bools) -> Crossing:
        """Of the elastic net the weights are sums of fractions in lambda: look along the piece for the first crossing, and follow it up."""
        h, vectors, pull, push = self._eigen
        across = vectors.T @ self.H[self.on[:, None], off]
        held, ridge = np.where(barred[self.on], 0.0, self.signs), 2.0 * (1.0 - self.rho)
        least = -TIED * float(np.abs(self.q).max())
        low = now
        while low > floor:
            high = low
            lam = np.maximum(high * _STEPS, floor)[:, None]
            turned = (pull - lam * push) / (h + ridge * lam)
            slopes = self.q[off] - turned @ across
            slack = np.concatenate([held * (turned @ vectors.T), self.rho * lam - np.abs(slopes)], axis=1)
            bad = np.flatnonzero((slack < least).any(axis=1))
            if bad.size:
                row = int(bad[0])
                high, low = float(lam[row - 1, 0]) if row else high, float(lam[row, 0])
                signs = np.concatenate([np.zeros(len(self.on)), np.sign(slopes[row])])
                every = np.concatenate([self.on, off])
                crossed = np.flatnonzero(slack[row] < least).tolist()
                return max(Crossing(self._polished(low, high, int(every[i])), int(every[i]), float(signs[i])) for i in crossed)
            low = float(lam[-1, 0])
        return Crossing(floor, -1, 0.0)

    def _polished(self, low: float, high: float, index: int) -> float:
        """Return where the slack of a weight is 0, by Newton's steps from ``low``, where it is negative."""
        h, vectors, pull, push = self._eigen
        here, lam, ridge = np.flatnonzero(self.on == index), low, 2.0 * (1.0 - self.rho)
        along = vectors[here[0]] if here.size else vectors.T @ self.H[self.on, index]
        for _ in range(8):
            bottom = h + ridge * lam
            turned = (pull - lam * push) / bottom
            value, slope = float(along @ turned), -float(along @ ((push + ridge * turned) / bottom))
            if not here.size:
                off = float(self.q[index]) - value
                value, slope = self.rho * lam - abs(off), self.rho + float(np.sign(off)) * slope
            before, lam = lam, min(max(lam - value / slope if slope != 0.0 else lam, low), high)
            if abs(lam - before) <= 1e-15 * lam:
                break
        return lam

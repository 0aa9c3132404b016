"""L + lambda R on one sign pattern, where it is smooth: its value, gradient, Hessian, and Newton steps on the weights that are not held at 0."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core._validate import Bools, Floats
from core.penalties import Penalty
from core.surfaces import Surface

# Of the window's size: a Newton step below it has converged, since the next one would be its square.
SETTLED = 1e-9
# Of the largest curvature at hand: what counts as positive. Above it the rounding of a Hessian, below it the smallest of any surface.
POSITIVE = 1e-10

Bends = tuple[Floats, Floats, Floats]
Indices = NDArray[np.signedinteger]


@dataclass(frozen=True)
class Points:
    """m candidates, each with its own lambda. ``sign`` (m, 2) is that of each weight, 0 where the weight is held at 0."""

    w: Floats
    sign: Floats
    lam: Floats

    def of(self, which: Bools | Indices) -> Points:
        """Return some of them."""
        return Points(self.w[which], self.sign[which], self.lam[which])


class Objective:
    """L + lam (l1 |w|_1 + l2 |w|_2^2) in a window.

    Without L1 nothing is ever held at 0 and signs mean nothing: they are all 1, and l1 is 0.
    """

    def __init__(self, surface: Surface, penalty: Penalty | None, window: Floats) -> None:
        self.surface, self.window = surface, window
        self.l1 = penalty.l1 if penalty else 0.0
        self.l2 = penalty.l2 if penalty else 0.0
        self.size = float((window[:, 1] - window[:, 0]).max())

    def value(self, at: Points) -> Floats:
        """Return the smooth continuation of the objective from the sign pattern of each point, (m,)."""
        signed = (at.sign * at.w).sum(axis=-1) if self.l1 else 0.0
        total: Floats = self.surface._value(at.w) + at.lam * (self.l1 * signed + self.l2 * (at.w**2).sum(axis=-1))
        return total

    def slopes(self, at: Points) -> Floats:
        """Return its gradient, (m, 2), of all weights, those held at 0 included: for them it is that of L."""
        added = 2.0 * self.l2 * at.w + self.l1 * at.sign if self.l1 else 2.0 * self.l2 * at.w
        total: Floats = self.surface._gradient(at.w) + at.lam[:, None] * added
        return total

    def bends(self, at: Points) -> Bends:
        """Return its Hessian on the free weights as its three entries, (m,) each; a weight held at 0 has 1 on the diagonal, 0 beside it."""
        hessian = self.surface._hessian(at.w)
        shift = 2.0 * self.l2 * at.lam
        a, b, c = hessian[:, 0, 0] + shift, hessian[:, 0, 1], hessian[:, 1, 1] + shift
        if not self.l1:
            return a, b, c
        first, second = at.sign[:, 0] != 0.0, at.sign[:, 1] != 0.0
        return np.where(first, a, 1.0), np.where(first & second, b, 0.0), np.where(second, c, 1.0)

    def free(self, slopes: Floats, at: Points) -> Floats:
        """Return a gradient's part along the free weights."""
        return np.where(at.sign != 0.0, slopes, 0.0) if self.l1 else slopes

    def tangent(self, at: Points) -> Floats:
        """Return dw/dlam along a branch, (m, 2)."""
        push = 2.0 * self.l2 * at.w + self.l1 * at.sign
        return -solved(self.bends(at), self.free(push, at))

    def least_bend(self, at: Points, bends: Bends) -> Floats:
        """Return the least curvature over the free weights, (m,), of the Hessians ``bends``; infinite where there is no free weight."""
        a, b, c = bends
        both: Floats = 0.5 * (a + c) - np.hypot(0.5 * (a - c), b)
        if not self.l1:
            return both
        first, second = at.sign[:, 0] != 0.0, at.sign[:, 1] != 0.0
        return np.where(first & second, both, np.where(first, a, np.where(second, c, np.inf)))

    def settled(self, at: Points, reach: Floats, turns: int = 8) -> tuple[Points, Bools]:
        """Return where plain Newton steps lead, and whether they converge without moving further than ``reach`` (m,) from their start."""
        w = at.w.copy()
        for _ in range(turns):
            now = Points(w, at.sign, at.lam)
            step = solved(self.bends(now), self.free(self.slopes(now), now))
            w = w - step
            close = np.abs(step).max(axis=-1) <= SETTLED * self.size
            good = np.abs(w - at.w).max(axis=-1) <= reach
            if not (good & ~close).any():
                break
        return Points(w, at.sign, at.lam), close & good

    def accepted(self, at: Points, least: Floats) -> Bools:
        """Return which stationary points are minima in the window, (m,), by their written-out conditions.

        The Hessian is positive definite on the free weights (``least`` is its least eigenvalue there), each of which has its sign; of each weight
        held at 0 the slope of L is within [-lam l1, lam l1]. With lam = 0 nothing is held, so that the whole Hessian counts.
        """
        hessian = self.surface._hessian(at.w)
        shift = 2.0 * self.l2 * at.lam
        scale = np.abs(hessian).max(axis=(-1, -2)) + shift
        good = self.inside(at.w)
        good &= least > POSITIVE * scale
        if not self.l1:
            return good
        none = at.lam == 0.0
        if none.any():
            good &= ~none | (np.linalg.eigvalsh(np.where(none[:, None, None], hessian, 0.0))[:, 0] > POSITIVE * scale)
        held = at.sign == 0.0
        # A weight is 0 where it is to within SETTLED of the window's size: so exactly is the slope of L there known.
        limit = at.lam * self.l1 + SETTLED * self.size * scale
        good &= (~held | (np.abs(self.surface._gradient(at.w)) <= limit[:, None])).all(axis=-1)
        good &= (held | (np.sign(at.w) == at.sign) | none[:, None]).all(axis=-1)
        return good

    def inside(self, w: Floats) -> Bools:
        """Return which points are in the window, (m,)."""
        return np.asarray(((self.window[:, 0] <= w) & (w <= self.window[:, 1])).all(axis=-1))


def solved(bends: Bends, right: Floats) -> Floats:
    """Return the solutions of the 2 x 2 systems, (m, 2)."""
    a, b, c = bends
    det = a * c - b * b
    x, y = right[:, 0], right[:, 1]
    return np.stack([(c * x - b * y) / det, (a * y - b * x) / det], axis=-1)


def together(one: Floats, other: Floats, apart: float) -> Bools:
    """Return which of two sets of points are at one place, (m, n): no further apart than ``apart`` along either weight."""
    across, along = np.abs(one[:, 0, None] - other[:, 0]), np.abs(one[:, 1, None] - other[:, 1])
    return np.asarray(np.maximum(across, along) <= apart)

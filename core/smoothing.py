"""What a penalty does to a surface: its curvature at a point and at its minima, which of them vanish, and how fast descent becomes."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core._validate import Bools, Floats
from core.curvature import Spectrum, shifted_spectrum
from core.curvature.stability import best_rate, contraction, stable_rate
from core.descent import descend
from core.lambdas import lambda_axis, member_at
from core.landscapes import Landscape, landscape
from core.minima import Minima, find_minima
from core.optimizers import RULES, SGD, Rule
from core.penalties import PENALTIES, ElasticNet, Penalty
from core.specs.ground import Own, chosen_point, chosen_surface, displaced, own_of
from core.specs.smoothing import SmoothingSpec
from core.surfaces import Surface

MEMBERS = 61
STEPS = 200
# The first distance from the minimum, as a share of the window: small enough for the surface to be its quadratic there.
_NEAR = 1e-4
# How often the axis is made three times as long to see the minima go.
_LONGER = 4
_LONGER_OWN = 2  # of a typed formula, whose story nobody has promised, and which may have a hundred minima
# Of a typed formula with more minima than these the first axis has to do: each look for them takes a second.
_CROWD = 60
# Times the limit of plain descent without a penalty. Faster runs are stable in the long run only: they go far astray first.
_MOST_RATES = 4.0
# Where a distance counts for the measured factor: below the start, above rounding.
_RESOLVED = 1e-9


@dataclass(frozen=True)
class Smoothing:
    """A surface under a penalty, for k lambdas.

    Attributes
    ----------
    spec:
        Its settings.
    surface, penalty:
        L and R.
    lam:
        (k,) the family.
    point:
        (2,) the point that is looked at.
    minima:
        All local minima of L + lam R, tracked.
    """

    spec: SmoothingSpec
    surface: Surface
    penalty: Penalty
    lam: Floats
    point: Floats
    minima: Minima

    @cached_property
    def landscape(self) -> Landscape:
        """The surface and the penalty on a grid."""
        return landscape(self.surface, self.penalty, self.lam)

    @property
    def shift(self) -> Floats:
        """(k,) what the penalty adds to every eigenvalue: 2 lam times its L2 share."""
        return 2.0 * self.lam * self.penalty.l2

    @property
    def displaced(self) -> str:
        """A sentence where the chosen point lies in a hole of the surface; else ""."""
        return displaced(self.surface, self.spec.point1, self.spec.point2, "point", _sharpest(self.minima))

    @cached_property
    def at_point(self) -> Spectrum:
        """The spectrum at the chosen point."""
        return shifted_spectrum(self.surface.hessian(self.point), self.lam * self.penalty.l2)

    @cached_property
    def lowest(self) -> NDArray[np.int64]:
        """(k,) the branch that is lowest; where there is no minimum at all, 0."""
        height = np.where(self.minima.exists, self.minima.objective, np.inf)
        return height.argmin(axis=1) if height.shape[1] else np.zeros(len(self.lam), dtype=np.int64)

    @cached_property
    def found(self) -> Bools:
        """(k,) whether there is a minimum in the window."""
        return self.minima.counts > 0

    @cached_property
    def stretches(self) -> tuple[slice, ...]:
        """The unbroken runs of members along which the lowest minimum is one and the same branch."""
        label = np.where(self.found, self.lowest, -1)
        edges = [0, *(np.flatnonzero(np.diff(label)) + 1).tolist(), len(label)]
        return tuple(slice(first, last) for first, last in itertools.pairwise(edges) if label[first] >= 0)

    @cached_property
    def minimum(self) -> Floats:
        """(k, 2) the lowest minimum; the chosen point where there is none."""
        if not self.minima.w.shape[1]:
            return np.tile(self.point, (len(self.lam), 1))
        w = self.minima.w[np.arange(len(self.lam)), self.lowest]
        return np.where(self.found[:, None], w, self.point)

    @cached_property
    def hessian(self) -> Floats:
        """(k, 2, 2) the loss's own Hessian at the lowest minimum."""
        return self.surface.hessian(self.minimum)

    @cached_property
    def own(self) -> Floats:
        """(k, 2) the loss's own eigenvalues there: what they are because the minimum moved."""
        values: Floats = np.asarray(np.linalg.eigvalsh(self.hessian), dtype=np.float64)
        return values

    @cached_property
    def at_minimum(self) -> Floats:
        """(k, 2) the eigenvalues of the objective there, its creases aside: the loss's own, and the shift."""
        return self.own + self.shift[:, None]

    @property
    def rule(self) -> Rule:
        """The rule whose speed is looked at."""
        return RULES[self.spec.rule]()

    @cached_property
    def limit(self) -> Floats:
        """(k,) the largest stable rate at the lowest minimum; inf where every rate is stable."""
        return stable_rate(self.rule, self.spec.treated, self._active[:, 1], self.shift)

    @cached_property
    def best(self) -> Floats:
        """(k,) plain descent's best fixed rate there; NaN where the objective is not convex."""
        return best_rate(self._active[:, 0], self._active[:, 1], self.shift)

    @cached_property
    def rate(self) -> Floats:
        """(k,) the rate that runs: the chosen share of the limit, or of a few times plain descent's own where the limit is beyond that."""
        plain = 2.0 / np.maximum(np.abs(self.own).max(axis=1), 1e-12)
        chosen: Floats = self.spec.share * np.minimum(self.limit, _MOST_RATES * plain)
        return chosen

    @cached_property
    def bounces(self) -> Bools:
        """(k,) whether L1's subgradient keeps the run off its minimum: a weight is zero there, and no step size ends on it."""
        crease: Bools = (self.minimum == 0.0).any(axis=1) & (self.lam * self.penalty.l1 > 0.0)
        return crease & (self.spec.treatment != "proximal")

    @cached_property
    def kinked(self) -> Bools:
        """(k,) whether the loss itself has a kink at the minimum, such as the tip of a cone: its gradient does not fade towards it."""
        span, pull, spring = float(np.ptp(self.surface.bounds, axis=1).max()), self.lam[:, None] * self.penalty.l1, self.shift[:, None]

        def slope(far: float) -> Floats:  # of the objective, beside its minimum
            at = self.minimum + far * span
            own = self.surface.gradient(at) + spring * at
            # What L1 holds at zero it holds against any slope up to its own.
            held = (self.minimum == 0.0) & (pull > 0.0)
            size: Floats = np.linalg.norm(np.where(held, np.maximum(np.abs(own) - pull, 0.0), own + pull * np.sign(at)), axis=-1)
            return size

        close, closer = slope(1e-5), slope(1e-7)
        sharp: Bools = self.found & (closer > 0.5 * close) & (closer > 1e-9)
        return sharp

    @cached_property
    def strays(self) -> Bools:
        """(k,) whether the run rests elsewhere: momentum sums gradients to 1 / (1 - beta) of one, and decay beside it does not grow with them."""
        summed = isinstance(self.rule, SGD) and self.rule.momentum > 0.0
        return self.found & (self.lam > 0.0) & (summed and self.spec.treatment == "decoupled")

    @cached_property
    def settles(self) -> Bools:
        """(k,) whether a factor is predicted: there is a minimum, and the run can come to rest on it."""
        return self.found & ~self.bounces & ~self.kinked & ~self.strays

    @cached_property
    def predicted(self) -> Floats:
        """(k,) the factor a step by which the distance should shrink; 1 where it does not settle."""
        factor = contraction(self.rule, self.spec.treated, self._active, self.shift, self.rate)
        # With every weight held at zero by L1, proximal steps end there exactly after finitely many.
        both = (self.minimum == 0.0).all(axis=1) & (self.lam * self.penalty.l1 > 0.0)
        return np.where(~self.settles, 1.0, np.where(both, 0.0, factor))

    @cached_property
    def distance(self) -> Floats:
        """(k, STEPS + 1) how far a run that starts close by is from the lowest minimum."""
        span = float(np.ptp(self.surface.bounds, axis=1).max())
        away = _NEAR * span * np.array([0.8, 0.6])
        # From the side where the weight keeps its sign: near a crease the other side has another slope.
        start = self.minimum + np.where(self.minimum < 0.0, -away, away)
        run = descend(self.surface, self.rule, start, self.rate, STEPS, self.penalty, self.lam, self.spec.treated)
        apart: Floats = np.linalg.norm(run.x - self.minimum[:, None], axis=-1)
        return apart

    @cached_property
    def measured(self) -> Floats:
        """(k,) the factor a step by which it does: the slope of the logarithm over the later half of what is resolved."""
        factors = np.empty(len(self.lam))
        # The size of pairs of iterates: the distance alone swings where the eigenvalues of the step are complex.
        for i, far in enumerate(np.hypot(self.distance[:, 1:], self.distance[:, :-1])):
            bottom = max(_RESOLVED * float(far[0]) * 10.0, 1e-13)
            # Up to where it is rounding, or has left the neighbourhood.
            beyond = np.flatnonzero(~((far > bottom) & (far < 1e3 * far[0])))
            stop = int(beyond[0]) if len(beyond) else len(far)
            part = np.arange(stop // 2, stop)
            if len(part) < 3:
                factors[i] = 0.0 if stop < len(far) and not far[stop] > bottom else 2.0
                continue
            factors[i] = np.exp(np.polyfit(part, np.log(far[part]), 1)[0])
        return factors

    @cached_property
    def _active(self) -> Floats:
        """(k, 2) the eigenvalues that act on the weights that are free to move; a weight held at zero by L1 takes no part."""
        held = (self.minimum == 0.0) & (self.lam * self.penalty.l1 > 0.0)[:, None]
        one = held.sum(axis=1) == 1
        free = np.where(held[:, 0], self.hessian[:, 1, 1], self.hessian[:, 0, 0])
        return np.where(one[:, None], free[:, None], self.own)

    def member_at(self, spec: SmoothingSpec) -> int:
        """Return the index of the lambda that a spec has in focus."""
        return member_at(self.lam, spec.lam)


@dataclass(frozen=True)
class Ground:
    """What a surface and a penalty have, whoever descends: both, the family of lambdas (k,), and the minima of all its members."""

    surface: Surface
    penalty: Penalty
    lam: Floats
    minima: Minima


def ground(surface: str, condition: float, penalty: str, rho: float, own: Own | None = None) -> Ground:
    """Find the minima of a surface under a penalty; condition number, mix and typed surface are those of `SmoothingSpec`."""
    loss = chosen_surface(surface, condition, own)
    added = ElasticNet(rho) if penalty == "elastic_net" else PENALTIES[penalty]()
    lam = lambda_axis(loss, added, MEMBERS)
    minima = find_minima(loss, added, lam)
    for _ in range(_LONGER if own is None else _LONGER_OWN):
        if minima.counts[-1] <= 1 or (own is not None and minima.counts[0] > _CROWD):
            break
        # The story of a surface ends when its last minimum but one is gone, which can be long after the lowest has moved.
        lam = 3.0 * lam
        minima = find_minima(loss, added, lam)
    return Ground(loss, added, lam, minima)


def solve(spec: SmoothingSpec, find: Callable[[str, float, str, float, Own | None], Ground] = ground) -> Smoothing:
    """Return a spec's surface under its penalty, every lambda at once; ``find`` is `ground`, or what remembers what it has found."""
    first = SmoothingSpec()
    condition = spec.condition if spec.surface == "rotated_ravine" else first.condition
    there = find(spec.surface, condition, spec.penalty, spec.rho if spec.penalty == "elastic_net" else first.rho, own_of(spec))
    point = chosen_point(there.surface, spec.point1, spec.point2, _sharpest(there.minima))
    return Smoothing(spec, there.surface, there.penalty, there.lam, point, there.minima)


def _sharpest(minima: Minima) -> Floats | None:
    """Return the minimum of the bare loss with the largest curvature, (2,): there is most to see; None where there is none."""
    there = np.flatnonzero(minima.exists[0])
    return minima.w[0, there[minima.eigenvalues[0, there, 1].argmax()]] if len(there) else None

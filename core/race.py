"""The optimizer race: rules over one surface from one start, a family of lambdas at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from types import MappingProxyType

import numpy as np

from core._validate import Floats
from core.anatomy import Anatomy, take_apart
from core.curvature.stability import stable_rate
from core.descent import Trajectories, descend, drawn_noise
from core.escapes import Escapes, escapes, settle
from core.lambdas import lambda_axis, member_at
from core.landscapes import Landscape, landscape
from core.optimizers import RULES, Rule
from core.penalties import PENALTIES, ElasticNet, Penalty
from core.specs.ground import OWN, TYPED_KNOBS, Own, chosen_point, chosen_surface, displaced, own_of
from core.specs.race import RaceSpec
from core.surfaces import Surface
from core.tuning import Sensitivity, sensitivity

RATES = np.geomspace(1e-5, 1e2, 43)
RUNS = 500
_POINTS = 91  # a side of the map: narrow valleys need more than the usual 61
# Surfaces with one basin: noise cannot carry a run anywhere that it would not come back from.
ONE_BASIN = ("round_bowl", "ravine", "rotated_ravine", "rosenbrock", "linear_regression", "logistic_regression")


def entrant(key: str) -> Rule:
    """Return a rule with torch's defaults but for its own decay, which the race leaves to the penalty."""
    return RULES[key](weight_decay=0.0)


@dataclass(frozen=True)
class Race:
    """A race over k lambdas.

    Attributes
    ----------
    spec:
        Its settings.
    surface, penalty, start:
        What is raced on, and from where (2,).
    lam:
        (k,) the family.
    rates:
        Rule -> (k,) the rates it runs at.
    runs:
        Rule -> its trajectories, one member a lambda.
    tune:
        Where its rate sensitivities come from (`tuned`).
    """

    spec: RaceSpec
    surface: Surface
    penalty: Penalty
    start: Floats
    lam: Floats
    rates: Mapping[str, Floats]
    runs: Mapping[str, Trajectories]
    tune: Tune = field(repr=False)

    @cached_property
    def tuned(self) -> Mapping[str, Sensitivity]:
        """Rule -> its rate sensitivity, with the race's own number of gradients and its own noise."""
        return MappingProxyType({key: self.tune(_of_rates(self.spec, key), key) for key in self.runs})

    @cached_property
    def landscape(self) -> Landscape:
        """The surface and the penalty on a grid."""
        return landscape(self.surface, self.penalty, self.lam, points=_POINTS)

    @cached_property
    def bottom(self) -> Floats:
        """(k, 2) the lowest point known for each lambda: where careful descent leads from the lowest end of any rule, or a known minimum."""
        lowest = np.concatenate([np.moveaxis(run.x[:, [0, -1]], 1, 0) for run in self.runs.values()])
        known = np.stack([np.broadcast_to(point, lowest[0].shape) for point in (*self.surface.minima, np.zeros(2), self.start)])
        candidates = np.concatenate([lowest, known])
        # Of a surface without a floor, the lowest point in sight.
        inside = ((self.surface.bounds[:, 0] <= candidates) & (candidates <= self.surface.bounds[:, 1])).all(axis=-1)
        best = np.where(inside, self.height(candidates), np.inf).argmin(axis=0)
        found = candidates[best, np.arange(len(self.lam))]
        better = settle(self.surface, found, self.penalty, self.lam)
        kept = ((self.surface.bounds[:, 0] <= better) & (better <= self.surface.bounds[:, 1])).all(axis=-1)
        return np.where((kept & (self.height(better) < self.height(found)))[:, None], better, found)

    @cached_property
    def floor(self) -> Floats:
        """(k,) the objective there, or at the edge of the window where that is lower."""
        return np.minimum(self.height(self.bottom), self.landscape.floor)

    @cached_property
    def limit(self) -> Floats:
        """(k,) the largest stable rate of the rule in focus at the bottom; NaN where it has none."""
        hessian = self.surface.hessian(self.bottom)
        # On the edge of a hole a typed formula may have a value and no curvature.
        curved = np.asarray(np.isfinite(hessian).all(axis=(1, 2)))
        steepest = np.linalg.eigvalsh(np.where(curved[:, None, None], hessian, 0.0))[:, 1]
        treatment = self.spec.treatment_of(self.spec.focus)
        limit = stable_rate(entrant(self.spec.focus), treatment, steepest, 2.0 * self.lam * self.penalty.l2)
        return np.where(curved, limit, np.nan)

    @cached_property
    def anatomy(self) -> Anatomy:
        """The steps of the rule in focus, taken apart."""
        spec, key = self.spec, self.spec.focus
        seeds, treatment = np.full(len(self.lam), int(spec.seed)), spec.treatment_of(key)
        given = (self.start, self.rates[key], int(spec.steps), self.penalty, self.lam, treatment, spec.noise, seeds)
        return take_apart(self.surface, entrant(key), *given)

    @property
    def displaced(self) -> str:
        """A sentence where the chosen start lies in a hole of the surface; else ""."""
        return displaced(self.surface, self.spec.start1, self.spec.start2, "start")

    @property
    def noise(self) -> Floats | None:
        """(T, 2) what is added to every gradient, of every rule at every lambda; None without noise."""
        if self.spec.noise == 0.0:
            return None
        return drawn_noise(self.spec.noise, int(self.spec.seed), int(self.spec.steps))

    @property
    def member(self) -> int:
        """Index of the lambda in focus."""
        return self.member_at(self.spec)

    def member_at(self, spec: RaceSpec) -> int:
        """Return the index of the lambda that a spec has in focus."""
        return member_at(self.lam, spec.lam)

    def height(self, w: Floats) -> Floats:
        """Return L + lam R, (..., k), of points (..., k, 2), one lambda each; in a hole of the surface, the largest number there is."""
        loss = self.surface.value(w)
        value: Floats = np.clip(np.where(np.isfinite(loss), loss, 1e300) + self.lam * self.penalty.value(w), -1e300, 1e300)
        return value

    def zeros(self, key: str) -> Floats:
        """Return how many weights are exactly zero at the end of a rule's run, (k,)."""
        count: Floats = (self.runs[key].x[:, -1] == 0.0).sum(axis=1).astype(np.float64)
        return count


@dataclass(frozen=True)
class Ground:
    """What all rules of a race share: surface, penalty, start (2,) and the family of lambdas (k,)."""

    surface: Surface
    penalty: Penalty
    start: Floats
    lam: Floats


def ground(spec: RaceSpec) -> Ground:
    """Return what the rules race on."""
    return _ground(spec.surface, spec.condition, own_of(spec), spec.penalty, spec.rho, spec.start1, spec.start2)


@lru_cache(maxsize=64)
def _ground(surface: str, condition: float, own: Own | None, penalty: str, rho: float, start1: float, start2: float) -> Ground:
    # Kept, since every rule of a race asks for it, and the axis of a loss of real data takes some milliseconds.
    loss = chosen_surface(surface, condition, own)
    added = ElasticNet(rho) if penalty == "elastic_net" else PENALTIES[penalty]()
    return Ground(loss, added, chosen_point(loss, start1, start2), lambda_axis(loss, added))


def solve(spec: RaceSpec, run: Runner | None = None, tune: Tune | None = None) -> Race:
    """Run the race of a spec, every lambda at once.

    Parameters
    ----------
    run, tune:
        `run_rule` and `tuned`, or what remembers them. A rule is asked for with settings in which nothing is set that is nothing to it
        (`of_rule`), so that where one rule is added, or another is looked at, the others are the same to what remembers.
    """
    there, tune = ground(spec), tune or cache(tuned)
    found = {key: (run or run_rule)(of_rule(spec, key), key, tune) for key in spec.entrants}
    rates, runs = {key: each[0] for key, each in found.items()}, {key: each[1] for key, each in found.items()}
    return Race(spec, there.surface, there.penalty, there.start, there.lam, MappingProxyType(rates), MappingProxyType(runs), tune)


_NOBODY: Mapping[str, bool] = MappingProxyType(dict.fromkeys(RULES, False))


def of_rule(spec: RaceSpec, key: str) -> RaceSpec:
    """Return the settings of a race with all that makes no difference to one of its rules as in the lab's first race."""
    first = RaceSpec()
    unused = {
        "condition": spec.surface != "rotated_ravine",
        "rho": spec.penalty != "elastic_net",
        "seed": spec.noise == 0.0,
        "rate": spec.mode == "fair",
        **dict.fromkeys(TYPED_KNOBS, spec.surface != OWN),
    }
    same = {name: getattr(first, name) for name in ("focus", "crowd", "lam", "step", *(name for name, idle in unused.items() if idle))}
    return spec.replace(treatment=spec.treatment_of(key), **same, **_NOBODY)


def _of_rates(spec: RaceSpec, key: str) -> RaceSpec:
    return of_rule(spec.replace(mode="fair"), key)


def tuned(spec: RaceSpec, key: str) -> Sensitivity:
    """Return a rule's rate sensitivity in a race."""
    there = ground(spec)
    given = (there.penalty, there.lam, spec.treatment_of(key), spec.noise, int(spec.seed))
    return sensitivity(there.surface, entrant(key), there.start, RATES, int(spec.steps), *given)


def run_rule(spec: RaceSpec, key: str, tune: Tune = tuned) -> tuple[Floats, Trajectories]:
    """Return the rates (k,) at which a rule runs in a race, and its run."""
    there = ground(spec)
    k = len(there.lam)
    rates = tune(_of_rates(spec, key), key).best if spec.mode == "fair" else np.full(k, spec.rate)
    given = (rates, int(spec.steps), there.penalty, there.lam, spec.treatment_of(key), spec.noise, np.full(k, int(spec.seed)))
    return rates, descend(there.surface, entrant(key), there.start, *given)


Tune = Callable[[RaceSpec, str], Sensitivity]
Runner = Callable[[RaceSpec, str, Tune], tuple[Floats, Trajectories]]


@dataclass(frozen=True)
class Crowd:
    """Every rule's escapes from one bottom, at one lambda."""

    home: Floats
    noise: float
    lam: float
    counts: Mapping[str, Escapes]


def crowd(race: Race) -> Crowd | None:
    """Run every rule 500 times from the bottom (or saddle) where the start settles; none on a surface with one basin."""
    spec = race.spec
    if spec.surface in ONE_BASIN:
        return None
    at = race.member
    lam = float(race.lam[at])
    home = settle(race.surface, race.start[None], race.penalty, lam)[0]
    inside = ((race.surface.bounds[:, 0] <= home) & (home <= race.surface.bounds[:, 1])).all()
    if not inside:
        home = np.zeros(2) if np.isfinite(race.surface.value(np.zeros(2))) else race.start
    counts = {}
    for key in spec.entrants:
        given = (home, float(race.rates[key][at]), int(spec.steps), spec.noise, RUNS, int(spec.seed), race.penalty, lam, spec.treatment_of(key))
        counts[key] = escapes(race.surface, entrant(key), *given)
    return Crowd(home, spec.noise, lam, MappingProxyType(counts))

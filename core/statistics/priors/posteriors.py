"""The lab "Priors and MAP": the posteriors of a slope, and of an intercept and a slope, over a family of prior scales.

One weight is the slope of a line through the origin, y = w x; two are intercept and slope, y = w1 + w2 x, both under the prior. The mode is found
twice, by ways that share nothing: `modes` follows the slope of the log posterior, `core.regularized.penalized` minimises L + lambda R.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core._validate import Bools, Floats
from core.quadratic import Quadratic
from core.regularized import Solution, penalized
from core.specs.priors import SCALES, PriorsSpec, data_of
from core.statistics.priors.belief import Prior, prior_of
from core.statistics.priors.folded import Folded
from core.statistics.priors.modes import modes
from core.statistics.priors.plane import PlanePosterior

MEMBERS = 101
SAMPLES, PLANE_SAMPLES = 2000, 300


@dataclass(frozen=True, eq=False)
class Posterior:
    """A family of k posteriors of d weights, d being 1 or 2.

    Attributes
    ----------
    prior: the family of priors.
    design, y: X (n, d) and y (n,).
    sigma: the noise's standard deviation.
    seed: of the samples.
    """

    prior: Prior
    design: Floats
    y: Floats
    sigma: float
    seed: int

    @property
    def n(self) -> int:
        """How many points there are."""
        return len(self.y)

    @cached_property
    def gram(self) -> Floats:
        """(d, d) X'X / sigma^2."""
        gram: Floats = self.design.T @ self.design / self.sigma**2
        return gram

    @cached_property
    def pull(self) -> Floats:
        """(d,) X'y / sigma^2."""
        pull: Floats = self.design.T @ self.y / self.sigma**2
        return pull

    @cached_property
    def mode(self) -> Floats:
        """(k, d) the mode, by the slope of the log posterior."""
        return modes(self.gram, self.pull, self.prior.a, self.prior.c)

    @cached_property
    def problem(self) -> Quadratic | None:
        """L as a quadratic; None without data."""
        return Quadratic.from_least_squares(self.design, self.y) if self.n else None

    @cached_property
    def lam(self) -> Floats | None:
        """(k,) lambda; None without data, where it has no value."""
        return self.prior.lam(self.sigma, self.n) if self.n else None

    @cached_property
    def penalised(self) -> Solution | None:
        """The minimisers of L + lambda R with their certificates; None without data."""
        return None if self.problem is None or self.lam is None else penalized(self.problem, self.prior.penalty, self.lam)

    @cached_property
    def unique(self) -> Bools:
        """(k,) whether there is one mode."""
        return np.ones(len(self.prior.scale), dtype=bool) if self.penalised is None else self.penalised.unique

    @cached_property
    def shown(self) -> Floats:
        """(k, d) the mode; of a whole segment of modes, of which rounding picks any, the one where the penalised solver ends."""
        return self.mode if self.penalised is None else np.where(self.unique[:, None], self.mode, self.penalised.w)

    @cached_property
    def segments(self) -> Floats:
        """(k, 2, 2) the ends of the set of modes of two weights; both are the mode where there is one."""
        ends = np.repeat(self.shown[:, None], 2, axis=1)
        # Many modes need |w1| + |w2| alone and columns of equal size, 1 and x = 1 or x = -1: all weight may stand on either column.
        many, size = ~self.unique, np.abs(self.shown).sum(axis=-1)
        for j in range(2 if many.any() else 0):
            ends[many, j] = 0.0
            ends[many, j, j] = np.sign(self.pull[j]) * size[many]
        return ends

    @cached_property
    def apart(self) -> Floats:
        """(k,) how far the mode and the penalised minimum are apart, in the weight where it is most; 0 without data."""
        if self.penalised is None:
            return np.zeros(len(self.prior.scale))
        gap: Floats = np.abs(self.mode - self.penalised.w).max(axis=-1)
        return gap

    @cached_property
    def higher(self) -> Floats:
        """(k,) by how much L + lambda R at the mode exceeds that at the penalised minimum; 0 without data."""
        if self.penalised is None or self.problem is None or self.lam is None:
            return np.zeros(len(self.prior.scale))
        one, other = (self.problem.value(w) + self.lam * self.prior.penalty.value(w) for w in (self.mode, self.penalised.w))
        return np.asarray(one - other)

    @cached_property
    def uniforms(self) -> Floats:
        """Uniform numbers in (0, 1) that the samples of all members are made of: (2, SAMPLES) or (3, PLANE_SAMPLES)."""
        shape = (2, SAMPLES) if self.design.shape[1] == 1 else (3, PLANE_SAMPLES)
        drawn = np.random.default_rng([self.seed, shape[0]]).random(shape)
        # The generator may give exactly 0, which stands for infinity.
        return np.maximum(drawn, np.finfo(float).tiny)

    @cached_property
    def density(self) -> Folded:
        """The density of a single weight, (k,)."""
        return Folded(self.gram[0, 0] + 2.0 * self.prior.c, self.pull[0], self.prior.a)

    @cached_property
    def _plane(self) -> PlanePosterior:
        return PlanePosterior(self.gram, self.pull, self.prior.a, self.prior.c, self.mode)

    @cached_property
    def mean(self) -> Floats:
        """(k, d) the mean."""
        return self.density.mean[:, None] if self.design.shape[1] == 1 else self._plane.mean

    @cached_property
    def deviation(self) -> Floats:
        """(k, d) the standard deviations."""
        return np.sqrt(self.density.variance)[:, None] if self.design.shape[1] == 1 else self._plane.deviation

    @cached_property
    def samples(self) -> Floats:
        """(k, m, d) independent samples; the same random numbers for all members."""
        if self.design.shape[1] == 2:
            return self._plane.sample(self.uniforms)
        side, size = self.uniforms
        across = Folded((self.gram[0, 0] + 2.0 * self.prior.c)[:, None], self.pull[0], self.prior.a[:, None])
        return across.sample(side, size)[..., None]

    @cached_property
    def zeros(self) -> Floats:
        """(k,) how many numbers of the samples are exactly 0."""
        return np.asarray((self.samples == 0.0).sum(axis=(1, 2)), dtype=np.float64)

    def near_zero(self, eps: float) -> Floats:
        """Return P(|w_i| < eps), (k, d)."""
        return self.density.near_zero(eps)[:, None] if self.design.shape[1] == 1 else self._plane.near_zero(eps)

    def counted(self, eps: float) -> Floats:
        """Return the share of the samples with |w_i| < eps, (k, d)."""
        share: Floats = (np.abs(self.samples) < eps).mean(axis=1)
        return share

    @cached_property
    def log_evidence(self) -> Floats:
        """(k,) the logarithm of the data's probability density, weights integrated out."""
        d = self.design.shape[1]
        posterior = self.density.log_normaliser if d == 1 else self._plane.log_normaliser
        fixed = -0.5 * self.n * np.log(2.0 * np.pi * self.sigma**2) - 0.5 * float(self.y @ self.y) / self.sigma**2
        total: Floats = fixed + posterior - d * self.prior.density.log_normaliser
        return total

    @cached_property
    def losses(self) -> tuple[Floats, Floats]:
        """The expected squared errors of guessing the mode and of guessing the mean, each (k,), over the posterior."""
        spread = (self.deviation**2).sum(axis=-1)
        return spread + ((self.mode - self.mean) ** 2).sum(axis=-1), spread


@dataclass(frozen=True, eq=False)
class Beliefs:
    """What the lab shows, for k prior scales.

    Attributes
    ----------
    spec: its settings.
    scale: (k,) the prior's standard deviations.
    line, plane: the posteriors of one weight and of two, under the chosen prior.
    other_line, other_plane: the same under the prior that it is compared with, at equal standard deviations.
    """

    spec: PriorsSpec
    scale: Floats
    line: Posterior
    plane: Posterior
    other_line: Posterior
    other_plane: Posterior

    @property
    def points(self) -> Floats:
        """(n, 2) x and y."""
        return self.spec.data

    @cached_property
    def best(self) -> tuple[int, int]:
        """The members of the highest evidence, one weight: under the chosen prior, and under the other."""
        return int(self.line.log_evidence.argmax()), int(self.other_line.log_evidence.argmax())

    def member_at(self, spec: PriorsSpec) -> int:
        """Return the member where a spec stands."""
        return int(np.abs(np.log(self.scale / spec.scale)).argmin())


def scales() -> Floats:
    """Return the family's axis (k,), the prior's standard deviations."""
    axis: Floats = np.geomspace(*SCALES, MEMBERS)
    return axis


def believed(prior: str, rho: float, points: str, sigma: float, seed: int, weights: int) -> Posterior:
    """Return the posteriors of one weight or two under a prior: the knobs of `PriorsSpec` that they depend on, and how many weights."""
    x, y = data_of(points).T
    design = x[:, None] if weights == 1 else np.stack([np.ones_like(x), x], axis=-1)
    return Posterior(prior_of(prior, scales(), rho), design, y, sigma, seed)


def solve(spec: PriorsSpec, believe: Believe = believed) -> Beliefs:
    """Return the family of a spec; the scrub's position in it does not matter. ``believe`` is `believed`, or what remembers what it has returned."""
    other = "gaussian" if spec.prior != "gaussian" else "laplace"
    rho = spec.rho if spec.prior == "elastic_net" else PriorsSpec().rho
    found = [believe(prior, rho, spec.points, spec.sigma, int(spec.seed), d) for prior in (spec.prior, other) for d in (1, 2)]
    return Beliefs(spec, scales(), found[0], found[1], found[2], found[3])


Believe = Callable[[str, float, str, float, int, int], Posterior]

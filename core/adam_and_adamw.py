"""Adam and AdamW: three rules with weight decay on one quadratic, from one start, a family of lambdas at a time, and where they end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from core import bowls
from core._validate import Bools, Floats
from core.bowls import Bowl
from core.decay_ends import arc_points, box_points, ridge_points
from core.descent import prepared
from core.descent.loop import Stepper
from core.lambdas import member_at
from core.optimizers import RULES, Rule
from core.specs.adam_and_adamw import SHAPES, TRIO, AdamAndAdamWSpec
from core.specs.ground import OWN, chosen_point

FRAMES, MEMBERS = 201, 31
_EASED = 2.0  # frames stand at the squares of even spaces: the first steps one by one, the last ones tens apart
_SMOOTH = 121
_SAFE = 1.5  # rate times curvature of a rate that is offered; 2 is the limit
_TAIL = 0.25  # of a noisy run: its end is the mean over these last steps


def rule_of(key: str, beta2: float, decay: Floats | float) -> Rule:
    """Return a rule of the lab with its own weight_decay, (k,) or a number; torch's defaults but for the memory of squares."""
    if key == "sgd":
        return RULES[key](weight_decay=decay)
    return RULES[key](weight_decay=decay, betas=(0.9, beta2))  # type: ignore[call-arg]  # Adam's own field


def chosen_bowl(spec: AdamAndAdamWSpec) -> Bowl:
    """Return the loss of a spec."""
    if spec.surface == "bowl":
        hessian = np.array([[spec.steep1, spec.coupling], [spec.coupling, spec.steep2]])
        return bowls.bowl(hessian, np.array([spec.centre1, spec.centre2]), spec.nearer)
    if spec.surface == "diabetes":
        return bowls.diabetes_bowl(int(spec.rows), int(spec.draw))
    if spec.surface == OWN:
        return bowls.own_bowl(spec.formula, spec.nearer)
    return bowls.no_data() if spec.surface == "none" else bowls.named_bowl(spec.surface, spec.condition, spec.nearer)


def chosen_start(spec: AdamAndAdamWSpec, bowl: Bowl) -> Floats:
    """Return where the rules start, (2,), inside the window."""
    return chosen_point(bowl.surface, spec.start1, spec.start2)


def decay_axis(bowl: Bowl) -> Floats:
    """Return (31,) weight decays from 0 up, spaced quadratically; the box of the largest reaches an eighth as far as the free minimum."""
    reach = float(np.clip(np.abs(bowl.train.centre).max(), 0.5, 30.0)) if bowl.has_data else 8.0
    most = 8.0 / reach
    size = 10.0 ** np.floor(np.log10(most))
    return float(np.ceil(round(most / size, 9)) * size) * np.linspace(0.0, 1.0, MEMBERS) ** 2


def frames(steps: int) -> NDArray[np.int64]:
    """Return the (201,) steps that are kept of a run: 0, 1, 2, ... first, then ever farther apart, and the last."""
    kept = np.zeros(FRAMES, dtype=np.int64)
    for i in range(1, FRAMES):
        kept[i] = max(kept[i - 1] + 1, round(steps * (i / (FRAMES - 1)) ** _EASED))
    return kept


@dataclass(frozen=True)
class Followed:
    """A family of runs, seen at some of its steps.

    Attributes
    ----------
    x:
        (k, f, 2) where they were.
    metric:
        (k, f, 2) the rule's own scaling of each coordinate in the step that led there (at the start: in the first step); 1 for plain descent.
    end:
        (k, 2) the last iterate; under noise the mean over the last quarter of the run.
    unequal:
        (k,) the geometric mean over the run of the second weight's scaling over that of the first.
    taken:
        (k,) steps taken; fewer than asked for where a run diverged, which then rests where it was.
    """

    x: Floats
    metric: Floats
    end: Floats
    unequal: Floats
    taken: NDArray[np.int64]
    steps: int

    @property
    def diverged(self) -> Bools:
        """(k,) whether a run left for good."""
        gone: Bools = self.taken < self.steps
        return gone


def follow(bowl: Bowl, rule: Rule, start: Floats, lr: float, steps: int, noise: float, seed: int, kept: NDArray[np.int64]) -> Followed:
    """Run a rule whose weight_decay is the family (k,), and keep the steps ``kept``; the iterates are those of `core.descent.descend`."""
    members = len(rule.weight_decay)
    run, now, drawn = prepared(bowl.surface, rule, start, lr, steps, None, 0.0, "subgradient", noise, np.full(members, seed))
    rule, stepper, state = run.rule, Stepper(run), run.rule.init(now)
    x, metric = np.empty((len(kept), members, 2)), np.ones((len(kept), members, 2))
    total, tail = np.zeros_like(now), int(steps * (1.0 - _TAIL))
    ratio, alive, taken = np.zeros(members), np.ones(members, dtype=bool), np.full(members, steps)
    limit, place = run.limit, 1
    x[0] = now
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for t in range(1, steps + 1):
            step = stepper.take(now, state, None if drawn is None else drawn[t - 1])
            state, new = step.state, step.new
            scaling = rule.metric(state)
            if not (new.max() < limit and new.min() > -limit):
                gone = alive & ~(np.abs(new) < limit).all(axis=-1)
                taken[gone] = t - 1
                alive &= ~gone
            now = new if alive.all() else np.where(alive[:, None], new, now)
            if t > tail:
                total += now
            if not isinstance(scaling, float):
                ratio += np.log(scaling[:, 1] / scaling[:, 0])
                if t == 1:
                    metric[0] = scaling
            if place < len(kept) and t == kept[place]:
                x[place] = now
                if not isinstance(scaling, float):
                    metric[place] = scaling
                place += 1
    end = total / (steps - tail) if noise > 0.0 else now
    return Followed(np.moveaxis(x, 0, 1), np.moveaxis(metric, 0, 1), end, np.exp(np.nan_to_num(ratio / steps)), taken, steps)


@dataclass(frozen=True)
class AdamAndAdamW:
    """The lab's result.

    Attributes
    ----------
    spec, bowl, start:
        Its settings, the loss, and where the rules start (2,).
    decay:
        (k,) the family of weight decays; lambda is half of it.
    kept:
        (f,) the steps that the frames show.
    runs:
        Rule -> its runs.
    ridge, box:
        (k, 2) the ridge point, and the minimiser over the box |w_i| <= 1 / weight_decay.
    bound:
        (k, 2) where AdamW is bound for: the box's minimiser, or under noise the minimiser with the arc penalty.
    """

    spec: AdamAndAdamWSpec
    bowl: Bowl
    start: Floats
    decay: Floats
    kept: NDArray[np.int64]
    runs: Mapping[str, Followed]
    ridge: Floats
    box: Floats
    bound: Floats

    @property
    def lam(self) -> Floats:
        """(k,) lambda = weight_decay / 2."""
        half: Floats = self.decay / 2.0
        return half

    @property
    def free(self) -> Floats:
        """(2,) the free minimum; without data every point is one, and it is the start."""
        return self.bowl.train.centre if self.bowl.has_data else self.start

    @cached_property
    def curves(self) -> tuple[Floats, Floats]:
        """The ridge points and the ends that AdamW is bound for, (m, 2) each, of a fine family of decays: smooth lines for a picture."""
        fine = self.decay[-1] * np.linspace(0.0, 1.0, _SMOOTH) ** 2
        train, sigma = self.bowl.train, self.spec.noise
        bound = arc_points(train, fine, sigma) if sigma > 0.0 else box_points(train, fine)
        if not self.bowl.has_data:
            return np.stack([self.start, np.zeros(2)]), np.stack([self.start, np.zeros(2)])
        return ridge_points(train, fine), bound

    @cached_property
    def soft_ridge(self) -> Floats:
        """(k, 2) the ridge point of lambda = weight_decay sigma / 2, near which AdamW ends where the noise is strong."""
        return self._settled(ridge_points(self.bowl.train, self.decay * self.spec.noise))

    def target(self, key: str) -> Floats:
        """Return where a rule is bound for, (k, 2)."""
        return self.bound if key == "adamw" else self.ridge

    def away(self, key: str) -> Floats:
        """Return the distance (k,) of a rule's end to where it is bound for."""
        return self.distance(key, self.target(key))

    def distance(self, key: str, point: Floats) -> Floats:
        """Return the distance (k,) of a rule's end to points (k, 2) or (2,)."""
        far: Floats = np.linalg.norm(self.runs[key].end - point, axis=-1)
        return far

    def effective_decay(self, key: str) -> Floats:
        """Return the share (k, f, 2) of each weight that the decay takes in a step, over the rate.

        Plain descent and AdamW take lr d off each weight. Adam's step lr m^ / (sqrt(v^) + eps) is linear in what has entered m^: the gradients of
        the data, and d times past weights, whose mean under the same averaging is w^. So the decay's part of a step is exactly
        lr d w^ / (sqrt(v^) + eps), and its share of w^ over lr is d / (sqrt(v^) + eps), coordinate by coordinate.
        """
        run = self.runs[key]
        scaling = run.metric if key == "adam" else np.ones_like(run.metric)
        share: Floats = self.decay[:, None, None] * scaling
        return share

    def member_at(self, spec: AdamAndAdamWSpec) -> int:
        """Return the index of the lambda that a spec has in focus."""
        return member_at(self.lam, spec.lam)

    def frame_at(self, spec: AdamAndAdamWSpec) -> int:
        """Return the index of the frame nearest to the step that a spec has in focus."""
        return int(np.abs(self.kept - spec.step).argmin())

    def first_step(self, key: str) -> Floats:
        """Return by how much a rule's first step from the start moves each weight, (k, 2), where the data has no gradient."""
        rule = rule_of(key, float(self.spec.beta2), self.decay[:, None])
        x = np.tile(self.start, (len(self.decay), 1))
        moved, _ = rule.step(x, np.zeros_like(x), rule.init(x), self.spec.rate_of(key))
        far: Floats = np.abs(x - moved)
        return far

    def cure(self, member: int) -> dict[str, float]:
        """Return the knobs of the rates at which a rule diverges at a lambda, each with a rate that is stable there."""
        decay = float(self.decay[member])
        found = {}
        for key, name, steep in (("sgd", "sgd_rate", float(self.bowl.train.eigen[0][-1]) + decay), ("adamw", "adam_rate", decay)):
            if self.runs[key].diverged[member]:
                found[name] = max(rate for rate in self.spec.knobs()[name].grid() if rate * steep <= _SAFE)
        return found

    def _settled(self, points: Floats) -> Floats:
        """Without data nothing moves a weight unless a decay does."""
        return points if self.bowl.has_data else np.where(self.decay[:, None] > 0.0, 0.0, self.start)


def of_loss(spec: AdamAndAdamWSpec, *others: str) -> AdamAndAdamWSpec:
    """Return settings with all that the loss, the start and these others do not depend on as in the lab's first state."""
    first, wanted = AdamAndAdamWSpec(), {"surface", "start1", "start2", *SHAPES.get(spec.surface, ()), *others}
    return spec.replace(**{name: getattr(first, name) for name in spec.knobs() if name not in wanted})


def of_rule(spec: AdamAndAdamWSpec, key: str) -> AdamAndAdamWSpec:
    """Return settings with all that a rule's own run does not depend on as in the lab's first state."""
    own = ("sgd_rate",) if key == "sgd" else ("adam_rate", "beta2")
    return of_loss(spec, "steps", *own, "noise", *(("seed",) if spec.noise > 0.0 else ()))


def run_rule(spec: AdamAndAdamWSpec, key: str) -> Followed:
    """Run one rule for every lambda."""
    bowl = chosen_bowl(spec)
    given = (spec.rate_of(key), int(spec.steps), spec.noise, int(spec.seed), frames(int(spec.steps)))
    return follow(bowl, rule_of(key, float(spec.beta2), decay_axis(bowl)), chosen_start(spec, bowl), *given)


def solve(spec: AdamAndAdamWSpec, run: Callable[[AdamAndAdamWSpec, str], Followed] = run_rule) -> AdamAndAdamW:
    """Run all three rules for every lambda, and find every end; ``run`` is `run_rule`, or what remembers what it has found."""
    bowl = chosen_bowl(spec)
    start, decay, kept = chosen_start(spec, bowl), decay_axis(bowl), frames(int(spec.steps))
    runs = {key: run(of_rule(spec, key), key) for key in TRIO}
    ridge, box = ridge_points(bowl.train, decay), box_points(bowl.train, decay)
    bound = arc_points(bowl.train, decay, spec.noise) if spec.noise > 0.0 else box
    if not bowl.has_data:
        ridge = box = bound = np.where(decay[:, None] > 0.0, 0.0, start)
    return AdamAndAdamW(spec, bowl, start, decay, kept, MappingProxyType(runs), ridge, box, bound)

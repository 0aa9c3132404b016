"""The loop over steps: one step for a whole family, taken apart far enough that its parts can be shown."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core._validate import Bools, Floats
from core.optimizers import FISTA, Array, Rule, State
from core.penalties import Penalty
from core.surfaces import Surface

# A run ends as diverged where it is this many windows away from the origin: far beyond any overshoot that comes back, far below overflow.
FAR = 1e6


def far_from(surface: Surface) -> float:
    """Return how far from the origin a coordinate may get before its run counts as diverged."""
    return FAR * (1.0 + float(np.abs(surface.bounds).max()))


@dataclass(frozen=True)
class Run:
    """What a family of runs is asked to do; lr, lam and noise are (k, 1)."""

    surface: Surface
    rule: Rule
    lr: Floats
    penalty: Penalty | None
    lam: Floats
    treatment: str
    noise: Floats

    def part(self, members: slice) -> Run:
        """Return the run of some members alone."""
        if len(self.lr) <= members.stop - members.start:
            return self
        fields = {field.name: _members(getattr(self.rule, field.name), members) for field in dataclasses.fields(self.rule)}
        rule = dataclasses.replace(self.rule, **fields)
        return Run(self.surface, rule, self.lr[members], self.penalty, self.lam[members], self.treatment, self.noise[members])

    @property
    def limit(self) -> float:
        """How far from the origin a coordinate may get before its run counts as diverged."""
        return far_from(self.surface)

    def defined(self, x: Floats) -> Bools:
        """Return at which points (k, 2) the loss has a value; at all of them where its formula has no holes."""
        return np.isfinite(self.surface._value(x)) if self.surface.partial else np.ones(len(x), dtype=bool)

    @property
    def penalised(self) -> bool:
        """Whether a penalty acts on any member."""
        return self.penalty is not None and bool((self.lam > 0.0).any())

    @property
    def spring(self) -> Floats:
        """(k, 1) the curvature of lam R: 2 lam times the penalty's L2 share."""
        return 2.0 * self.lam * self.penalty.l2 if self.penalty is not None else 0.0 * self.lam

    @property
    def pull(self) -> Floats:
        """(k, 1) the constant slope of lam R: lam times the penalty's L1 share."""
        return self.lam * self.penalty.l1 if self.penalty is not None else 0.0 * self.lam


def _members(value: Array, members: slice) -> Array:
    """Return a hyperparameter of some members alone; one number, or one that all share, stays as it is."""
    if isinstance(value, tuple):
        return tuple(_members(each, members) for each in value)
    return value[members] if np.ndim(value) and len(value) > 1 else value


class Step(NamedTuple):
    """One step of a family and its stages, each (k, 2).

    Attributes
    ----------
    at:
        Where the gradient was taken; x unless the rule looks ahead.
    gradient:
        The loss's gradient there, its noise included.
    slope:
        What the penalty added to it; None where the penalty acts otherwise.
    moved:
        After the rule's own step.
    new:
        After decay or prox or clamp: the next iterate.
    state:
        The rule's state after the step.
    """

    at: Floats
    gradient: Floats
    slope: Floats | None
    moved: Floats
    new: Floats
    state: State


class Stepper:
    """Takes steps of a family: what does not change between steps is worked out once."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.looks_ahead = isinstance(run.rule, FISTA)
        self.treatment = run.treatment if run.penalised else "none"
        self.added = run.penalised and run.treatment in ("subgradient", "clamped")
        self.pull, self.spring = run.pull, run.spring
        self.dead: Bools = np.zeros((len(run.lr), 2), dtype=bool)

    def slope(self, x: Floats) -> Floats:
        """Return lam R'(x), the subgradient that is 0 at 0."""
        penalty = self.run.penalty
        if penalty is None or penalty.l1 == 0.0:
            return self.spring * x
        return self.pull * np.sign(x) if penalty.l2 == 0.0 else self.pull * np.sign(x) + self.spring * x

    def take(self, x: Floats, state: State, noise: Floats | None) -> Step:
        """Return one step from x."""
        run = self.run
        at = run.rule.lookahead(x, state) if self.looks_ahead else x
        gradient = run.surface._gradient(at)
        if noise is not None:
            gradient = gradient + noise
        slope = self.slope(at) if self.added else None
        moved, state = run.rule.step(x, gradient if slope is None else gradient + slope, state, run.lr)
        new = moved
        if self.treatment == "decoupled":
            new = moved - run.lr * self.slope(x)
        elif self.treatment == "proximal" and run.penalty is not None:
            new = run.penalty._shrink(moved, run.lr * run.lam * run.rule.metric(state))
        elif self.treatment == "clamped":
            # Where L1 pulls: without it there is nothing that a clamp could stand for.
            self.dead |= (x * moved < 0.0) & (self.pull > 0.0)
            new = np.where(self.dead, 0.0, moved)
        return Step(at, gradient, slope, moved, new, state)


class Course(NamedTuple):
    """Where a family went: the last iterates (k, 2), all of them (T + 1, k, 2) and the loss's gradients there if recorded, steps taken (k,).

    ``beyond`` (k, 2) is where a member's next step would have led that left the window or the formula's domain for good; 0 where none did.
    """

    last: Floats
    x: Floats
    gradients: Floats
    taken: NDArray[np.int64]
    beyond: Floats


def follow(run: Run, start: Floats, steps: int, noise: Floats | None, record: bool = True) -> Course:
    """Take ``steps`` steps from start (k, 2); a member that gets too far, or into a hole of the surface, rests where it last was."""
    k = len(start)
    x, gradients = np.empty((steps + 1 if record else 0, k, 2)), np.empty((steps + 1 if record else 0, k, 2))
    stepper, state, now = Stepper(run), run.rule.init(start), start
    taken, alive, everyone = np.full(k, steps), np.ones(k, dtype=bool), True
    limit, beyond = run.limit, np.zeros((k, 2))
    # The gradient of a step is the loss's own at x, and is kept, unless noise or a look ahead made it another.
    shared = record and noise is None and not stepper.looks_ahead
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for t in range(steps):
            step = stepper.take(now, state, None if noise is None else noise[t])
            state, new = step.state, step.new
            if record:
                x[t] = now
                if shared:
                    gradients[t] = step.gradient
            # Written so that a NaN counts as gone.
            if not (new.max() < limit and new.min() > -limit and run.defined(new).all()):
                gone = alive & ~((np.abs(new) < limit).all(axis=-1) & run.defined(new))
                taken[gone], beyond[gone] = t, new[gone]
                alive &= ~gone
                everyone = False
            now = new if everyone else np.where(alive[:, None], new, now)
        if record:
            x[steps] = now
            if shared:
                gradients[steps] = run.surface._gradient(now)
            else:
                gradients = run.surface._gradient(x)
    return Course(now, x, gradients, taken, beyond)

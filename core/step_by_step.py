"""The lab "Step by step": descent one step at a time, in numbers that a reader can check by hand.

Three stories share a rate and a lambda. The tables are computed in decimal arithmetic that never rounds, so that a printed digit can be called a
slip; the other two are families in float64.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, localcontext
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from core.specs import StepByStepSpec

Floats = NDArray[np.float64]
Pair = tuple[Decimal, Decimal]

LIMIT = 1e6
"""A weight beyond this has diverged: it is held where it was, and what would follow is said in words."""
TOLERANCE = 1e-3
"""Where a weight that never becomes zero counts as small."""
MEMBERS = 201
TREATMENTS: Mapping[str, str] = MappingProxyType({"subgradient": "step across", "proximal": "proximal", "clamped": "clamped"})

# Sixty steps add at most six decimals each to numbers of at most seven digits; Inexact would be raised if this were ever not enough.
_EXACT = Context(prec=1000, traps=[Inexact])

# What the course prints, as far as it prints it; the first column is its first weight. It starts from these settings.
_COURSE = StepByStepSpec()
COURSE: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "none": (("1.4", "0.4"),),
        "l1": (("1.39", "0.39"), ("1.28", "0.28"), ("1.17", "0.17"), ("1.06", "0.06"), ("0.95", "0")),
        "l2": (("1.385", "0.395"), ("1.27115", "0.29105"), ("1.15845", "0.18814"), ("1.04687", "0.08626"), ("0.93640", "-0.0146")),
    }
)


@dataclass(frozen=True)
class Rule:
    """One row of the tables: ``w - rate (g + pull sign w + spring w)``.

    Attributes
    ----------
    key: "none" or the penalty's key.
    label: its name.
    pull: lambda times the L1 share.
    spring: what lambda (or 2 lambda, by convention) leaves of the L2 share.
    """

    key: str
    label: str
    pull: Decimal
    spring: Decimal


@dataclass(frozen=True)
class Event:
    """What happens to a weight at zero: it ``crosses``, is ``clipped``, ``lands`` there or ``leaves``, in the step that ends in row ``step``."""

    step: int
    index: int
    kind: str


@dataclass(frozen=True)
class Slip:
    """An entry that the course prints differently from the exact value rounded to as many decimals."""

    rule: str
    step: int
    index: int
    printed: str
    exact: Decimal


@dataclass(frozen=True)
class Run:
    """The way of two weights under one rule, n steps and the start.

    Attributes
    ----------
    rule: the rule.
    exact: (n + 1) pairs, without any rounding.
    before: (n + 1) pairs as the gradient step left them, before a clip or a proximal step; the start in row 0.
    w: (n + 1, 2) the same as float64, for drawing.
    events: what happens at zero, by step.
    diverged: the step that would have led beyond ``LIMIT``; rows from there on hold the last value. None where there is none.
    printed: the course's rows, first for step 1, where the settings are the course's; else none.
    slips: entries of ``printed`` that are off.
    """

    rule: Rule
    exact: tuple[Pair, ...]
    before: tuple[Pair, ...]
    w: Floats
    events: tuple[Event, ...]
    diverged: int | None
    printed: tuple[tuple[str, str], ...]
    slips: tuple[Slip, ...]


@dataclass(frozen=True)
class Alone:
    """Two weights that only a penalty pulls on, far apart in size, in closed form.

    Attributes
    ----------
    steps: (k,) numbers of steps, ascending from 0.
    start: (2,) the large and the small weight.
    l1, l2: (k, 2) what is left of them.
    amount: what L1 subtracts a step.
    factor: what L2 multiplies by a step.
    gone: steps until L1 has made each weight zero; None for never.
    faint: steps until L2 has each weight within ``TOLERANCE``; None for never.
    diverges: whether L2's factor is beyond 1 in size; its weights are then held at ``LIMIT``.
    """

    steps: Floats
    start: tuple[float, float]
    l1: Floats
    l2: Floats
    amount: float
    factor: float
    gone: tuple[int | None, int | None]
    faint: tuple[int | None, int | None]
    diverges: bool


@dataclass(frozen=True)
class Zero:
    """One weight under ``h/2 (w - c)^2 + lambda |w|``, three ways from one start; c moves half way. n steps, ways in the order of ``TREATMENTS``.

    Attributes
    ----------
    w: (3, n + 1).
    centre: (n + 1,) the c that pulls at each row.
    best: (n + 1,) the minimiser for that c, the soft threshold of c at lambda / h.
    bounces: (3, n + 1) changes of sign so far.
    zeros: (3, n + 1) rows so far, the start aside, that are exactly zero.
    died: the step at which the clamped weight was set to zero for ever; None where it was not.
    crossed: where that step would have led; 0 where there is none.
    back: the first step in which each weight left zero again; None where it did not.
    diverged: the step at which each would have gone beyond ``LIMIT``; None where it did not.
    """

    w: Floats
    centre: Floats
    best: Floats
    bounces: NDArray[np.int64]
    zeros: NDArray[np.int64]
    died: int | None
    crossed: float
    back: tuple[int | None, ...]
    diverged: tuple[int | None, ...]


@dataclass(frozen=True)
class StepByStep:
    """The lab for one spec; each story is computed when it is first asked for."""

    spec: StepByStepSpec

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """The tables: one run a rule."""
        with localcontext(_EXACT):
            return tuple(_run(self.spec, rule) for rule in rules_of(self.spec))

    @cached_property
    def alone(self) -> Alone:
        """The weights without data."""
        return _alone(self.spec)

    @cached_property
    def zero(self) -> Zero:
        """The three ways at zero."""
        return _zero(self.spec)

    @cached_property
    def axis(self) -> Floats:
        """(k,) the steps that the scrub of the spec's story runs along."""
        if self.spec.story == "alone":
            return self.alone.steps
        return np.arange((self.spec.steps if self.spec.story == "tables" else self.spec.length) + 1.0)

    @property
    def stable_rate(self) -> float | None:
        """The rate from which on what the story shows can no longer settle, ``2 / curvature``; None where any rate does."""
        curvature = self.spec.curvature if self.spec.story == "zero" else float(_spring(self.spec))
        return 2.0 / curvature if curvature > 0 else None

    @property
    def steady_rate(self) -> float | None:
        """A reachable rate that does not diverge: half the stable one, rounded down; None where the rate is not to blame."""
        if self.stable_rate is None or self.spec.rate < self.stable_rate:
            return None
        return max(0.01, math.floor(50.0 * self.stable_rate) / 100.0)

    @property
    def diverged(self) -> bool:
        """Whether anything on screen has grown beyond ``LIMIT`` and is held."""
        if self.spec.story == "tables":
            return any(run.diverged is not None for run in self.runs)
        return self.alone.diverges if self.spec.story == "alone" else any(step is not None for step in self.zero.diverged)

    def member_at(self, spec: StepByStepSpec) -> int:
        """Return the member of the axis nearest to the step of ``spec``."""
        return int(np.argmin(np.abs(self.axis - spec.step)))

    def position(self, member: int) -> dict[str, float]:
        """Return the spec's step for a member."""
        return {"step": float(self.axis[member])}


def solve(spec: StepByStepSpec) -> StepByStep:
    """Return the lab for a spec; the step in focus does not matter."""
    return StepByStep(spec)


def rules_of(spec: StepByStepSpec) -> tuple[Rule, ...]:
    """Return the rules that the tables compare: none, L1, L2 and, where asked for, the elastic net."""
    lam, spring, share, nothing = _decimal(spec.lam), _spring(spec), _decimal(spec.rho), Decimal(0)
    rules = (Rule("none", "No penalty", nothing, nothing), Rule("l1", "L1", lam, nothing), Rule("l2", "L2", nothing, spring))
    return (*rules, Rule("elastic_net", "Elastic net", share * lam, (1 - share) * spring)) if spec.elastic else rules


def step_of(w: Decimal, gradient: Decimal, spec: StepByStepSpec, rule: Rule, at_zero: str) -> Decimal:
    """Return where one step of a rule leads from ``w``, without rounding, under any treatment of zero."""
    with localcontext(_EXACT):
        return _step(w, gradient, _decimal(spec.rate), rule, at_zero)[0]


def _decimal(value: float) -> Decimal:
    """Return the decimal that a setting was written as: 0.1, and not the double next to it."""
    return Decimal(repr(value))


def _spring(spec: StepByStepSpec) -> Decimal:
    return (2 if spec.convention == "lab" else 1) * _decimal(spec.lam)


# ------------------------------------------------------------------------------------------------ the tables


def _run(spec: StepByStepSpec, rule: Rule) -> Run:
    rate, gradient = _decimal(spec.rate), (_decimal(spec.gradient1), _decimal(spec.gradient2))
    exact: list[Pair] = [(_decimal(spec.start1), _decimal(spec.start2))]
    before, diverged = list(exact), None
    for step in range(1, int(spec.steps) + 1):
        (first, free1), (second, free2) = (_step(w, g, rate, rule, spec.at_zero) for w, g in zip(exact[-1], gradient, strict=True))
        if diverged is None and max(abs(first), abs(second)) > LIMIT:
            diverged = step
        exact.append((first, second) if diverged is None else exact[-1])
        before.append((free1, free2) if diverged is None else exact[-1])
    printed = COURSE[rule.key][: int(spec.steps)] if _as_the_course(spec, rule) else ()
    return Run(
        rule=rule,
        exact=tuple(exact),
        before=tuple(before),
        w=np.array(exact, dtype=np.float64),
        events=_events(exact, before, spec.at_zero),
        diverged=diverged,
        printed=printed,
        slips=_slips(rule.key, exact, printed),
    )


def _step(w: Decimal, gradient: Decimal, rate: Decimal, rule: Rule, at_zero: str) -> Pair:
    """Return where one step leads, and where its gradient part alone leads.

    The L2 share is always part of the gradient; only what L1 does is a matter of treatment.
    """
    slope = gradient + rule.spring * w
    if at_zero != "proximal":
        slope += rule.pull * _sign(w)
    free = w - rate * slope
    if rule.pull == 0:
        return free, free
    if at_zero == "proximal":
        return _sign(free) * max(abs(free) - rate * rule.pull, Decimal(0)), free
    return (Decimal(0) if at_zero == "clip" and w * free < 0 else free), free


def _sign(w: Decimal) -> int:
    return (w > 0) - (w < 0)


def _events(exact: list[Pair], before: list[Pair], at_zero: str) -> tuple[Event, ...]:
    found = []
    for step in range(1, len(exact)):
        for i in range(2):
            old, new = exact[step - 1][i], exact[step][i]
            if old * new < 0:
                found.append(Event(step, i, "crosses"))
            elif old != 0 and new == 0:
                found.append(Event(step, i, "clipped" if at_zero == "clip" and before[step][i] != 0 else "lands"))
            elif old == 0 and new != 0:
                found.append(Event(step, i, "leaves"))
    return tuple(found)


def _as_the_course(spec: StepByStepSpec, rule: Rule) -> bool:
    """Whether this row of the course's table follows from the spec. L2 does from lambda = 0.1 in the course's convention, and from 0.05 in ours."""
    if rule.key not in COURSE or (rule.key == "l1" and spec.at_zero != _COURSE.at_zero):
        return False
    same = all(getattr(spec, name) == getattr(_COURSE, name) for name in ("start1", "start2", "rate", "gradient1", "gradient2"))
    lam, spring = _decimal(_COURSE.lam), _spring(_COURSE)
    return same and (rule.pull, rule.spring) == {"none": (0, 0), "l1": (lam, 0), "l2": (0, spring)}[rule.key]


def _slips(key: str, exact: list[Pair], printed: tuple[tuple[str, str], ...]) -> tuple[Slip, ...]:
    found = []
    for step, row in enumerate(printed, start=1):
        for i in range(2):
            # Right is whatever lies within half a unit of the last printed decimal.
            half = Decimal(5).scaleb(int(Decimal(row[i]).as_tuple().exponent) - 1)
            if abs(exact[step][i] - Decimal(row[i])) > half:
                found.append(Slip(key, step, i, row[i], exact[step][i]))
    return tuple(found)


# ------------------------------------------------------------------------------------------------ the penalty alone


def _alone(spec: StepByStepSpec) -> Alone:
    start = (spec.big, spec.small)
    amount = Fraction(repr(spec.rate)) * Fraction(repr(spec.lam))
    factor = float(1 - Fraction(repr(spec.rate)) * Fraction(_spring(spec)))
    gone = tuple(math.ceil(Fraction(repr(weight)) / amount) if amount else None for weight in start)
    faint = tuple(_until(weight, abs(factor)) for weight in start)
    last = max([1, *(step for step in gone + faint if step is not None)]) if amount else 100
    # Closer together at the beginning, where small weights live, with a member on every step that is spoken of.
    spread = np.round(1.05 * last * np.linspace(0.0, 1.0, MEMBERS) ** 2)
    steps = np.unique(np.concatenate([spread, [0.0, 1.0, float(last)], [float(step) for step in gone + faint if step is not None]]))
    left = np.array(start) - steps[:, None] * float(amount)
    for i, step in enumerate(gone):
        if step is not None:
            left[steps >= step, i] = 0.0
    with np.errstate(over="ignore", under="ignore"):
        shrunk = np.array(start) * np.power(factor, steps)[:, None]
    return Alone(
        steps=steps,
        start=start,
        l1=left,
        l2=np.clip(shrunk, -LIMIT, LIMIT),
        amount=float(amount),
        factor=factor,
        gone=(gone[0], gone[1]),
        faint=(faint[0], faint[1]),
        diverges=abs(factor) > 1.0,
    )


def _until(weight: float, factor: float) -> int | None:
    """Return the least t with ``weight factor^t <= TOLERANCE``; None where there is none."""
    if weight <= TOLERANCE:
        return 0
    if factor >= 1.0:
        return None
    if factor == 0.0:
        return 1
    steps = max(1, math.ceil(math.log(TOLERANCE / weight) / math.log(factor)))
    # The quotient of logarithms may be one off on either side of a whole number.
    while steps > 1 and weight * factor ** (steps - 1) <= TOLERANCE:
        steps -= 1
    while weight * factor**steps > TOLERANCE:
        steps += 1
    return steps


# ------------------------------------------------------------------------------------------------ three ways at zero


def _zero(spec: StepByStepSpec) -> Zero:
    n, rate, lam, h = int(spec.length), spec.rate, spec.lam, spec.curvature
    centre = np.where(np.arange(n + 1) < n // 2, spec.target, spec.moved)
    w = np.empty((len(TREATMENTS), n + 1))
    diverged: list[int | None] = [None] * len(TREATMENTS)
    died, crossed = None, 0.0
    w[:, 0] = spec.begin
    for t in range(n):
        for i, treatment in enumerate(TREATMENTS):
            old = float(w[i, t])
            new = old - rate * h * (old - float(centre[t]))
            if treatment == "proximal":
                new = math.copysign(max(abs(new) - rate * lam, 0.0), new)
            else:
                new -= rate * lam * ((old > 0) - (old < 0))
            if treatment == "clamped":
                if died is None and old * new < 0:
                    died, crossed = t + 1, new
                new = 0.0 if died is not None else new
            if diverged[i] is None and abs(new) > LIMIT:
                diverged[i] = t + 1
            w[i, t + 1] = (new or 0.0) if diverged[i] is None else old
    was, now = w[:, :-1], w[:, 1:]
    left = (was == 0.0) & (now != 0.0)
    return Zero(
        w=w,
        centre=centre,
        best=np.sign(centre) * np.maximum(np.abs(centre) - lam / h, 0.0),
        bounces=_so_far(was * now < 0.0),
        zeros=_so_far(now == 0.0),
        died=died,
        crossed=crossed,
        back=tuple(int(np.argmax(row)) + 1 if row.any() else None for row in left),
        diverged=tuple(diverged),
    )


def _so_far(happens: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Count along the steps, 0 at the start."""
    return np.concatenate([np.zeros((len(happens), 1), dtype=np.int64), np.cumsum(happens, axis=1, dtype=np.int64)], axis=1)

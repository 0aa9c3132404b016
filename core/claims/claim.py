"""What a claim is, what its experiment finds, and how the verdict follows from both. Plain values: nothing here trains or draws.

A claim says what must be measured for it to hold (`Criterion`) before anything is measured. The experiment returns numbers, one for each seed, and
never a verdict: `judged` compares the two.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from core._validate import Floats
from core.claims.choices import CONDITION, FAILS, HOLDS, SOURCES, TOPICS
from core.claims.picture import Picture
from core.claims.request import Request
from core.errors import InvalidInput
from core.knobs import Spec
from core.studies.seeds import effect


@dataclass(frozen=True)
class Quantity:
    """What is measured: its name in a sentence, its unit, and what one of its values belongs to ("seed", "start", "problem")."""

    label: str
    unit: str = ""
    each: str = "seed"


@dataclass(frozen=True)
class Criterion:
    """What a quantity must be for a claim to hold, said before it is measured.

    Attributes
    ----------
    quantity:
        A key of `Claim.quantities`.
    relation, bound:
        "at least" or "at most" a number.
    over:
        "mean": the whole 95 % interval of the mean (Student's) lies on the right side of the bound. "every": each single value does.
    """

    quantity: str
    relation: Literal["at least", "at most"]
    bound: float
    over: Literal["mean", "every"] = "every"


def at_least(quantity: str, bound: float, over: Literal["mean", "every"] = "every") -> Criterion:
    """Return the criterion that a quantity is at least a bound."""
    return Criterion(quantity, "at least", bound, over)


def at_most(quantity: str, bound: float, over: Literal["mean", "every"] = "every") -> Criterion:
    """Return the criterion that a quantity is at most a bound."""
    return Criterion(quantity, "at most", bound, over)


@dataclass(frozen=True)
class Findings:
    """What an experiment found.

    Attributes
    ----------
    values:
        Quantity -> (s,) one number a seed, or whatever its `Quantity.each` says. Not finite where it could not be measured, which meets no criterion.
    picture:
        What is drawn.
    note:
        A sentence computed from the numbers, or "".
    """

    values: Mapping[str, Floats]
    picture: Picture
    note: str = ""


Experiment = Generator[Request, Any, Findings]
"""Yields once what is to be measured, is sent what came of it, and returns the findings."""


@dataclass(frozen=True)
class Claim:
    """A claim of the courses on trial.

    Attributes
    ----------
    number, source, topic:
        Its number in the curriculum, the letters of the courses that state it, and a key of `TOPICS`.
    statement:
        What is claimed, in our words.
    test:
        What is done to try it, in a sentence or two: the experiment and its size.
    quantities:
        What is measured, in the order in which it is told.
    stated:
        All of these are met: the claim holds as it is stated.
    condition, conditional:
        Otherwise, if all of these are met: it holds under this condition. Both empty where none is tried.
    shows:
        Settings of a lab that show it.
    spoil:
        Arguments of the experiment that make it another one, such as the wrong sign; the verdict must change then. Tests see to it.
    experiment:
        ``experiment(draw, **spoil)``; ``draw`` counts sets of seeds from 0. Its docstring says in its first line what is done, and then, as the page
        shows it, why the claim stands as it does: true whatever the verdict.
    """

    number: int
    source: str
    topic: str
    statement: str
    test: str
    quantities: Mapping[str, Quantity]
    stated: tuple[Criterion, ...]
    shows: Spec
    spoil: Mapping[str, Any]
    experiment: Callable[..., Experiment]
    condition: str = ""
    conditional: tuple[Criterion, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a claim that could not be judged."""
        if not self.stated or bool(self.condition) != bool(self.conditional):
            raise InvalidInput(f"claim {self.number} without criteria", "criteria, and a condition exactly where it has criteria", "State them.")
        if unknown := {each.quantity for each in (*self.stated, *self.conditional)} - set(self.quantities):
            raise InvalidInput(f"claim {self.number} with a criterion of {min(unknown)!r}", "its own quantities", "Name one of them.")
        if not self.why:
            raise InvalidInput(f"claim {self.number} without an explanation", "a paragraph below the docstring's first line", "Write it.")
        if self.topic not in TOPICS or not set(self.source) <= set(SOURCES):
            raise InvalidInput(f"claim {self.number} of {self.source}, {self.topic}", "known letters and topics", "See SOURCES and TOPICS.")

    @property
    def why(self) -> str:
        """The explanation, a paragraph of text."""
        return " ".join(inspect.cleandoc(self.experiment.__doc__ or "").partition("\n\n")[2].split())

    def begin(self, draw: int = 0, spoiled: bool = False) -> Experiment:
        """Return the experiment, not yet asked what it wants measured."""
        return self.experiment(draw, **(self.spoil if spoiled else {}))


def claim(**described: Any) -> Callable[[Callable[..., Experiment]], Claim]:  # noqa: ANN401 - the fields of Claim
    """Return a decorator that makes a claim of its experiment; the arguments are the fields of `Claim`."""

    def made(experiment: Callable[..., Experiment]) -> Claim:
        return Claim(experiment=experiment, **described)

    return made


def seeds_of(draw: int, count: int) -> tuple[int, ...]:
    """Return the seeds of a draw: no two draws share one."""
    return tuple(range(draw * count, (draw + 1) * count))


# ------------------------------------------------------------------------------------------------------------------ the verdict


@dataclass(frozen=True)
class Check:
    """A criterion against what was measured.

    Attributes
    ----------
    criterion:
        What was asked.
    low, high:
        The ends of what must lie beyond the bound: of the 95 % interval of the mean, or of all values.
    met, contradicted:
        Whether all of it lies on the right side, and whether all of it lies on the wrong side.
    """

    criterion: Criterion
    low: float
    high: float
    met: bool
    contradicted: bool


@dataclass(frozen=True)
class Ruling:
    """A claim judged.

    Attributes
    ----------
    claim, findings:
        What was tried, and what came of it.
    stated, conditional:
        Its criteria against the numbers.
    """

    claim: Claim
    findings: Findings
    stated: tuple[Check, ...] = field(default=())
    conditional: tuple[Check, ...] = field(default=())

    @property
    def verdict(self) -> str:
        """One of `VERDICTS`."""
        if all(check.met for check in self.stated):
            return HOLDS
        return CONDITION if self.conditional and all(check.met for check in self.conditional) else FAILS

    @property
    def contradicted(self) -> bool:
        """Whether the numbers say the opposite of what is stated, rather than too little."""
        return any(check.contradicted for check in self.stated)


def judged(claim: Claim, findings: Findings) -> Ruling:
    """Return the ruling on a claim.

    Raises
    ------
    InvalidInput
        Where the experiment did not measure what the claim says it measures.
    """
    if set(findings.values) != set(claim.quantities):
        told = ", ".join(sorted(findings.values))
        raise InvalidInput(f"claim {claim.number} measured {told}", "exactly " + ", ".join(sorted(claim.quantities)), "Return these quantities.")

    def checked(criteria: tuple[Criterion, ...]) -> tuple[Check, ...]:
        return tuple(_check(criterion, findings.values[criterion.quantity]) for criterion in criteria)

    return Ruling(claim, findings, checked(claim.stated), checked(claim.conditional))


def _check(criterion: Criterion, values: Floats) -> Check:
    low, high = interval(values) if criterion.over == "mean" else (float(np.min(values)), float(np.max(values)))
    # Written so that a NaN meets nothing and contradicts nothing.
    above, below = low >= criterion.bound, high <= criterion.bound
    strictly_above, strictly_below = low > criterion.bound, high < criterion.bound
    if criterion.relation == "at least":
        return Check(criterion, low, high, above, strictly_below)
    return Check(criterion, low, high, below, strictly_above)


def interval(values: Floats) -> tuple[float, float]:
    """Return the 95 % interval of the mean of values (s,), NaN where one of them is not finite or there are fewer than two."""
    if len(values) < 2 or not np.isfinite(values).all():
        return math.nan, math.nan
    found = effect(np.asarray(values, dtype=np.float64))
    return float(found.mean - found.half), float(found.mean + found.half)

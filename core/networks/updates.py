"""One step of the members that share a rule: the penalty's part and the rule's part, as `core.descent` takes them on surfaces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from core.optimizers import FISTA, Rule, State
from core.penalties import PENALTIES, Penalty
from core.specs.training import TrainingSpec, rule_of


class Memory(NamedTuple):
    """What a group of members remembers between steps.

    Attributes
    ----------
    state:
        The rule's own.
    dead:
        (k, P) weights that the clamp holds at zero; empty with any other treatment.
    """

    state: State
    dead: Tensor


@dataclass(frozen=True)
class Group:
    """The members (rows of the family) that share a rule, and what each of their steps needs.

    Parameters
    ----------
    rows:
        The members' numbers.
    rule, lr:
        The rule and the rates, a number or (k, 1).
    pull, spring:
        The slopes of lambda R on what it acts on, a number or (k, P): pull * sign(w) + spring * w. None for no penalty.
    treatment:
        How the penalty acts; "none" without one.
    """

    rows: tuple[int, ...]
    rule: Rule
    lr: Tensor | float
    pull: Tensor | None
    spring: Tensor | None
    treatment: str

    @property
    def looks_ahead(self) -> bool:
        """Whether the rule takes its gradient somewhere else."""
        return isinstance(self.rule, FISTA)

    def begin(self, weights: Tensor) -> Memory:
        """Return the memory before the first step."""
        shape = weights.shape if self.treatment == "clamped" else (0,)
        return Memory(self.rule.init(weights), torch.zeros(shape, dtype=torch.bool, device=weights.device))

    def slope(self, w: Tensor) -> Tensor | None:
        """Return lambda R'(w), the subgradient that is 0 at 0."""
        if self.pull is None:
            return None if self.spring is None else self.spring * w
        slope: Tensor = self.pull * torch.sign(w)
        return slope if self.spring is None else slope + self.spring * w

    def step(self, w: Tensor, gradient: Tensor, memory: Memory) -> tuple[Tensor, Memory]:
        """Return the members' weights (k, P) and memory after one step with the loss's gradient at `Rule.lookahead`."""
        state, dead = memory
        if self.treatment in ("subgradient", "clamped"):
            at = self.rule.lookahead(w, state) if self.looks_ahead else w
            slope = self.slope(at)
            gradient = gradient if slope is None else gradient + slope
        new, state = self.rule.step(w, gradient, state, self.lr)
        if self.treatment == "decoupled":
            slope = self.slope(w)
            new = new if slope is None else new - self.lr * slope
        elif self.treatment == "proximal":
            new = self._shrink(new, self.lr * self.rule.metric(state))
        elif self.treatment == "clamped" and self.pull is not None:
            dead = dead | ((w * new < 0.0) & (self.pull > 0.0))
            new = torch.where(dead, 0.0, new)
        return new, Memory(state, dead)

    def _shrink(self, v: Tensor, stride: Tensor | float) -> Tensor:
        """Return the prox of lambda R in the step's own scaling: soft threshold, then shrink (`core.penalties.Penalty.prox`)."""
        if self.pull is not None:
            v = torch.sign(v) * torch.relu(torch.abs(v) - stride * self.pull)
        return v if self.spring is None else v / (1.0 + stride * self.spring)


def groups_of(spec: TrainingSpec, penalised: Tensor, alive: Tensor) -> tuple[Group, ...]:
    """Return a family's members by rule, in the order of their first members.

    Parameters
    ----------
    penalised:
        (P,) 1 where the penalty acts, 0 elsewhere, of the networks' type and device.
    alive:
        (k,) members that still train; the others' rates are 0.
    """
    rules = spec.values("rule")
    members = {key: tuple(i for i, rule in enumerate(rules) if rule == key) for key in rules}
    return tuple(_group(spec, key, rows, penalised, alive) for key, rows in members.items())


def penalty_of(spec: TrainingSpec, i: int = 0) -> Penalty:
    """Return the penalty of a member."""
    kind = PENALTIES[spec.penalty]
    mixed: dict[str, Any] = {name: spec.values("rho")[i] for name in kind.knobs() if name == "rho"}
    return kind(**mixed)


def _group(spec: TrainingSpec, key: str, rows: tuple[int, ...], penalised: Tensor, alive: Tensor) -> Group:
    index = list(rows)
    lr = _column([spec.values("lr")[i] for i in rows], penalised)
    if not bool(alive[index].all()):
        lr = torch.where(alive[index][:, None], lr, 0.0)
    lam = _column([spec.values("lam")[i] for i in rows], penalised)
    acts = bool((lam > 0.0).any())
    penalties = [penalty_of(spec, i) for i in rows]
    l1, l2 = (_share([getattr(each, name) for each in penalties], penalised) for name in ("l1", "l2"))
    pull = lam * l1 * penalised if acts and l1 is not None else None
    spring = 2.0 * lam * l2 * penalised if acts and l2 is not None else None
    treatment = spec.treatment if acts else "none"
    # AdamW is Adam with the decay beside it: it never takes the penalty into its gradient.
    if key == "adamw" and treatment == "subgradient":
        treatment = "decoupled"
    return Group(rows, rule_of(key, spec.options), _plain(lr), pull, spring, treatment)


def _column(values: list[float], like: Tensor) -> Tensor:
    return torch.tensor(values, dtype=torch.float64).to(like.dtype).to(like.device)[:, None]


def _share(values: list[float], like: Tensor) -> Tensor | float | None:
    """Return a penalty's coefficients: one number where all members have the same, None where all are 0."""
    if not any(values):
        return None
    return values[0] if len(set(values)) == 1 else _column(values, like)


def _plain(lr: Tensor) -> Tensor | float:
    """Return one number where all members have the same rate: it multiplies without a tensor of its own."""
    return float(lr[0, 0]) if bool((lr == lr[0]).all()) else lr

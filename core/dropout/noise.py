"""Dropout's noise in the gradients, how it grows with p, and how SGD, momentum and Adam bear it, each at its own best rate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core._validate import Floats
from core.specs.training import TrainingSpec
from core.studies.seeds import Effect, effect
from core.studies.study import Measure, Outcome, Part, Study

if TYPE_CHECKING:
    from core.training import TrainingState

RATES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
SEEDS = 8
PAIRS, ROWS = 12, 40
WHEN = ("at the start", "after training")


@dataclass(frozen=True)
class Noise:
    """What came of it. Axes: when (2: at the start, after training), p (10), seed (8).

    Attributes
    ----------
    p: (10,).
    masks: the cosine between the gradients of one batch under two masks.
    batches: the cosine between the gradients of two batches without dropout.
    noise: the variance of a batch's gradient over masks, over the square of the mean gradient's length.
    """

    p: Floats
    masks: Floats
    batches: Floats
    noise: Floats


@dataclass(frozen=True)
class GradientNoise(Study):
    """Gradients of one batch under many masks, at each network's own weights, before and after it was trained."""

    key: ClassVar[str] = "dropout_gradient_noise"
    data: str = "moons"

    def parts(self) -> tuple[Part, ...]:
        """Return one family: p x seed."""
        training = TrainingSpec(
            data=self.data,
            points=200,
            hidden=(16, 16),
            activation="tanh",
            dropout=tuple(np.repeat(RATES, SEEDS).tolist()),
            seed=tuple(range(SEEDS)) * len(RATES),
            lr=0.01,
            batch=20,
            epochs=100,
        )
        return (Part(training, (Measure("noise", 0, seconds=0.5), Measure("noise", training.epochs, seconds=0.5)), curves=()),)

    def measure(self, measure: Measure, state: TrainingState) -> dict[str, NDArray[Any]]:
        """Return cosines and variances."""
        from core.networks import dropping

        return dict(dropping.gradient_noise(state, PAIRS, ROWS))

    def conclude(self, outcomes: tuple[Outcome, ...]) -> Noise:
        """Return what was measured by time, p and seed."""
        found = [outcomes[0].measured(i) for i in range(2)]
        shape = (2, len(RATES), SEEDS)
        return Noise(np.array(RATES), **{name: np.stack([each[name] for each in found]).reshape(shape) for name in ("masks", "batches", "noise")})

    def table(self, result: Noise) -> list[str]:
        """Return means over seeds."""
        lines = []
        for when, name in enumerate(WHEN):
            lines.append(f"{name}: p, cosine under two masks, of two batches, variance over squared length")
            for i, p in enumerate(result.p):
                lines.append(
                    f"{p:5.2f} {result.masks[when, i].mean():7.3f} {result.batches[when, i].mean():7.3f} {np.median(result.noise[when, i]):9.3f}"
                )
        return lines


RULES = ("sgd", "momentum", "adam")
GRIDS = {
    "sgd": tuple(float(f"{rate:.3g}") for rate in np.geomspace(0.03, 10.0, 11)),
    "momentum": tuple(float(f"{rate:.3g}") for rate in np.geomspace(0.003, 1.0, 11)),
    "adam": tuple(float(f"{rate:.3g}") for rate in np.geomspace(0.0003, 0.3, 11)),
}
RULE_RATES = (0.0, 0.2, 0.4, 0.6)
RULE_SEEDS = 6


@dataclass(frozen=True)
class Rates:
    """What came of it. Axes: rule (3), p (4), rate (11), seed (6).

    Attributes
    ----------
    p: (4,).
    grids: (3, 11) the rates.
    train_loss, val_loss: the mean over the last quarter of the kept epochs, without dropout; infinite where a network diverged.
    """

    p: Floats
    grids: Floats
    train_loss: Floats
    val_loss: Floats

    @cached_property
    def best(self) -> dict[str, Best]:
        """How each loss judges the rules."""
        return {name: best_of(self.grids, getattr(self, name)) for name in ("train_loss", "val_loss")}


@dataclass(frozen=True)
class Best:
    """The best rate of each rule at each p. Axes: rule, p, then seed.

    Attributes
    ----------
    place: (3, 4) the rate with the lowest mean loss over seeds, its place in the grid.
    rate: (3, 4) the rate itself.
    own: (3, 4, 6) each seed's own best rate.
    loss: (3, 4, 6) the losses at ``rate``.
    """

    place: NDArray[np.int64]
    rate: Floats
    own: Floats
    loss: Floats

    def cost(self) -> Effect:
        """Return by how much the best loss of each rule lies above its own without dropout, equal seeds compared: (3, 4)."""
        return effect(self.loss - self.loss[:, :1])

    def against(self, rule: int) -> Effect:
        """Return by how much more dropout costs each rule than it costs ``rule``: (3, 4)."""
        cost = self.loss - self.loss[:, :1]
        return effect(cost - cost[rule])

    def move(self) -> Effect:
        """Return the decades by which each seed's best rate moves from its own without dropout: (3, 4)."""
        logs = np.log10(self.own)
        return effect(logs - logs[:, :1])


def best_of(grids: Floats, loss: Floats) -> Best:
    """Return the best rates for losses (rule, p, rate, seed)."""
    place = loss.mean(axis=3).argmin(axis=2)
    rules = np.arange(len(grids))
    chosen = np.take_along_axis(loss, place[:, :, None, None], axis=2)[:, :, 0]
    own = np.stack([grids[rule][loss[rule].argmin(axis=1)] for rule in rules])
    return Best(place, grids[rules[:, None], place], own, chosen)


@dataclass(frozen=True)
class RuleRates(Study):
    """Every rule at eleven rates, four p and six seeds, with as many gradients each."""

    key: ClassVar[str] = "dropout_rule_rates"
    seeds: ClassVar[int] = RULE_SEEDS
    data: str = "moons"

    def parts(self) -> tuple[Part, ...]:
        """Return a family a rule: p x rate x seed."""
        found = []
        for rule in RULES:
            grid = GRIDS[rule]
            training = TrainingSpec(
                data=self.data,
                points=200,
                hidden=(16, 16),
                activation="tanh",
                rule=rule,
                dropout=tuple(np.repeat(RULE_RATES, len(grid) * self.seeds).tolist()),
                lr=tuple(np.repeat(grid, self.seeds).tolist()) * len(RULE_RATES),
                seed=tuple(range(self.seeds)) * (len(RULE_RATES) * len(grid)),
                batch=20,
                epochs=80,
            )
            found.append(Part(training, every=5))
        return tuple(found)

    def conclude(self, outcomes: tuple[Outcome, ...]) -> Rates:
        """Return the losses of the last quarter by rule, p, rate and seed."""
        shape = (len(RULES), len(RULE_RATES), len(GRIDS["sgd"]), self.seeds)
        losses = {}
        for name in ("train_loss", "val_loss"):
            ends = np.stack([outcome.curves[name][:, outcome.epochs >= 0.75 * outcome.epochs[-1]].mean(axis=1) for outcome in outcomes])
            losses[name] = np.where(np.isfinite(ends), ends, np.inf).reshape(shape)
        return Rates(np.array(RULE_RATES), np.array([GRIDS[rule] for rule in RULES]), **losses)

    def table(self, result: Rates) -> list[str]:
        """Return the best rate and loss by rule and p."""
        lines = []
        for name, best in result.best.items():
            cost, move, against = best.cost(), best.move(), best.against(2)
            lines.append(f"{name}: p, best rate, loss, cost over p = 0, more than Adam's, decades by which the best rate moves")
            for r, rule in enumerate(RULES):
                for i, p in enumerate(result.p):
                    lines.append(
                        f"{rule:9} {p:4.1f} {best.rate[r, i]:8.3g} {best.loss[r, i].mean():7.4f} {cost.mean[r, i]:+7.4f}±{cost.half[r, i]:.4f} "
                        f"{against.mean[r, i]:+7.4f}±{against.half[r, i]:.4f} {move.mean[r, i]:+6.2f}±{move.half[r, i]:.2f}"
                    )
        return lines

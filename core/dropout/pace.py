"""How many steps training takes to a validation loss that is reached with and without dropout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from core._validate import Floats
from core.specs.training import TrainingSpec
from core.studies.seeds import Effect, effect
from core.studies.study import Outcome, Part, Study

RATES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
SEEDS = 10
LEARNING = (0.003, 0.01, 0.03)
EPOCHS = 90
TARGETS = 30


@dataclass(frozen=True)
class Steps:
    """What came of it. Axes: learning rate (3), p (6), seed (10).

    Attributes
    ----------
    p, lr: (6,) and (3,).
    batches: of an epoch.
    targets: (30,) validation losses, from one that every network reaches down to one that almost none does.
    steps: (3, 6, 10, targets) gradients until the loss is first at or below the target; NaN where it never is.
    least: (3, 6, 10) the lowest validation loss.
    """

    p: Floats
    lr: Floats
    batches: int
    targets: Floats
    steps: Floats
    least: Floats

    def best(self, target: int) -> tuple[Floats, Floats]:
        """Return (6, 10) the fewest steps over the learning rates, and (6,) how many of the seeds reach the target at no rate."""
        found = self.steps[..., target]
        there = np.where(np.isnan(found), np.inf, found).min(axis=0)
        return np.where(np.isfinite(there), there, np.nan), np.isinf(there).sum(axis=1).astype(np.float64)

    def more(self, target: int) -> Effect:
        """Return how many times as many steps dropout takes, as a difference of logarithms to base 2 between equal seeds: (6,)."""
        found, _ = self.best(target)
        return effect(np.log2(found) - np.log2(found[:1]))


@dataclass(frozen=True)
class Pace(Study):
    """One network at six p, three learning rates and ten seeds; each p and seed is given its best rate."""

    key: ClassVar[str] = "dropout_pace"
    rates: ClassVar[tuple[float, ...]] = RATES
    seeds: ClassVar[int] = SEEDS

    def parts(self) -> tuple[Part, ...]:
        """Return one family: rate x p x seed."""
        training = TrainingSpec(
            data="digits",
            split=0.2,
            hidden=(32,),
            activation="relu",
            dropout=tuple(np.repeat(self.rates, self.seeds).tolist()) * len(LEARNING),
            lr=tuple(np.repeat(LEARNING, len(self.rates) * self.seeds).tolist()),
            seed=tuple(range(self.seeds)) * (len(self.rates) * len(LEARNING)),
            batch=36,
            epochs=EPOCHS,
        )
        return (Part(training, curves=("val_loss",)),)

    def conclude(self, outcomes: tuple[Outcome, ...]) -> Steps:
        """Return the steps to each target."""
        (outcome,) = outcomes
        (part,) = self.parts()
        shape = (len(LEARNING), len(self.rates), self.seeds)
        curves = np.where(np.isfinite(outcome.curves["val_loss"]), outcome.curves["val_loss"], np.inf)
        least = curves.min(axis=1).reshape(shape)
        reached = least.min(axis=0)
        targets = np.geomspace(1.5 * reached.max(), 0.97 * reached.min(), TARGETS)
        hits = curves[:, :, None] <= targets
        first = hits.argmax(axis=1).astype(np.float64)
        batches = -(-part.training.rows // part.training.batch)
        steps = np.where(hits.any(axis=1), outcome.epochs[first.astype(int)] * batches, np.nan).reshape(*shape, TARGETS)
        return Steps(np.array(self.rates), np.array(LEARNING), batches, targets, steps, least)

    def table(self, result: Steps) -> list[str]:
        """Return steps, and how many times as many, at a few targets."""
        lines = ["lowest losses by p: " + " ".join(f"{each:.4f}" for each in result.least.min(axis=0).mean(axis=1))]
        for target in range(0, TARGETS, 4):
            found, never = result.best(target)
            more = result.more(target)
            middle = [f"{np.nanmedian(row):.0f}" if np.isfinite(row).any() else "-" for row in found]
            lines.append(
                f"{result.targets[target]:.4f} steps {' '.join(middle)}  never {' '.join(f'{each:.0f}' for each in never)}  doublings "
                + " ".join(f"{mean:+.2f}±{half:.2f}" for mean, half in zip(more.mean, more.half, strict=True))
            )
        return lines

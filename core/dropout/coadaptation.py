"""Do units lean on each other less with dropout? Correlations of hidden units and the loss of one unit, over p and seeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from core._validate import Floats
from core.specs.training import TrainingSpec
from core.studies.seeds import Effect, effect
from core.studies.study import Measure, Outcome, Part, Study

if TYPE_CHECKING:
    from core.training import TrainingState

RATES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7)
SEEDS = 8
WIDTHS = (16, 8, 32, 64)
"""The first is what pages show until another one has been measured."""


@dataclass(frozen=True)
class Leaning:
    """What came of it. Axes: p (6), seed (8).

    Attributes
    ----------
    width: hidden units.
    p: (6,).
    agreement: (6, 8) mean absolute correlation of two hidden units.
    rise, worst: (6, 8) by how much the training loss rises when one unit is removed, on average over units and at most.
    loss: (6, 8) the training loss without dropout.
    """

    width: int
    p: Floats
    agreement: Floats
    rise: Floats
    worst: Floats
    loss: Floats

    def of(self, name: str) -> Effect:
        """Return how a quantity differs from the same seed's without dropout, for each p."""
        values: Floats = getattr(self, name)
        return effect(values - values[:1])


@dataclass(frozen=True)
class CoAdaptation(Study):
    """Networks of one hidden layer at six p and eight seeds."""

    key: ClassVar[str] = "dropout_coadaptation"
    width: int = 16
    data: str = "moons"

    def parts(self) -> tuple[Part, ...]:
        """Return one family: p x seed."""
        training = TrainingSpec(
            data=self.data,
            points=200,
            hidden=(self.width,),
            activation="relu",
            dropout=tuple(np.repeat(RATES, SEEDS).tolist()),
            seed=tuple(range(SEEDS)) * len(RATES),
            lr=0.01,
            batch=20,
            epochs=150,
        )
        return (Part(training, (Measure("units", training.epochs, seconds=0.3),), curves=()),)

    def measure(self, measure: Measure, state: TrainingState) -> dict[str, NDArray[Any]]:
        """Return agreement and rises."""
        from core.networks import dropping

        loss, rise, worst = dropping.missed(state)
        return {"agreement": dropping.agreement(state), "rise": rise, "worst": worst, "loss": loss}

    def conclude(self, outcomes: tuple[Outcome, ...]) -> Leaning:
        """Return what was measured by p and seed."""
        found = outcomes[0].measured(0)
        shape = (len(RATES), SEEDS)
        return Leaning(self.width, np.array(RATES), **{name: np.array(found[name]).reshape(shape) for name in ("agreement", "rise", "worst", "loss")})

    def table(self, result: Leaning) -> list[str]:
        """Return p, agreement, rise and their effects."""
        lines = [f"{'p':>5} {'agreement':>10} {'effect':>16} {'rise':>9} {'effect':>18} {'worst':>9} {'loss':>8}"]
        a, r = result.of("agreement"), result.of("rise")
        for i, p in enumerate(result.p):
            lines.append(
                f"{p:5.2f} {result.agreement[i].mean():10.3f} {a.mean[i]:+8.3f}±{a.half[i]:.3f} {result.rise[i].mean():9.4f} "
                f"{r.mean[i]:+9.4f}±{r.half[i]:.4f} {result.worst[i].mean():9.3f} {result.loss[i].mean():8.4f}"
            )
        return lines

    @classmethod
    def shipped(cls) -> tuple[Self, ...]:
        """Return all widths."""
        return tuple(cls(width) for width in WIDTHS)

"""Studies for tests of how studies are computed; over real networks, or over the engine's stand-in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.specs.training import TrainingSpec
from core.studies.study import AdaptiveStudy, Measure, Outcome, Part, Study


@dataclass(frozen=True)
class Ages(Study):
    """Two families; what is measured is which epoch it is and what has become of the weights, as far as a sum tells."""

    key = "ages"
    seeds: tuple[int, ...] = (0, 1, 2)
    epochs: int = 30
    data_seed: int = 0
    nap: float = 1.0

    def parts(self) -> tuple[Part, ...]:
        family = TrainingSpec(points=40, hidden=(4,), seed=self.seeds, epochs=self.epochs, data_seed=self.data_seed, init_scale=self.nap)
        measures = (
            Measure("age", self.epochs),
            Measure("age", 0),
            Measure("age", self.epochs // 2, members=(1,), options=(("times", 2.0),)),
        )
        return Part(family, measures, curves=("train_loss",), every=7), Part(family.replace(lr=0.02), measures[:1], curves=("train_loss",))

    def measure(self, measure: Measure, state: Any) -> dict[str, NDArray[Any]]:
        digest = state.weights.double().sum(1).numpy() if hasattr(state, "weights") else np.array([int(state.hash[:8], 16)])
        members = list(measure.members) or list(range(len(digest)))
        return {"age": np.array([state.epoch * measure.option("times", 1.0)]), "digest": digest[members] if len(digest) > 1 else digest}

    def conclude(self, outcomes: tuple[Outcome, ...]) -> float:
        return float(sum(outcome.measured(0)["age"][0] for outcome in outcomes))


@dataclass(frozen=True)
class Halving(AdaptiveStudy):
    """Lanes of families whose rate follows from the last loss before: what comes next depends on what has been found."""

    key = "halving"
    rounds: int = 3
    data_seed: int = 0
    nap: float = 1.0

    @property
    def lanes(self) -> int:
        return 2

    def following(self, lane: int, before: tuple[Outcome, ...]) -> Part | None:
        if len(before) == self.rounds:
            return None
        lr = 0.01 * (1 + lane + 3 * len(before)) * (1.0 if not before else 0.5 + float(np.mean(before[-1].curves["train_loss"][:, -1])))
        family = TrainingSpec(points=40, hidden=(4,), seed=(0, 1), epochs=6, lr=lr, data_seed=self.data_seed, init_scale=self.nap)
        return Part(family, curves=("train_loss",), every=6, note=f"{lane} {len(before)}")

    def share(self, before: tuple[Outcome, ...]) -> float:
        return len(before) / self.rounds

    def conclude(self, outcomes: tuple[Outcome, ...]) -> list[str]:
        return [outcome.note for outcome in outcomes]


STUDIES = (Ages, Halving)

"""Ensembles of trained networks: all 2^N thinned networks enumerated, for N of 1 to 12 and every p of the lab."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core._validate import Floats
from core.dropout.ensemble import SAMPLES
from core.specs.dropout import rates
from core.specs.training import TrainingSpec
from core.studies.study import Measure, Outcome, Part, Study

if TYPE_CHECKING:
    from core.training import TrainingState

MOST = 12
KINDS = ("linear", "one", "two")
"""Two layers of linear units, one of tanh, two of tanh; all their hidden units are dropped."""


@dataclass(frozen=True)
class Ensembles:
    """What came of it. Axes: kind (3), N (12), p (39).

    Attributes
    ----------
    p: (39,).
    average_gap: the mean distance, over validation points, between the true average of the probabilities and the network with scaled weights.
    logit_gap: the same between the average logit and that network's.
    misread_gap: the same as the first, where weights are scaled by the probability of dropping instead of keeping.
    losses: (..., 3) of the true average, of the geometric one, of the scaled network.
    point: (..., 5) at the point where they differ most: average, geometric average, scaled, misread, deviation over masks.
    histogram: (..., bins) how probable each probability is there.
    running: (..., samples) Monte Carlo averages there.
    """

    p: Floats
    average_gap: Floats
    logit_gap: Floats
    misread_gap: Floats
    losses: Floats
    point: Floats
    histogram: Floats
    running: Floats

    @property
    def error(self) -> Floats:
        """(..., samples) the standard error of the Monte Carlo averages: the deviation over masks by the root of their number."""
        bar: Floats = self.point[..., 4:] / np.sqrt(np.array(SAMPLES))
        return bar


@dataclass(frozen=True)
class Thinning(Study):
    """Small networks on the moons, trained with each p; then every mask is enumerated."""

    key: ClassVar[str] = "dropout_ensembles"
    seed: int = 0

    def parts(self) -> tuple[Part, ...]:
        """Return a family over p for each kind and N."""
        found = []
        for kind in KINDS:
            for n in range(1, MOST + 1):
                training = TrainingSpec(
                    data="moons",
                    points=100,
                    noise=0.2,
                    hidden=(n,) if kind == "one" or n == 1 else ((n + 1) // 2, n // 2),
                    activation="linear" if kind == "linear" else "tanh",
                    dropout=tuple(rates().tolist()),
                    seed=self.seed,
                    lr=0.03,
                    epochs=250,
                    precision="float64",
                )
                found.append(Part(training, (Measure("ensembles", training.epochs, seconds=0.2 + 0.6 * 2.0 ** (n - MOST)),), curves=()))
        return tuple(found)

    def measure(self, measure: Measure, state: TrainingState) -> dict[str, NDArray[Any]]:
        """Return what all thinned networks say; what is only drawn, in as many digits as are drawn."""
        from core.networks import dropping

        found: dict[str, NDArray[Any]] = dict(dropping.ensembles(state))
        for name in ("histogram", "running"):
            found[name] = np.round(65535.0 * found[name]).astype(np.uint16)
        # A gap of rounding is 1e-16, which single precision holds.
        return {name: values if values.dtype == np.uint16 else values.astype(np.float32) for name, values in found.items()}

    def conclude(self, outcomes: tuple[Outcome, ...]) -> Ensembles:
        """Return everything by kind, N and p."""
        found = [outcome.measured(0) for outcome in outcomes]
        names = ("average_gap", "logit_gap", "misread_gap", "losses", "point", "histogram", "running")
        columns = {}
        for name in names:
            stacked = np.stack([np.asarray(each[name], dtype=np.float64) / (65535.0 if each[name].dtype == np.uint16 else 1.0) for each in found])
            columns[name] = stacked.reshape(len(KINDS), MOST, *stacked.shape[1:])
        return Ensembles(rates(), **columns)

    def table(self, result: Ensembles) -> list[str]:
        """Return the gaps at a few p and N."""
        lines = ["kind, N, p, probability gap, logit gap, misread gap, losses"]
        for k, kind in enumerate(KINDS):
            for n in (1, 4, 8, 12):
                for i in (4, 12, 20, 28):
                    gaps = (result.average_gap, result.logit_gap, result.misread_gap)
                    said = " ".join(f"{gap[k, n - 1, i]:.2e}" for gap in gaps)
                    lines.append(f"{kind:6} {n:3} {result.p[i]:.2f} {said}  " + " ".join(f"{loss:.4f}" for loss in result.losses[k, n - 1, i]))
        return lines

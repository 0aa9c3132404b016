"""The same function, another sharpness: one ReLU layer scaled up and the next one down, and a layer before batch normalisation scaled alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core._validate import Floats
from core.flatness.choices import FACTORS
from core.flatness.families import EPSILON, RADIUS
from core.flatness.ground import Ground
from core.specs.training import TrainingSpec
from core.studies.study import Measure, Outcome, Part

if TYPE_CHECKING:
    from core.training import TrainingState

NUMBERS = ("top", "bottom", "top_residual", "trace", "sam", "keskar", "filter", "filter_top", "norm", "loss", "differs")
NORMED = ("top", "filter", "filter_top", "block", "deviation", "pull", "norm", "loss", "differs")
POINTS = 61
_AT_ONCE = 7


@dataclass(frozen=True)
class FlatRescaling(Ground):
    """Two networks, one with ReLU and one with batch normalisation, at their minima and scaled from there.

    Parameters
    ----------
    epochs, seed, lam:
        Of the training.
    """

    key: ClassVar[str] = "flat_rescaling"

    activation: str = "relu"
    epochs: int = 600
    seed: int = 0
    lam: float = 1e-3

    def parts(self) -> tuple[Part, ...]:
        """Return the network with ReLU, and the one with batch normalisation besides."""
        common: dict[str, Any] = {**self.common(), "epochs": self.epochs, "seed": self.seed, "lam": self.lam}
        groups = [tuple(range(i, min(i + _AT_ONCE, len(FACTORS)))) for i in range(0, len(FACTORS), _AT_ONCE)]
        plain, normed = (
            tuple(Measure(what, self.epochs, (0,), (("which", group),), each * len(group)) for group in groups)
            for what, each in (("relu", 0.1), ("norm", 0.12))
        )
        return (
            Part(TrainingSpec(**common), plain, every=self.epochs),
            Part(TrainingSpec(**common, batch_norm=True), normed, every=self.epochs),
        )

    def measure(self, measure: Measure, state: TrainingState) -> dict[str, NDArray[Any]]:
        """Return the numbers (m, names) for some of the factors, and of the ReLU network two slices (m, POINTS) besides."""
        from core.curvature.networks import scaling

        factors = [FACTORS[i] for i in measure.option("which")]
        if measure.what == "relu":
            return scaling.of_relu(state, factors, RADIUS, EPSILON, NUMBERS, POINTS, self.draw)
        return scaling.of_norm(state, factors, NORMED)

    def conclude(self, outcomes: tuple[Outcome, ...]) -> Rescaling:
        """Return the two families over the factors."""
        parts = self.parts()
        found = [[outcome.measured(i) for i in range(len(part.measures))] for part, outcome in zip(parts, outcomes, strict=True)]

        def joined(which: int, name: str) -> Floats:
            whole: Floats = np.concatenate([np.asarray(each[name], dtype=np.float64) for each in found[which]])
            return whole

        relu, norm = joined(0, "numbers"), joined(1, "numbers")
        return Rescaling(
            self,
            {name: relu[:, i] for i, name in enumerate(NUMBERS)},
            {name: norm[:, i] for i, name in enumerate(NORMED)},
            joined(0, "raw"),
            joined(0, "normalised"),
        )

    def table(self, result: Rescaling) -> list[str]:
        """Return lines for a few factors."""
        lines = [f"{'a':>8}" + "".join(f"{name:>14}" for name in NUMBERS)]
        for i in (0, 10, 20, 30, 37, 40):
            lines.append(f"{FACTORS[i]:>8g}" + "".join(f"{result.relu[name][i]:>14.5g}" for name in NUMBERS))
        lines.append(f"{'c':>8}" + "".join(f"{name:>14}" for name in NORMED))
        for i in (0, 10, 20, 30, 40):
            lines.append(f"{FACTORS[i]:>8g}" + "".join(f"{result.norm[name][i]:>14.5g}" for name in NORMED))
        return lines


@dataclass(frozen=True, eq=False)
class Rescaling:
    """What was measured over the 41 factors.

    Attributes
    ----------
    study:
        The settings.
    relu:
        `NUMBERS` -> (41,): one layer and its biases times a, the next layer's weights over it.
    norm:
        `NORMED` -> (41,): all weights before a norm times c. ``block`` is the largest eigenvalue of their own part of the Hessian, ``deviation`` how
        far that part is from 1/c^2 of what it was, ``pull`` the gradient's component along the weights.
    raw, normalised:
        (41, POINTS) the loss of the ReLU network along one direction, from -1 to 1: as it was filter-normalised for the trained network, and anew.
    """

    study: FlatRescaling
    relu: dict[str, Floats]
    norm: dict[str, Floats]
    raw: Floats
    normalised: Floats

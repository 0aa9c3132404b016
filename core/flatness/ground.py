"""What the lab's studies share: the data and the networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.studies.study import Study


@dataclass(frozen=True)
class Ground(Study):
    """A study on small networks with two hidden layers of as many units, a third of the points to train on, two thirds unseen.

    Parameters
    ----------
    data, noise, points, draw:
        The data set, the standard deviation of what is added to its inputs, how many points are drawn, and which draw.
    units, activation:
        Of the hidden layers.
    lr:
        Adam's learning rate.
    """

    data: str = "moons"
    noise: float = 0.3
    points: int = 300
    draw: int = 0
    units: int = 16
    activation: str = "tanh"
    lr: float = 0.01

    def common(self) -> dict[str, Any]:
        """Return the fields of a `TrainingSpec` that all families of the study share."""
        return {
            "data": self.data,
            "noise": self.noise,
            "points": self.points,
            "split": 1 / 3,
            "data_seed": self.draw,
            "hidden": (self.units, self.units),
            "activation": self.activation,
            "lr": self.lr,
            "rule": "adam",
            "device": "cpu",
        }

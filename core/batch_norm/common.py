"""What the studies of this lab share: the networks that they train, pairs from equal seeds, and how a difference over seeds is told."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core._validate import Bools, Floats
from core.datasets import DATASETS
from core.specs.training import TrainingSpec
from core.studies.study import Outcome, Study

PLAIN, NORMED = 0, 1
"""Places of the two networks of a pair: without and with batch normalisation."""

LEARNT = 0.5
"""A network has trained where its last training loss is below this share of what knowing nothing costs."""

POINTS = 200
"""Points of synthetic data, both parts together."""


@dataclass(frozen=True)
class Networks(Study):
    """A study whose networks are those that the page describes.

    Parameters
    ----------
    data, draw, noise:
        The data, the seed of draw and split, and the noise on each input of synthetic data.
    activation, layers, width:
        What follows each hidden layer, how many there are, and units in each.
    rule, batch, place:
        The update rule, points a batch (0: all), and where the norm stands ("before" or "after" the activation).
    epochs, seeds:
        Passes over the data, and how many initial networks there are of each kind.
    """

    data: str = "breast_cancer"
    draw: int = 0
    noise: float = 0.3
    activation: str = "relu"
    layers: int = 4
    width: int = 16
    rule: str = "sgd"
    batch: int = 32
    place: str = "before"
    epochs: int = 30
    seeds: int = 6

    def family(self, **axes: Any) -> TrainingSpec:  # noqa: ANN401 - fields of several types
        """Return the networks that are trained; ``axes`` are fields of `TrainingSpec`."""
        described: dict[str, Any] = {
            "data": self.data,
            "points": POINTS,
            "data_seed": self.draw,
            "noise": self.noise if DATASETS[self.data].synthetic else 0.0,
            "activation": self.activation,
            "hidden": (self.width,) * self.layers,
            "rule": self.rule,
            "batch": self.batch,
            "norm_place": self.place,
            "epochs": self.epochs,
        }
        return TrainingSpec(**(described | axes))

    @property
    def ignorance(self) -> float:
        """The loss of a network that knows nothing but how often each answer is right, all being equally frequent."""
        return DATASETS[self.data].ignorance


def grid(**axes: Sequence[Any]) -> dict[str, tuple[Any, ...]]:
    """Return every combination of the axes' values as tuples for a family, the last axis fastest."""
    combinations = itertools.product(*axes.values())
    return dict(zip(axes, zip(*combinations, strict=True), strict=True))


def last(curves: Floats) -> Floats:
    """Return the last values (...) of curves (..., n); infinite where a network has diverged."""
    ends = np.asarray(curves, dtype=np.float64)[..., -1]
    return np.where(np.isfinite(ends), ends, np.inf)


def curve(outcome: Outcome, name: str, *shape: int) -> Floats:
    """Return a curve (..., n) of a part whose members are a grid of this shape."""
    values = np.asarray(outcome.curves[name], dtype=np.float64)
    return values.reshape(*shape, values.shape[-1])


def edge(trains: Bools, rates: Floats, highest: bool) -> Floats:
    """Return the largest or smallest of the rates (r,) at which networks (r, ...) train; NaN where they do at none."""
    column = np.reshape(rates, (-1, *([1] * (trains.ndim - 1))))
    found: Floats = np.where(trains, column, -np.inf).max(axis=0) if highest else np.where(trains, column, np.inf).min(axis=0)
    return np.where(np.isfinite(found), found, np.nan)

"""What studies tell is told over seeds: a quantity with its spread, and an effect as a mean difference with its 95 % interval.

Intervals are Student's: with few seeds two standard errors are not enough.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import stdtrit

from core._validate import Floats


@dataclass(frozen=True)
class Effect:
    """Differences between equal seeds: their mean (...), half the width of its 95 % interval, and how many seeds there are of each."""

    mean: Floats
    half: Floats
    seeds: int

    @property
    def sign(self) -> Floats:
        """(...) 1 or -1 where the whole interval lies on one side of 0, else 0."""
        clear: Floats = np.where(np.abs(self.mean) > self.half, np.sign(self.mean), 0.0)
        return clear


def effect(differences: Floats) -> Effect:
    """Return the effect of differences (..., seeds), Student's interval; seeds that are NaN are left out of their mean."""
    there = np.isfinite(differences)
    n = there.sum(axis=-1)
    some = np.maximum(n, 1)
    mean = np.where(there, differences, 0.0).sum(axis=-1) / some
    around = np.where(there, differences - mean[..., None], 0.0)
    deviation = np.sqrt((around**2).sum(axis=-1) / np.maximum(n - 1, 1))
    half = _quantile(n) * deviation / np.sqrt(some)
    return Effect(np.where(n > 0, mean, np.nan), np.where(n > 1, half, np.inf), differences.shape[-1])


@dataclass(frozen=True)
class Spread:
    """A quantity over seeds.

    Attributes
    ----------
    values:
        (s,) finite ones alone.
    of:
        How many seeds there were.
    """

    values: Floats
    of: int

    @property
    def mean(self) -> float:
        """The mean; NaN of none."""
        return float(self.values.mean()) if self.values.size else math.nan

    @property
    def error(self) -> float:
        """The standard error of the mean; NaN of fewer than two."""
        return float(self.values.std(ddof=1) / self.values.size**0.5) if self.values.size > 1 else math.nan

    @property
    def median(self) -> float:
        """The median; NaN of none."""
        return float(np.median(self.values)) if self.values.size else math.nan

    @property
    def low(self) -> float:
        """The smallest; NaN of none."""
        return float(self.values.min()) if self.values.size else math.nan

    @property
    def high(self) -> float:
        """The largest; NaN of none."""
        return float(self.values.max()) if self.values.size else math.nan

    @property
    def above(self) -> int:
        """How many are above 0."""
        return int((self.values > 0.0).sum())

    @property
    def sure(self) -> bool:
        """Whether 0 lies outside the 95 % interval of the mean, by Student's t: a difference that is told as one."""
        return self.values.size > 1 and bool(abs(self.mean) > _quantile(self.values.size) * self.error)


def spread(values: Floats) -> Spread:
    """Return the spread of values (s,); what is not finite, such as a diverged network's, is left out and counted in ``of``."""
    values = np.asarray(values, dtype=np.float64).ravel()
    return Spread(values[np.isfinite(values)], values.size)


def _quantile(n: Any) -> Any:  # noqa: ANN401 - a number for a number, an array for an array
    """Return the 97.5 % quantile of Student's t for the mean of n values."""
    return stdtrit(np.maximum(np.asarray(n) - 1, 1), 0.975)

"""Effects are differences over seeds: their mean and its 95 % interval, and in words whether there is one."""

from __future__ import annotations

from dataclasses import dataclass

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
    half = stdtrit(np.maximum(n - 1, 1), 0.975) * deviation / np.sqrt(some)
    return Effect(np.where(n > 0, mean, np.nan), np.where(n > 1, half, np.inf), differences.shape[-1])

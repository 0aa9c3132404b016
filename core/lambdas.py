"""The lambdas that a surface's scrub runs through: from no penalty to one that decides."""

from __future__ import annotations

import numpy as np

from core._validate import Floats
from core.penalties import Penalty
from core.surfaces import Surface

# Of the free minimum's penalty: where the penalty has decided. L1 has when the last weight is zero, L2 never quite.
_NEAR_L1, _NEAR_L2 = 0.01, 0.05
_DIGITS = (1.0, 2.0, 5.0)
STRONGEST = 1e15
"""No lambda of a scrub is larger."""
_FAR = 1e12  # the largest of an axis as it is first made; the story of a surface's minima may make it a hundred times as long


def lambda_axis(surface: Surface, penalty: Penalty, members: int = 31) -> Floats:
    """Return (members,) lambdas from 0 up, spaced quadratically so that small ones are not crowded out.

    The largest is the least of 1, 2, 5, 10, ... (times a power of ten) that leaves the lowest point of the window almost nothing of the penalty that
    the free one has. Where the free lowest point is at the origin already there is nothing to move; the penalty then goes up to three times what the
    loss rises to in the middle of the window.
    """
    ticks = [np.linspace(low, high, 121) for low, high in surface.bounds]
    grid = np.stack(np.meshgrid(*ticks), axis=-1).reshape(-1, 2)
    height, cost = surface.value(grid), penalty.value(grid)
    if surface.partial:
        # In a hole there is nothing to weigh a penalty against.
        there = np.isfinite(height)
        height, cost = height[there], cost[there]
    middle = float(np.median(cost))
    free = float(cost[height.argmin()])
    near = _NEAR_L1 if penalty.l1 > 0.0 else _NEAR_L2
    if not np.ptp(height) > 0.0:
        # Level ground: any penalty decides.
        return _spaced(1.0, members)
    if free <= near * middle:
        return _spaced(_tidy(3.0 * float(np.median(height) - height.min()) / middle), members)
    # No lambda beyond this leaves anything: the loss cannot pay for more.
    most = _tidy(float(np.ptp(height)) / (near * free))
    tried = [digit * 10.0**power for power in range(int(np.floor(np.log10(most))) - 7, int(np.floor(np.log10(most))) + 1) for digit in _DIGITS]
    enough = next((lam for lam in tried if cost[(height + lam * cost).argmin()] <= near * free), most)
    return _spaced(enough, members)


def member_at(axis: Floats, lam: float) -> int:
    """Return the index of the member nearest to a lambda."""
    return int(np.abs(axis - lam).argmin())


def _tidy(value: float) -> float:
    """Return the next number up that is 1, 2 or 5 times a power of ten."""
    size = 10.0 ** np.floor(np.log10(value))
    return next((float(digit * size) for digit in _DIGITS if digit * size >= value), float(10.0 * size))


def _spaced(most: float, members: int) -> Floats:
    spaced: Floats = min(most, _FAR) * np.linspace(0.0, 1.0, members) ** 2
    return spaced

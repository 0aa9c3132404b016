"""Parts of figures: all minima at once. In: Minima. Out: one mark of small crosses, and a curve a branch over lambda."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.figures.scene import Mark
from core.minima import Minima

Floats = NDArray[np.float64]


def outside(bounds: Floats) -> Floats:
    """Return a point (2,) far out of every window: where what does not exist is put."""
    away: Floats = bounds[:, 1] + 100.0 * np.ptp(bounds, axis=1)
    return away


def minima_mark(minima: Minima, bounds: Floats, ink: str = "loss", still: bool = False) -> Mark:
    """Return crosses at every minimum that exists, moving with the axis "lam"; ``still`` those of the first member."""
    w = np.where(minima.exists[..., None], minima.w, outside(bounds))
    reach = 0.014 * np.ptp(bounds, axis=1).max()
    arms = reach * np.array([[-1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [1.0, -1.0]])
    crosses = (w[:, :, None] + arms).reshape(len(w), -1, 2)
    return Mark("segments", crosses[0] if still else crosses, ink, "minima", axes=() if still else ("lam",), width=2.4)


def branch_runs(exists: NDArray[np.bool_]) -> list[slice]:
    """Return the unbroken runs of members at which a branch exists."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], exists, [False]]).astype(np.int8)))
    return [slice(int(first), int(last)) for first, last in zip(edges[::2], edges[1::2], strict=True)]

"""Rank correlations, and how far they can be trusted: intervals from drawing the seeds again.

Resampling a crowd means counting some members twice and others not at all, so every resample is a vector of weights, and all of them together are
products of matrices: no sorting, and 500 resamples of a hundred networks take milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core._validate import Floats

RESAMPLES = 500
FEWEST = 5
"""Of fewer members no rank correlation is told."""


@dataclass(frozen=True)
class Ranked:
    """How two rankings of the same members agree; NaN where there are too few members or one ranking is all ties.

    Attributes
    ----------
    spearman, low, high:
        Spearman's rank correlation, and the middle 95 % of it over resampled seeds.
    kendall:
        Kendall's tau-b.
    members:
        How many were ranked.
    """

    spearman: float
    low: float
    high: float
    kendall: float
    members: int


def ranked(x: Floats, y: Floats, seeds: NDArray[np.int64]) -> Ranked:
    """Return the rank correlations of x and y (n,), leaving out members that have none of either.

    Parameters
    ----------
    x, y:
        (n,) what is ranked; NaN for members that are left out.
    seeds:
        (n,) the seed of each member: resamples draw seeds, with all members that share one, since those are not independent of each other.
    """
    kept = np.isfinite(x) & np.isfinite(y)
    x, y, seeds = x[kept], y[kept], seeds[kept]
    if len(x) < FEWEST:
        return Ranked(np.nan, np.nan, np.nan, np.nan, len(x))
    above_x, above_y = _order(x), _order(y)
    names, place = np.unique(seeds, return_inverse=True)
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((len(names), 11))))
    drawn = rng.multinomial(len(names), np.full(len(names), 1.0 / len(names)), size=RESAMPLES)[:, place].astype(np.float64)
    found = _spearman(np.concatenate([np.ones((1, len(x))), drawn]), above_x, above_y)
    spread = found[1:][np.isfinite(found[1:])]
    # One seed alone tells nothing of how far seeds differ.
    low, high = np.quantile(spread, (0.025, 0.975)) if len(names) > 1 and len(spread) else (np.nan, np.nan)
    return Ranked(float(found[0]), float(low), float(high), _kendall(above_x, above_y), len(x))


def spearman(x: Floats, y: Floats) -> float:
    """Return Spearman's rank correlation of x and y (n,) alone, leaving out members that have none of either; NaN of too few or of ties alone."""
    kept = np.isfinite(x) & np.isfinite(y)
    if kept.sum() < FEWEST:
        return float("nan")
    return float(_spearman(np.ones((1, int(kept.sum()))), _order(x[kept]), _order(y[kept]))[0])


def _order(x: Floats) -> Floats:
    """Return (n, n): 1 where i stands above j, 1/2 where they tie, 0 below; rows sum to the midrank."""
    order: Floats = 0.5 * (np.sign(x[:, None] - x[None, :]) + 1.0)
    return order


def _spearman(weights: Floats, above_x: Floats, above_y: Floats) -> Floats:
    """Return Spearman's correlation (r,) of members counted ``weights`` (r, n) times: Pearson's, of the ranks within each resample."""
    total = weights.sum(axis=1, keepdims=True)
    ranks = [weights @ above.T for above in (above_x, above_y)]
    away = [rank - (weights * rank).sum(axis=1, keepdims=True) / total for rank in ranks]
    both, one, other = ((weights * a * b).sum(axis=1) for a, b in ((away[0], away[1]), (away[0], away[0]), (away[1], away[1])))
    scale = np.sqrt(one * other)
    found: Floats = np.where(scale > 1e-9 * np.maximum(total[:, 0], 1.0), both / np.where(scale > 0.0, scale, 1.0), np.nan)
    return found


def _kendall(above_x: Floats, above_y: Floats) -> float:
    x, y = 2.0 * above_x - 1.0, 2.0 * above_y - 1.0
    scale = np.sqrt((x * x).sum() * (y * y).sum())
    return float((x * y).sum() / scale) if scale > 0.0 else float("nan")

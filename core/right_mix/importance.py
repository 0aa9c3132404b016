"""Which settings matter: the share of the spread of the losses that each setting explains alone, from trials that were drawn at random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from core._validate import Floats
from core.right_mix.search import SearchResult
from core.right_mix.settings import SETTINGS, SPACES

Ints = NDArray[np.int64]

BINS = 6
RESAMPLES, SEED = 400, 0


@dataclass(frozen=True)
class Importance:
    """Shares of the spread.

    Attributes
    ----------
    keys:
        The settings that were searched.
    share:
        (d,) the share that each explains alone, by ranks of the losses; at least 0.
    low, high:
        (d,) its 95 % interval, from resampled trials.
    trials:
        How many there were.
    """

    keys: tuple[str, ...]
    share: Floats
    low: Floats
    high: Floats
    trials: int

    @property
    def rest(self) -> float:
        """The share that no setting explains alone: settings together, and luck."""
        return max(0.0, 1.0 - float(self.share.sum()))


def importance(result: SearchResult) -> Importance | None:
    """Return which settings matter, from the trials of the random searches: those alone are drawn evenly; None where there are too few.

    The share is epsilon squared (Kelley 1935), the correlation ratio less what chance alone explains, of a setting's values in at most six bins,
    on ranks, which a few diverged networks do not rule.
    """
    keys = SPACES[result.study.space]
    trials = [trial for lane in result.lanes if lane.method == "random" for trial in lane.trials]
    if len(trials) < 4 * BINS:
        return None
    losses = np.array([result.study.worth(trial.losses) for trial in trials])
    names = list(SETTINGS)
    bins = {key: binned([trial.place[names.index(key)] for trial in trials], len(SETTINGS[key].values)) for key in keys}
    share = np.array([float(explained(bins[key], losses)) for key in keys])
    rng = np.random.default_rng(SEED)
    chosen = rng.integers(len(trials), size=(RESAMPLES, len(trials)))
    again = np.stack([explained(bins[key][chosen], losses[chosen]) for key in keys], axis=1)
    # Resampled trials repeat themselves and so explain too much by chance; the interval is reflected about the estimate.
    low, high = np.quantile(again, (0.025, 0.975), axis=0)
    return Importance(keys, np.maximum(share, 0.0), np.clip(2.0 * share - high, 0.0, 1.0), np.clip(2.0 * share - low, 0.0, 1.0), len(trials))


def binned(places: Sequence[int], size: int) -> Ints:
    """Return (n,) the bin of each place on a grid of ``size`` values, at most `BINS` of them, as even as they can be."""
    bins = min(BINS, size)
    return (np.asarray(places, dtype=np.int64) * bins) // size


def explained(group: Ints, values: Floats) -> Floats:
    """Return epsilon squared (...): the part of the variance of ranks of values (..., n) that lies between groups (..., n), less chance."""
    ranks = rankdata(values, axis=-1)
    centred = ranks - ranks.mean(axis=-1, keepdims=True)
    total = (centred**2).sum(axis=-1)
    member = group[..., None] == np.arange(BINS)
    counts = member.sum(axis=-2)
    sums = np.einsum("...ng,...n->...g", member, centred)
    within = total - (sums**2 / np.maximum(counts, 1)).sum(axis=-1)
    n, k = ranks.shape[-1], (counts > 0).sum(axis=-1)
    told = (total > 0.0) & (k > 1) & (n > k)
    found: Floats = np.where(told, 1.0 - (within / np.maximum(n - k, 1)) / (np.where(told, total, 1.0) / (n - 1)), 0.0)
    return found

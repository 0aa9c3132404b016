"""Which settings matter: the share of the spread of the losses that each setting explains alone, from trials that were drawn at random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from core._validate import Floats
from core.right_mix.search import SearchResult
from core.right_mix.settings import SETTINGS, SPACES

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
    share = np.array([explained(bins[key], losses) for key in keys])
    rng = np.random.default_rng(SEED)
    chosen = rng.integers(len(trials), size=(RESAMPLES, len(trials)))
    again = np.array([[explained(bins[key][some], losses[some]) for key in keys] for some in chosen])
    # Resampled trials repeat themselves and so explain too much by chance; the interval is reflected about the estimate.
    low, high = np.quantile(again, (0.025, 0.975), axis=0)
    return Importance(keys, np.maximum(share, 0.0), np.clip(2.0 * share - high, 0.0, 1.0), np.clip(2.0 * share - low, 0.0, 1.0), len(trials))


def binned(places: Sequence[int], size: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return (n,) the bin of each place on a grid of ``size`` values, at most `BINS` of them, as even as they can be."""
    bins = min(BINS, size)
    return (np.asarray(places, dtype=np.int64) * bins) // size


def explained(group: np.ndarray[tuple[int], np.dtype[np.int64]], values: Floats) -> float:
    """Return epsilon squared: the share of the variance of the ranks of values (n,) between their groups (n,), less what chance alone would give."""
    ranks = rankdata(values)
    total = float(((ranks - ranks.mean()) ** 2).sum())
    groups = np.unique(group)
    if total == 0.0 or len(groups) < 2 or len(values) <= len(groups):
        return 0.0
    within = sum(float(((ranks[group == g] - ranks[group == g].mean()) ** 2).sum()) for g in groups)
    n, k = len(values), len(groups)
    return 1.0 - (within / (n - k)) / (total / (n - 1))

"""Which learning rates and initial scales train a network, with batch normalisation and without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from core._validate import Bools, Floats
from core.batch_norm.common import LEARNT, NORMED, PLAIN, Networks, curve, edge, grid, last
from core.studies.seeds import Spread, spread
from core.studies.study import Outcome, Part
from core.wording import number

# Rules whose steps are divided by the size of the gradient want smaller rates; momentum 0.9 multiplies each by ten in the end.
RANGES = {"sgd": (1e-2, 10.0**1.5), "momentum": (1e-3, 10.0**0.5), "adam": (1e-4, 10.0**0.5)}
"""Rule -> lowest and highest rate of a sweep."""
RATES, MAP_RATES = 19, 12
SCALES = tuple(float(f"{10.0**power:.3g}") for power in np.linspace(-1.0, 1.0, 9))
"""Times torch.nn.Linear's own initial weights."""
MAP_SEEDS = 3


def rates_of(rule: str, count: int) -> tuple[float, ...]:
    """Return the rates of a sweep, evenly spaced on a logarithmic scale."""
    low, high = RANGES[rule]
    return tuple(float(f"{rate:.3g}") for rate in np.geomspace(low, high, count))


class _Trained:
    """What became of networks (..., s, 2), whatever they were trained with."""

    study: Networks
    train: Floats

    @property
    def threshold(self) -> float:
        """The training loss below which a network has trained."""
        return LEARNT * self.study.ignorance

    @property
    def final(self) -> Floats:
        """(..., s, 2) the last training loss; infinite where the network has diverged."""
        return last(self.train)

    @property
    def trains(self) -> Bools:
        """(..., s, 2) where the network has trained."""
        found: Bools = self.final < self.threshold
        return found


@dataclass(frozen=True)
class RateResult(_Trained):
    """A sweep of rates.

    Attributes
    ----------
    study:
        Its settings.
    rates, epochs:
        (r,) and (n,)
    train, val:
        (r, s, 2, n) loss curves of each rate, seed, and network without and with batch normalisation; NaN once one has diverged.
    """

    study: RateSweep
    rates: Floats
    epochs: Floats
    train: Floats
    val: Floats

    @property
    def lowest(self) -> Floats:
        """(r, s, 2) the lowest training loss on the way, of networks that diverged as well."""
        found: Floats = np.fmin.reduce(self.train, axis=-1)
        return np.where(np.isfinite(found), found, np.inf)

    @property
    def largest(self) -> Floats:
        """(s, 2) the largest rate that still trains; NaN where none does."""
        return edge(self.trains, self.rates, highest=True)

    @property
    def smallest(self) -> Floats:
        """(s, 2) the smallest rate that trains in this time."""
        return edge(self.trains, self.rates, highest=False)

    @property
    def ratio(self) -> Spread:
        """The largest rate with batch normalisation over that without, by seed."""
        return spread(self.largest[:, NORMED] / self.largest[:, PLAIN])

    @property
    def lower(self) -> Spread:
        """The smallest rate without batch normalisation over that with it, by seed."""
        return spread(self.smallest[:, PLAIN] / self.smallest[:, NORMED])

    @property
    def best(self) -> Floats:
        """(s, 2) the lowest last training loss at any rate."""
        best: Floats = self.final.min(axis=0)
        return best

    @property
    def best_unseen(self) -> Floats:
        """(s, 2) the lowest last validation loss at any rate."""
        best: Floats = last(self.val).min(axis=0)
        return best

    @property
    def best_rate(self) -> Floats:
        """(2,) the rate whose median last training loss is lowest."""
        found: Floats = self.rates[np.median(self.final, axis=1).argmin(axis=0)]
        return found


@dataclass(frozen=True)
class RateSweep(Networks):
    """Final training loss against the learning rate, with and without batch normalisation, from equal seeds."""

    key: ClassVar[str] = "bn_rate_sweep"

    def parts(self) -> tuple[Part, ...]:
        """Return one family: rate x seed x with or without."""
        axes = grid(lr=rates_of(self.rule, RATES), seed=range(self.seeds), batch_norm=(False, True))
        return (Part(self.family(**axes)),)

    def conclude(self, outcomes: tuple[Outcome, ...]) -> RateResult:
        """Return the sweep."""
        (found,) = outcomes
        shape = (RATES, self.seeds, 2)
        rates = np.array(rates_of(self.rule, RATES))
        return RateResult(self, rates, found.epochs.astype(float), curve(found, "train_loss", *shape), curve(found, "val_loss", *shape))

    def table(self, result: RateResult) -> list[str]:
        """Return the result in lines."""
        ratio = result.ratio
        return [
            f"largest rate, without and with: {np.nanmedian(result.largest, axis=0)}",
            f"ratio {number(ratio.median)} ({number(ratio.low)} to {number(ratio.high)}), {ratio.values.size} of {ratio.of} seeds",
        ]

    @classmethod
    def shipped(cls) -> tuple[Self, ...]:
        """Return the page's first settings and those of its presets."""
        return (cls(), cls(activation="tanh", layers=2), cls(data="digits", seeds=4), cls(rule="adam"), cls(place="after"))


@dataclass(frozen=True)
class MapResult(_Trained):
    """A map over rate and initial scale.

    Attributes
    ----------
    study:
        Its settings.
    rates, scales, epochs:
        (r,), (c,) and (n,)
    train:
        (r, c, s, 2, n) training loss.
    """

    study: RateScaleMap
    rates: Floats
    scales: Floats
    epochs: Floats
    train: Floats

    @property
    def shares(self) -> Floats:
        """(s, 2) the share of the map's cells that train."""
        found: Floats = self.trains.mean(axis=(0, 1))
        return found

    @property
    def gain(self) -> Spread:
        """The share that trains with batch normalisation less that without, by seed."""
        return spread(self.shares[:, NORMED] - self.shares[:, PLAIN])

    @property
    def reach(self) -> Floats:
        """(r, 2) at each rate, how many of the scales train, mean over seeds: what a rate forgives in the start."""
        found: Floats = self.trains.sum(axis=1).mean(axis=1)
        return found


@dataclass(frozen=True)
class RateScaleMap(Networks):
    """Final training loss over learning rate and initial scale, with and without batch normalisation."""

    key: ClassVar[str] = "bn_rate_scale_map"
    epochs: int = 20
    seeds: int = MAP_SEEDS

    def parts(self) -> tuple[Part, ...]:
        """Return one family: rate x scale x seed x with or without."""
        axes = grid(lr=rates_of(self.rule, MAP_RATES), init_scale=SCALES, seed=range(self.seeds), batch_norm=(False, True))
        return (Part(self.family(**axes), curves=("train_loss",), every=2),)

    def conclude(self, outcomes: tuple[Outcome, ...]) -> MapResult:
        """Return the map."""
        (found,) = outcomes
        train = curve(found, "train_loss", MAP_RATES, len(SCALES), self.seeds, 2)
        return MapResult(self, np.array(rates_of(self.rule, MAP_RATES)), np.array(SCALES), found.epochs.astype(float), train)

    def table(self, result: MapResult) -> list[str]:
        """Return the result in lines."""
        shares = 100.0 * result.shares.mean(axis=0)
        gain = result.gain
        return [f"trains: {shares[0]:.0f} % without, {shares[1]:.0f} % with; gain {gain.mean:.3f} +- {gain.error:.3f}, {gain.of} seeds"]

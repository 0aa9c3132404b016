"""Networks compared where they fit the training data equally well.

Cross-entropy that goes on falling flattens the loss by itself: once every point is right, each further step makes all derivatives smaller. Sharpness
at the end of training therefore compares how far networks have got. Here each is looked at where its loss first comes down to a common level.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core._validate import Bools, Floats
from core.flatness.choices import LEVELS
from core.flatness.families import Families


@dataclass(frozen=True, eq=False)
class Matched:
    """What n networks are like at l common training losses, and at the end of training, which comes last.

    Attributes
    ----------
    families:
        What was measured.
    levels:
        (l,) training losses, falling.
    """

    families: Families
    levels: Floats

    @property
    def stops(self) -> int:
        """L + 1: the levels, and the end."""
        return len(self.levels) + 1

    @cached_property
    def _between(self) -> tuple[Bools, Floats, Floats]:
        """Which members reach each level (l, n), after which checkpoint, and how far on to the next in the logarithm of the loss."""
        train = np.log(np.maximum(self.families.number("train"), 1e-12))
        want = np.log(self.levels)[:, None, None]
        below = train[None] <= want
        # A level above the first checkpoint's loss was passed before anybody measured.
        reached = below.any(axis=2) & ~below[:, :, 0]
        later = np.maximum(below.argmax(axis=2), 1)
        member = np.arange(train.shape[0])[None]
        before, after = train[member, later - 1], train[member, later]
        share = np.clip((before - want[:, :, 0]) / np.maximum(before - after, 1e-12), 0.0, 1.0)
        return reached, later - 1, share

    def at(self, values: Floats, logarithmic: bool = False) -> Floats:
        """Return values (n, c) of the checkpoints at each level and at the end, (l + 1, n); NaN for networks that never come down to it.

        Between checkpoints they are straight in the logarithm of the loss, or with ``logarithmic`` their own logarithms are, where they are positive.
        """
        reached, before, share = self._between
        member = np.arange(len(values))[None]
        one, other = values[member, before], values[member, before + 1]
        between = (1.0 - share) * one + share * other
        if logarithmic:
            positive = (one > 0.0) & (other > 0.0)
            logs = [np.log(np.where(positive, each, 1.0)) for each in (one, other)]
            between = np.where(positive, np.exp((1.0 - share) * logs[0] + share * logs[1]), between)
        found: Floats = np.concatenate([np.where(reached, between, np.nan), values[None, :, -1]])
        return found

    def measure(self, name: str) -> Floats:
        """Return a measure of sharpness (l + 1, n); away from a minimum it need not be positive."""
        return self.at(self.families.number(name), logarithmic=True)

    @cached_property
    def gap(self) -> Floats:
        """(l + 1, n) the generalisation gap."""
        return self.at(self.families.gap)

    @cached_property
    def reached(self) -> Bools:
        """(l + 1, n) which networks there is something to say of."""
        return np.isfinite(self.gap)


def matched(families: Families) -> Matched:
    """Return the networks at levels from where nearly all have been to where few get."""
    train = families.number("train")
    train = train[families.well]
    first, least = (float(train[:, 0].min()), float(np.quantile(train.min(axis=1), 0.1))) if len(train) else (0.0, 0.0)
    high, low = (first, least) if 0.0 < least < first else (0.5, 0.05)
    return Matched(families, np.geomspace(0.98 * high, min(low, 0.9 * high), LEVELS))

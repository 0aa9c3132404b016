"""Why what survives is divided by 1 - p: the sum of many units with and without a fix, over many masks and by formula."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core._validate import Floats
from core.errors import InvalidInput

MASKS = 4000
MOST = 400
"""Units."""


@dataclass(frozen=True)
class Scaling:
    """The sum of N units, each giving the signal x, over many masks. All of it for every p.

    Attributes
    ----------
    p:
        (k,) probability of dropping.
    units, signal:
        N and x.
    plain:
        (k, masks) the sum without a fix; divided by 1 - p it is the inverted one.
    """

    p: Floats
    units: int
    signal: float
    plain: Floats

    @property
    def inverted(self) -> Floats:
        """(k, masks) the sum where what survives is divided by 1 - p."""
        return self.plain / (1.0 - self.p)[:, None]

    @property
    def full(self) -> float:
        """The sum in a test, with every unit: N x."""
        return self.units * self.signal

    @property
    def mean(self) -> Floats:
        """(k,) by formula, without a fix: N x (1 - p). Inverted it is N x."""
        return self.full * (1.0 - self.p)

    @property
    def plain_variance(self) -> Floats:
        """(k,) by formula, without a fix: N x^2 p (1 - p), a binomial's."""
        return self.units * self.signal**2 * self.p * (1.0 - self.p)

    @property
    def variance(self) -> Floats:
        """(k,) by formula, inverted: N x^2 p / (1 - p)."""
        return self.units * self.signal**2 * self.p / (1.0 - self.p)


def scaling(p: Floats, units: int = 100, signal: float = 1.0, seed: int = 0, masks: int = MASKS) -> Scaling:
    """Return the sums over ``masks`` masks, drawn with the same numbers at every p: a unit lives while its number is at least p.

    Raises
    ------
    InvalidInput
        Where there are no units, or more than `MOST`.
    """
    if not 1 <= units <= MOST:
        raise InvalidInput(f"{units} units", f"1 to {MOST}", "Take some of them.")
    draws = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, 3)))).random((masks, units), dtype=np.float32)
    # A number lives through all p up to itself: so many of them, and how many numbers last beyond each p is a sum from the far end.
    lasts = np.searchsorted(p, draws, side="right")
    counted = np.bincount((np.arange(masks)[:, None] * (len(p) + 1) + lasts).ravel(), minlength=masks * (len(p) + 1)).reshape(masks, -1)
    living = counted[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
    return Scaling(p, units, signal, signal * living.T)

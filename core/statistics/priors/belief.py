r"""Priors over weights: Gaussian, Laplace, and the elastic net's, each a density exp(-a |w| - c w^2) / Z of one weight, independent among weights.

    Gaussian      c = 1 / (2 s^2)                 standard deviation s
    Laplace       a = 1 / b                       standard deviation b sqrt(2)
    elastic net   a = tau rho, c = tau (1 - rho)  standard deviation from `Folded`, with error functions

With tau = a + c, minus the logarithm of the prior is tau R(w) plus a constant, R the penalty of the same name. Least squares with noise of standard
deviation sigma has minus log likelihood (n / sigma^2) L(w) plus a constant, L = |y - Xw|^2 / (2n). So the posterior's mode minimises
L + lambda R with lambda = tau sigma^2 / n: sigma^2 / (2 n s^2) for the Gaussian, sigma^2 / (n b) for the Laplace prior.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from core._validate import Floats, finite
from core.errors import InvalidInput
from core.penalties import L1, L2, ElasticNet, Penalty
from core.statistics.priors.folded import Folded

LABELS = {"gaussian": "Gaussian", "laplace": "Laplace", "elastic_net": "elastic net"}
# Logarithms of tau between which a standard deviation is looked for, and halvings that leave nothing of the gap.
_ENDS = (-40.0, 40.0)
_HALVINGS = 70


@dataclass(frozen=True, eq=False)
class Prior:
    """A family of priors of one kind, by their standard deviations.

    Attributes
    ----------
    key:
        "gaussian", "laplace" or "elastic_net".
    rho:
        The L1 share of the elastic net.
    scale:
        (k,) standard deviations.
    strength:
        (k,) tau, the weight of the penalty in minus the log density.
    """

    key: str
    rho: float
    scale: Floats
    strength: Floats

    @property
    def penalty(self) -> Penalty:
        """R."""
        return {"gaussian": L2(), "laplace": L1(), "elastic_net": ElasticNet(self.rho)}[self.key]

    @property
    def label(self) -> str:
        """The prior's name."""
        return LABELS[self.key]

    @property
    def ink(self) -> str:
        """The name of its colour: its penalty's."""
        return self.penalty.key

    @property
    def a(self) -> Floats:
        """(k,) what stands before |w|."""
        return self.strength * self.penalty.l1

    @property
    def c(self) -> Floats:
        """(k,) what stands before w^2."""
        return self.strength * self.penalty.l2

    @cached_property
    def density(self) -> Folded:
        """The density of one weight, (k,)."""
        return Folded(2.0 * self.c, 0.0, self.a)

    def lam(self, sigma: float, n: int) -> Floats:
        """Return lambda of the penalised problem, (k,), for n >= 1 points with noise sigma."""
        if n < 1:
            raise InvalidInput(f"n = {n}", "1 point or more", "Lambda weighs the prior against data; without any there is nothing to weigh.")
        weight: Floats = self.strength * sigma**2 / n
        return weight


def prior_of(key: str, scale: ArrayLike, rho: float = 0.5) -> Prior:
    """Return the priors of one kind with the standard deviations ``scale`` (k,)."""
    if key not in LABELS:
        raise InvalidInput(f"prior = {key!r}", "one of " + ", ".join(LABELS), "Choose one of these priors.")
    deviation = np.atleast_1d(finite(scale, "scale"))
    if deviation.ndim > 1 or not deviation.min(initial=np.inf) > 0.0:
        raise InvalidInput("scale with a number that is not above 0", "standard deviations above 0, (k,)", "Pass positive standard deviations.")
    l1 = {"gaussian": 0.0, "laplace": 1.0, "elastic_net": float(rho)}[key]
    return Prior(key, float(rho), deviation, _strength(deviation, l1))


def _strength(deviation: Floats, rho: float) -> Floats:
    """Return the tau (k,) at which exp(-tau (rho |w| + (1 - rho) w^2)) has these standard deviations."""
    if rho == 0.0:
        return np.asarray(0.5 / deviation**2)
    if rho == 1.0:
        return np.asarray(np.sqrt(2.0) / deviation)
    low, high = (np.full(deviation.shape, end) for end in _ENDS)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        tau = np.exp(middle)
        wide = Folded(2.0 * tau * (1.0 - rho), 0.0, tau * rho).square > deviation**2  # a larger tau is narrower
        low, high = np.where(wide, middle, low), np.where(wide, high, middle)
    return np.asarray(np.exp(0.5 * (low + high)))
